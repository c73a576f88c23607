"""Rules of security groups, taken apart into the smallest ones and put together again.

A program writes one rule for several sources, EC2 keeps one for each source: `atoms` makes the two
comparable.

Source: hashicorp/terraform-provider-aws internal/service/ec2/vpc_security_group.go
@ 01606926a0c0ab9174aec440f976a48b0baee722.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localcloud.fields import Text
from localcloud.resource import Properties

ALL_PROTOCOLS = "-1"

_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": ALL_PROTOCOLS}

_DESCRIPTION = r"[A-Za-z0-9 \.\_\-\:\/\(\)\#\,\@\[\]\+\=\&\;\{\}\!\$\*]*"

# A rule's list of sources, the kind of an atom, EC2's list of them, and the key in there.
_SOURCES = (
    ("cidrBlocks", "IpRanges", "CidrIp"),
    ("ipv6CidrBlocks", "Ipv6Ranges", "CidrIpv6"),
    ("prefixListIds", "PrefixListIds", "PrefixListId"),
    ("securityGroups", "UserIdGroupPairs", "GroupId"),
)


@dataclass(frozen=True, order=True)
class Atom:
    """One rule with one source. `ports`: first and last, None for all protocols. `kind`: EC2's list name."""

    protocol: str
    ports: tuple[int, int] | None
    kind: str
    source: str
    description: str = ""


def protocol_name(protocol: str) -> str:
    """Return a protocol's usual name: ``6`` is ``tcp``, ``all`` is ``-1``."""
    lower = protocol.lower()
    return _NUMBERS.get(lower, lower)


class Protocol(Text):
    """A protocol's name or number; ``tcp`` and ``6`` are the same."""

    def same(self, old: Any, new: Any) -> bool:
        if isinstance(old, str) and isinstance(new, str):
            return protocol_name(old) == protocol_name(new)
        return old == new


def description_problem(text: str) -> str | None:
    """Return what is wrong with a rule's description."""
    if len(text) > 255:
        return f"must have at most 255 characters, not {len(text)}"
    if not re.fullmatch(_DESCRIPTION, text):
        return "may hold letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* only"
    return None


def atoms(rules: Iterable[Properties], group: str) -> dict[Atom, None]:
    """Take a program's rules apart, in order; `group` is the security group's own id, meant by ``self``."""
    found: dict[Atom, None] = {}
    for rule in rules:
        protocol = protocol_name(rule["protocol"])
        ports = None if protocol == ALL_PROTOCOLS else (rule["fromPort"], rule["toPort"])
        for name, kind, _key in _SOURCES:
            for source in rule.get(name) or []:
                found[Atom(protocol, ports, kind, source, rule.get("description") or "")] = None
        if rule.get("self"):
            found[Atom(protocol, ports, "UserIdGroupPairs", group, rule.get("description") or "")] = None
    return found


def live_atoms(permissions: Iterable[dict[str, Any]]) -> dict[Atom, None]:
    """Take EC2's permissions apart, in order."""
    found: dict[Atom, None] = {}
    for permission in permissions:
        protocol = protocol_name(permission["IpProtocol"])
        first, last = permission.get("FromPort"), permission.get("ToPort")
        ports = None if protocol == ALL_PROTOCOLS or first is None or last is None else (first, last)
        for _name, kind, key in _SOURCES:
            for source in permission.get(kind) or []:
                if source.get(key):
                    atom = Atom(protocol, ports, kind, source[key], source.get("Description") or "")
                    found[atom] = None
    return found


def permissions_of(wanted: Iterable[Atom]) -> list[dict[str, Any]]:
    """Put atoms together into what EC2's authorize and revoke calls take."""
    grouped: dict[tuple[str, tuple[int, int] | None], dict[str, Any]] = {}
    keys = {kind: key for _name, kind, key in _SOURCES}
    for atom in wanted:
        permission = grouped.setdefault((atom.protocol, atom.ports), {"IpProtocol": atom.protocol})
        if atom.ports is not None:
            permission["FromPort"], permission["ToPort"] = atom.ports
        source = {keys[atom.kind]: atom.source}
        if atom.description:
            source["Description"] = atom.description
        permission.setdefault(atom.kind, []).append(source)
    return list(grouped.values())


def rules_of(live: dict[Atom, None], declared: list[Properties], group: str) -> list[Properties]:
    """Return the live rules in a program's words: the `declared` ones that hold, then the others grouped."""
    kept: list[Properties] = []
    rest = dict(live)
    for rule in declared:
        parts = atoms([rule], group)
        if all(part in live for part in parts):
            kept.append(rule)
            for part in parts:
                rest.pop(part, None)
    return kept + _grouped(rest, group)


def _grouped(live: dict[Atom, None], group: str) -> list[Properties]:
    names = {kind: name for name, kind, _key in _SOURCES}
    found: dict[tuple[str, tuple[int, int] | None, str], Properties] = {}
    for atom in live:
        first, last = atom.ports or (0, 0)
        rule = found.setdefault(
            (atom.protocol, atom.ports, atom.description),
            {"protocol": atom.protocol, "fromPort": first, "toPort": last, "self": False},
        )
        if atom.description:
            rule["description"] = atom.description
        if atom.kind == "UserIdGroupPairs" and atom.source == group:
            rule["self"] = True
        else:
            rule.setdefault(names[atom.kind], []).append(atom.source)
    return list(found.values())
