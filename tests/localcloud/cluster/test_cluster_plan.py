"""The network plan: inside its block, apart from one another, and never where something is."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cluster.plan import NetworkPlan, NoFreeNetworkError, candidates, choose

seeds = st.text(max_size=12)
addresses = st.integers(0, 2**32 - 1) | st.sampled_from([int(each[0]) for each in candidates("a")])
networks = st.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False), addresses, st.integers(8, 32)
)


@given(seeds, st.lists(networks, max_size=60))
def test_what_is_chosen_overlaps_nothing_that_is_taken(seed: str, taken: list[IPv4Network]):
    try:
        plan = choose(seed, taken)
    except NoFreeNetworkError:
        assert all(any(block.overlaps(network) for network in taken) for block in candidates(seed))
    else:
        assert not any(plan.block.overlaps(network) for network in taken)


@given(seeds)
def test_every_seed_tries_the_same_private_blocks_once(seed: str):
    blocks = candidates(seed)
    assert len(set(blocks)) == len(blocks)
    assert set(blocks) == set(candidates("another"))
    assert all(block.is_private for block in blocks)


@given(seeds.map(lambda seed: choose(seed, [])))
def test_the_parts_of_a_plan_are_apart_and_inside(plan: NetworkPlan):
    parts = [plan.link, plan.pods, plan.services]
    assert all(part.subnet_of(plan.block) for part in parts)
    assert not any(a.overlaps(b) for a in parts for b in parts if a is not b)
    assert {plan.host_address, plan.node_address} == set(plan.link.hosts())
    assert plan.api_service_address in plan.services
    assert plan.dns_address in plan.services


def test_a_default_route_in_halves_takes_nothing_and_a_routed_company_network_is_avoided():
    halves = [IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1"), IPv4Network("0.0.0.0/0")]
    assert choose("a", halves) == choose("a", [])
    assert str(choose("a", [IPv4Network("10.0.0.0/8")]).block).startswith("172.16.")


def test_no_free_block_is_one_line_with_a_way_out():
    everything = [IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("198.18.0.0/15")]
    with pytest.raises(NoFreeNetworkError, match="--kube-context"):
        choose("a", everything)


@pytest.mark.parametrize("block", ["10.1.0.0/24", "8.8.0.0/16"])
def test_a_block_must_be_a_private_16(block: str):
    with pytest.raises(ValueError, match="is not a private /16"):
        NetworkPlan(block=IPv4Network(block))
