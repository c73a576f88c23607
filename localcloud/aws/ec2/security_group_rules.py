"""aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule and its egress counterpart."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.addresses import Ipv6Block, ipv4_block
from localcloud.aws.ec2.base import Ec2Type, filters, first, tags_of
from localcloud.aws.ec2.permissions import ALL_PROTOCOLS, Protocol, description_problem, protocol_name
from localcloud.compare import Change, Kind
from localcloud.fields import Failures, Integer, Text
from localcloud.resource import Operation, Properties
from localcloud.values import UNKNOWN

_RULE_GONE = "InvalidSecurityGroupRuleId.NotFound"
_GONE = [_RULE_GONE, "InvalidPermission.NotFound", "InvalidGroup.NotFound"]

# The inputs that name a rule's source: EC2's list, the key in there, and the name in a modify call.
_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp", "CidrIpv4"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId", "ReferencedGroupId"),
}

# The local endpoint changes neither the value of these sources nor the description of rules with them.
_FIXED = ("prefixListId", "referencedSecurityGroupId")


class _SecurityGroupRule(Ec2Type):
    """One rule with one source."""

    tag_kind = "security-group-rule"
    taggable = True
    direction: ClassVar[str]
    inputs = {
        "securityGroupId": Text(required=True, force_new=True),
        "ipProtocol": Protocol(required=True),
        "cidrIpv4": Text(check=ipv4_block()),
        "cidrIpv6": Ipv6Block(),
        "description": Text(check=description_problem),
        "fromPort": Integer(minimum=-1, maximum=65535),
        "prefixListId": Text(),
        "referencedSecurityGroupId": Text(),
        "toPort": Integer(minimum=-1, maximum=65535),
    }
    outputs = ("arn", "securityGroupRuleId")
    exactly_one = (tuple(_SOURCES),)

    def validate(self, inputs: Properties) -> Failures:
        protocol = inputs.get("ipProtocol")
        if protocol is UNKNOWN or protocol is None or protocol_name(protocol) != ALL_PROTOCOLS:
            return []
        return [
            (port, "can't be given with the protocol '-1' (all)")
            for port in ("fromPort", "toPort")
            if inputs.get(port) not in (None, -1, UNKNOWN)
        ]

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        found = super().extra_changes(old, new, state)
        kind = _source_kind(old)
        changed = {name for name in _SOURCES if not self.inputs[name].same(old.get(name), new.get(name))}
        other_kind = kind is not None and new.get(kind) is None
        if changed and (other_kind or changed & {"cidrIpv6", *_FIXED}):
            found += [Change(name, Kind.UPDATE, replace=True) for name in sorted(changed)]
        elif kind in _FIXED and old.get("description") != new.get("description"):
            found.append(Change("description", Kind.UPDATE, replace=True))
        return found

    def make(self, operation: Operation, inputs: Properties) -> str:
        authorize = getattr(self.client(inputs), f"authorize_security_group_{self.direction}")
        answer = authorize(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(inputs)],
            TagSpecifications=self.tag_specifications(inputs),
        )
        return answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        call = client.describe_security_group_rules
        rule = first(_RULE_GONE, call, "SecurityGroupRules", SecurityGroupRuleIds=[identity])
        if rule is None or rule["IsEgress"] != (self.direction == "egress"):
            return None
        reference = rule.get("ReferencedGroupInfo") or {}
        found = {
            "arn": self.arn(state, f"security-group-rule/{identity}"),
            "cidrIpv4": rule.get("CidrIpv4"),
            "cidrIpv6": rule.get("CidrIpv6"),
            "description": rule.get("Description") or None,
            "fromPort": _port(rule, "FromPort", state.get("fromPort")),
            "ipProtocol": protocol_name(rule["IpProtocol"]),
            "prefixListId": rule.get("PrefixListId"),
            "referencedSecurityGroupId": reference.get("GroupId"),
            "securityGroupId": rule["GroupId"],
            "securityGroupRuleId": identity,
            "toPort": _port(rule, "ToPort", state.get("toPort")),
        }
        kind = _source_kind(found)
        if kind in _FIXED and found["description"] is None:
            found["description"] = self._grouped_description(client, found, kind)
        return self.live(state, found, tags_of(rule))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        kind = _source_kind(new)
        assert kind is not None  # check saw to it
        every = protocol_name(new["ipProtocol"]) == ALL_PROTOCOLS
        rule: dict[str, Any] = {
            "IpProtocol": protocol_name(new["ipProtocol"]),
            "FromPort": -1 if every else new.get("fromPort", -1),
            "ToPort": -1 if every else new.get("toPort", -1),
            _SOURCES[kind][2]: new[kind],
        }
        if kind not in _FIXED:
            rule["Description"] = new.get("description", "")
        self.client(new).modify_security_group_rules(
            GroupId=new["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": identity, "SecurityGroupRule": rule}],
        )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        revoke = getattr(self.client(state), f"revoke_security_group_{self.direction}")
        attempt(_GONE, revoke, GroupId=state["securityGroupId"], SecurityGroupRuleIds=[identity])

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        # A group can't hold two rules of the same protocol, ports and source: together they name one.
        call = self.client(inputs).describe_security_group_rules
        answer = attempt(["InvalidGroup.NotFound"], call, Filters=filters(group_id=inputs["securityGroupId"]))
        kind = _source_kind(inputs)
        for rule in (answer or {}).get("SecurityGroupRules", []):
            reference = rule.get("ReferencedGroupInfo") or {}
            live = {
                "cidrIpv4": rule.get("CidrIpv4"),
                "cidrIpv6": rule.get("CidrIpv6"),
                "prefixListId": rule.get("PrefixListId"),
                "referencedSecurityGroupId": reference.get("GroupId"),
            }
            same_ports = all(
                rule.get(key, -1) == inputs.get(name, -1)
                for key, name in (("FromPort", "fromPort"), ("ToPort", "toPort"))
            )
            same_protocol = protocol_name(rule["IpProtocol"]) == protocol_name(inputs["ipProtocol"])
            same_direction = rule["IsEgress"] == (self.direction == "egress")
            same_source = kind is not None and live[kind] == inputs[kind]
            if same_ports and same_protocol and same_direction and same_source:
                return rule["SecurityGroupRuleId"]
        return None

    def _grouped_description(self, client: Any, found: Properties, kind: str) -> str | None:
        """Return a description that the endpoint tells with the group's permissions only."""
        list_name, key, _name = _SOURCES[kind]
        call = client.describe_security_groups
        group = first("InvalidGroup.NotFound", call, "SecurityGroups", GroupIds=[found["securityGroupId"]])
        side = "IpPermissionsEgress" if self.direction == "egress" else "IpPermissions"
        for permission in (group or {}).get(side, []):
            same_protocol = protocol_name(permission["IpProtocol"]) == found["ipProtocol"]
            same_ports = (permission.get("FromPort"), permission.get("ToPort")) == (
                found["fromPort"],
                found["toPort"],
            )
            for source in permission.get(list_name) or []:
                if same_protocol and same_ports and source.get(key) == found[kind]:
                    return source.get("Description") or None
        return None


