"""aws:ec2/securityGroup:SecurityGroup."""

from __future__ import annotations

import re
from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2 import permissions
from localcloud.aws.ec2.addresses import ipv4_block, ipv6_block
from localcloud.aws.ec2.base import Ec2Type, filters, first, tags_of
from localcloud.aws.names import unique_name
from localcloud.fields import Autoname, Block, Failures, Flag, Integer, ListOf, SetOf, Text
from localcloud.resource import Operation, Properties
from localcloud.values import UNKNOWN

_GONE = "InvalidGroup.NotFound"
_NO_RULE = "InvalidPermission.NotFound"

# Digits of the suffix that goes behind a name prefix.
_SUFFIX = 26


def _no_id(name: str) -> str | None:
    return "can't begin with sg-" if name.startswith("sg-") else None


_RULE = Block(
    fields={
        "cidrBlocks": ListOf(element=Text(check=ipv4_block())),
        "description": Text(check=permissions.description_problem),
        "fromPort": Integer(required=True),
        "ipv6CidrBlocks": ListOf(element=Text(check=ipv6_block)),
        "prefixListIds": ListOf(element=Text()),
        "protocol": permissions.Protocol(required=True),
        "securityGroups": SetOf(element=Text()),
        "self": Flag(default=False),
        "toPort": Integer(required=True),
    }
)


# What a rule may be about; EC2 refuses one that is about nothing.
_SOURCES = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups", "self")


class SecurityGroup(Ec2Type):
    """A set of firewall rules, its own or those of rule resources beside it (not both).

    As with the official provider, the egress rule that EC2 gives a new group is removed.
    """

    token = "aws:ec2/securityGroup:SecurityGroup"
    source = read_from("ec2/vpc_security_group.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    tag_kind = "security-group"
    taggable = True
    inputs = {
        "description": Text(default="Managed by Pulumi", force_new=True, max_length=255),
        "egress": SetOf(element=_RULE, computed=True),
        "ingress": SetOf(element=_RULE, computed=True),
        "name": Text(
            force_new=True,
            max_length=255,
            autoname=Autoname(limit=255),
            conflicts=("namePrefix",),
            check=_no_id,
        ),
        "namePrefix": Text(
            computed=True, force_new=True, max_length=255 - _SUFFIX, conflicts=("name",), check=_no_id
        ),
        "revokeRulesOnDelete": Flag(default=False),
        "vpcId": Text(computed=True, force_new=True),
    }
    outputs = ("arn", "ownerId")

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        for name in ("ingress", "egress"):
            rules = inputs.get(name)
            for index, rule in enumerate(rules if isinstance(rules, list) else []):
                if rule is UNKNOWN:
                    continue
                if all(rule.get(source) in (None, [], False) for source in _SOURCES):
                    reason = f"needs at least one of {', '.join(_SOURCES)}"
                    failures.append((f"{name}[{index}]", reason))
                if rule["protocol"] is UNKNOWN:
                    continue
                every = permissions.protocol_name(rule["protocol"]) == permissions.ALL_PROTOCOLS
                if every and any(rule[port] not in (0, UNKNOWN) for port in ("fromPort", "toPort")):
                    reason = "and toPort must both be 0 with the protocol '-1' (all)"
                    failures.append((f"{name}[{index}].fromPort", reason))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        given = {"VpcId": inputs["vpcId"]} if inputs.get("vpcId") else {}
        identity = client.create_security_group(
            GroupName=inputs.get("name") or unique_name(inputs["namePrefix"]),
            Description=inputs["description"],
            TagSpecifications=self.tag_specifications(inputs),
            **given,
        )["GroupId"]
        operation.made(identity)
        egress = permissions.atoms(inputs.get("egress") or [], identity)
        ingress = permissions.atoms(inputs.get("ingress") or [], identity)
        self._set_rules(client, identity, "egress", self._first_egress(identity, inputs, egress), egress)
        self._set_rules(client, identity, "ingress", {}, ingress)
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        group = self._describe(identity, state)
        if group is None:
            return None
        name = group["GroupName"]
        found = {
            "arn": self.arn(state, f"security-group/{identity}"),
            "description": group["Description"],
            "name": name,
            "namePrefix": name[:-_SUFFIX] if re.fullmatch(r".+\d{18}[0-9a-f]{8}", name) else None,
            "ownerId": group["OwnerId"],
            "revokeRulesOnDelete": state.get("revokeRulesOnDelete", False),
            "vpcId": group.get("VpcId"),
        }
        for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
            live = permissions.live_atoms(group[key])
            found[direction] = permissions.rules_of(live, state.get(direction) or [], identity)
        return self.live(state, found, tags_of(group))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        group = self._describe(identity, new)
        if group is None:
            return
        for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
            if new.get(direction) is None:
                continue
            live = permissions.live_atoms(group[key])
            before = permissions.atoms(old.get(direction) or [], identity)
            wanted = permissions.atoms(new[direction], identity)
            # Rules that neither the old nor the new inputs name belong to others: they stay.
            obsolete = {atom: None for atom in live if atom in before}
            kept = {atom: None for atom in live if atom in wanted}
            self._set_rules(client, identity, direction, {**obsolete, **kept}, wanted)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        if state.get("revokeRulesOnDelete"):
            self._revoke_all(client, identity, state)
        attempt([_GONE], client.delete_security_group, GroupId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        criteria = filters(vpc_id=inputs["vpcId"]) if inputs.get("vpcId") else []
        name = inputs.get("name")
        if name is not None:
            criteria += filters(group_name=name)
        groups = self.client(inputs).describe_security_groups(Filters=criteria)["SecurityGroups"]
        if name is not None:
            return groups[0]["GroupId"] if len(groups) == 1 else None
        mine = (each for each in groups if each["GroupName"].startswith(inputs["namePrefix"]))
        return self.only(((each["GroupId"], tags_of(each)) for each in mine), inputs)

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        call = self.client(properties).describe_security_groups
        return first(_GONE, call, "SecurityGroups", GroupIds=[identity])

    def _first_egress(
        self, identity: str, inputs: Properties, wanted: dict[permissions.Atom, None]
    ) -> dict[permissions.Atom, None]:
        """Return the egress rules of a new group; EC2 is asked only if it matters whether it speaks IPv6."""
        if any(atom.source == "::/0" for atom in wanted):
            group = self._describe(identity, inputs)
            return permissions.live_atoms(group["IpPermissionsEgress"]) if group else {}
        return permissions.live_atoms(_FIRST_EGRESS)

    def _set_rules(
        self,
        client: Any,
        identity: str,
        direction: str,
        live: dict[permissions.Atom, None],
        wanted: dict[permissions.Atom, None],
    ) -> None:
        """Bring the rules from `live` to `wanted`: first revoke, since a new description is a new rule."""
        obsolete = [atom for atom in live if atom not in wanted]
        if obsolete:
            revoke = getattr(client, f"revoke_security_group_{direction}")
            given = permissions.permissions_of(obsolete)
            attempt([_NO_RULE], revoke, GroupId=identity, IpPermissions=given)
        missing = [atom for atom in wanted if atom not in live]
        if missing:
            authorize = getattr(client, f"authorize_security_group_{direction}")
            authorize(GroupId=identity, IpPermissions=permissions.permissions_of(missing))

    def _revoke_all(self, client: Any, identity: str, state: Properties) -> None:
        group = self._describe(identity, state)
        for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
            if group is not None and group[key]:
                self._set_rules(client, identity, direction, permissions.live_atoms(group[key]), {})


# The rules that EC2 gives a new group.
_FIRST_EGRESS = [
    {
        "IpProtocol": "-1",
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }
]
