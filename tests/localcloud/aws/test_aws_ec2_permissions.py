"""Rules of security groups: taken apart and put together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.ec2.addresses import Ipv6Block, ipv4_block, ipv6_block, same_block
from localcloud.aws.ec2.permissions import (
    atoms,
    description_problem,
    live_atoms,
    permissions_of,
    protocol_name,
    rules_of,
)

GROUP = "sg-own"

ports = st.integers(0, 65535)
rules = st.fixed_dictionaries(
    {
        "protocol": st.sampled_from(["tcp", "udp", "6", "icmp"]),
        "fromPort": ports,
        "toPort": ports,
        "self": st.booleans(),
    },
    optional={
        "cidrBlocks": st.lists(st.sampled_from(["10.0.0.0/8", "0.0.0.0/0", "192.0.2.0/24"]), unique=True),
        "ipv6CidrBlocks": st.lists(st.sampled_from(["::/0", "2001:db8::/32"]), unique=True),
        "securityGroups": st.lists(st.sampled_from(["sg-1", "sg-2"]), unique=True),
        "prefixListIds": st.lists(st.sampled_from(["pl-1", "pl-2"]), unique=True),
        "description": st.sampled_from(["one", "two"]),
    },
)
rule_lists = st.lists(rules, max_size=5)


@given(written=rule_lists)
def test_ec2_is_told_what_was_written(written: list[dict[str, Any]]) -> None:
    wanted = atoms(written, GROUP)
    assert set(live_atoms(permissions_of(wanted))) == set(wanted)


@given(written=rule_lists)
def test_rules_that_hold_are_kept_as_written(written: list[dict[str, Any]]) -> None:
    assert rules_of(atoms(written, GROUP), written, GROUP) == written


@given(written=rule_lists, declared=rule_lists)
def test_rules_told_mean_what_is_there(written: list[dict[str, Any]], declared: list[dict[str, Any]]) -> None:
    live = atoms(written, GROUP)
    told = rules_of(live, declared, GROUP)
    assert set(atoms(told, GROUP)) == set(live)
    assert set(atoms(rules_of(live, [], GROUP), GROUP)) == set(live)


def test_all_protocols_have_no_ports() -> None:
    found = atoms([{"protocol": "all", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}], GROUP)
    assert permissions_of(found) == [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


def test_the_group_itself_is_self() -> None:
    rule = {"protocol": "tcp", "fromPort": 1, "toPort": 2, "securityGroups": [GROUP]}
    told = rules_of(atoms([rule], GROUP), [], GROUP)
    assert told == [{"protocol": "tcp", "fromPort": 1, "toPort": 2, "self": True}]


@pytest.mark.parametrize(
    ("given_name", "name"), [("6", "tcp"), ("TCP", "tcp"), ("all", "-1"), ("-1", "-1"), ("132", "132")]
)
def test_protocols_have_one_name(given_name: str, name: str) -> None:
    assert protocol_name(given_name) == name


def test_descriptions() -> None:
    assert description_problem("Ok: 1.2-3_/()#,@[]+=&;{}!$*") is None
    assert description_problem("ü") is not None
    assert description_problem("x" * 256) is not None


def test_blocks() -> None:
    check = ipv4_block(16, 28)
    assert check("10.0.0.0/16") is None
    for wrong in ("10.0.0.0/8", "10.0.0.1/16", "10.0.0.0", "x", "::/0"):
        assert check(wrong), wrong
    assert "10.0.0.0/16" in (check("10.0.0.1/16") or "")
    assert ipv6_block("2001:db8::/56") is None
    assert ipv6_block("2001:db8::1/56")
    assert ipv6_block("2001:db8::")


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_a_block_is_the_same_however_it_is_written(address: Any, length: int) -> None:
    import ipaddress

    network = ipaddress.IPv6Network((address, length), strict=False)
    assert Ipv6Block().same(network.compressed, network.exploded)
    assert same_block(network.compressed, network.exploded)
    assert ipv6_block(network.compressed) is None
