import ipaddress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.checks import InvalidArgument
from components.network.addressing import TIERS, AddressPlan

blocks = st.builds(
    lambda prefix, number: str(
        ipaddress.IPv4Network(((10 << 24) | ((number << 12) & 0xFFFFFF), prefix), False)
    ),
    st.integers(16, 20),
    st.integers(0, 4095),
)
zone_sets = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).map(tuple)
plans = st.builds(AddressPlan, cidr=blocks, zones=zone_sets)


@given(plans)
def test_subnets_lie_in_their_tier_and_tiers_in_the_network(plan: AddressPlan) -> None:
    network = ipaddress.IPv4Network(plan.cidr)
    for tier in TIERS:
        block = ipaddress.IPv4Network(plan.tier(tier))
        assert block.subnet_of(network)
        for subnet in plan.subnets(tier).values():
            assert ipaddress.IPv4Network(subnet).subnet_of(block)
            assert 16 <= ipaddress.IPv4Network(subnet).prefixlen <= 28


@given(plans)
def test_nothing_overlaps(plan: AddressPlan) -> None:
    subnets = [ipaddress.IPv4Network(block) for tier in TIERS for block in plan.subnets(tier).values()]
    assert len(subnets) == len(TIERS) * len(plan.zones)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(plans)
def test_a_quarter_stays_free(plan: AddressPlan) -> None:
    taken = sum(ipaddress.IPv4Network(plan.tier(tier)).num_addresses for tier in TIERS)
    assert taken * 4 == ipaddress.IPv4Network(plan.cidr).num_addresses * 3


@given(blocks, zone_sets, st.sampled_from("abcd"))
def test_another_zone_moves_no_subnet(cidr: str, zones: tuple[str, ...], extra: str) -> None:
    before = AddressPlan(cidr=cidr, zones=zones)
    after = AddressPlan(cidr=cidr, zones=tuple(dict.fromkeys((extra, *zones))))
    for tier in TIERS:
        assert before.subnets(tier).items() <= after.subnets(tier).items()


ipv6_blocks = st.integers(0, 2**24 - 1).map(
    lambda number: str(ipaddress.IPv6Network(((0x2600 << 112) | (number << 72), 56)))
)


@given(plans, ipv6_blocks)
def test_ipv6_subnets_lie_apart_in_the_network(plan: AddressPlan, block: str) -> None:
    network = ipaddress.IPv6Network(block)
    subnets = [
        ipaddress.IPv6Network(one) for tier in TIERS for one in plan.subnets_ipv6(tier, block).values()
    ]
    assert len(set(subnets)) == len(TIERS) * len(plan.zones)
    assert all(one.prefixlen == 64 and one.subnet_of(network) for one in subnets)


@given(blocks, zone_sets, st.sampled_from("abcd"), ipv6_blocks)
def test_another_zone_moves_no_ipv6_subnet(cidr: str, zones: tuple[str, ...], extra: str, block: str) -> None:
    before = AddressPlan(cidr=cidr, zones=zones)
    after = AddressPlan(cidr=cidr, zones=tuple(dict.fromkeys((extra, *zones))))
    for tier in TIERS:
        assert before.subnets_ipv6(tier, block).items() <= after.subnets_ipv6(tier, block).items()


@pytest.mark.parametrize(
    ("cidr", "zones", "field"),
    [
        ("10.0.0.0/15", ("a",), "cidr"),
        ("10.0.0.0/21", ("a",), "cidr"),
        ("10.0.0.1/16", ("a",), "cidr"),
        ("11.0.0.0/16", ("a",), "cidr"),
        ("fd00::/16", ("a",), "cidr"),
        ("", ("a",), "cidr"),
        ("10.0.0.0/16", (), "zones"),
        ("10.0.0.0/16", ("a", "a"), "zones"),
        ("10.0.0.0/16", ("e",), "zones"),
        ("10.0.0.0/16", ("ab",), "zones"),
        ("10.0.0.0/16", ("",), "zones"),
    ],
)
def test_what_can_not_be_planned_with_is_refused(cidr: str, zones: tuple[str, ...], field: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is ") as problem:
        AddressPlan(cidr=cidr, zones=zones)
    assert "\n" not in str(problem.value)