class SecurityGroupIngressRule(_SecurityGroupRule):
    """One rule for what may come in.

    The official provider changes a rule in place unless the kind of its source changes. The local endpoint
    can't change an IPv6 block, a prefix list, a referenced group, or the description beside one of the latter
    two: the rule is replaced then.
    """

    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    source = read_from("ec2/vpc_security_group_ingress_rule.go", "00a322094b4b9ade8a81b244345dbcf4b52ee8d6")
    direction = "ingress"


class SecurityGroupEgressRule(_SecurityGroupRule):
    """One rule for what may go out.

    The official provider changes a rule in place unless the kind of its source changes. The local endpoint
    can't change an IPv6 block, a prefix list, a referenced group, or the description beside one of the latter
    two: the rule is replaced then.
    """

    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    source = read_from("ec2/vpc_security_group_egress_rule.go", "00a322094b4b9ade8a81b244345dbcf4b52ee8d6")
    direction = "egress"


def _source_kind(properties: Properties) -> str | None:
    return next((name for name in _SOURCES if properties.get(name) is not None), None)


def _port(rule: dict[str, Any], key: str, declared: Any) -> int | None:
    """Return a port; EC2 answers -1 for none, which is only said if the program said it too."""
    port = rule.get(key)
    return None if port == -1 and declared is None else port


def _permission(inputs: Properties) -> dict[str, Any]:
    kind = _source_kind(inputs)
    assert kind is not None  # check saw to it
    list_name, key, _name = _SOURCES[kind]
    source = {key: inputs[kind]}
    if inputs.get("description"):
        source["Description"] = inputs["description"]
    permission: dict[str, Any] = {"IpProtocol": protocol_name(inputs["ipProtocol"]), list_name: [source]}
    if permission["IpProtocol"] != ALL_PROTOCOLS:
        for name, parameter in (("fromPort", "FromPort"), ("toPort", "ToPort")):
            if inputs.get(name) is not None:
                permission[parameter] = inputs[name]
    return permission
