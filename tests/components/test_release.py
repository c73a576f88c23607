"""How a new version takes over: by numbers of pods, and with the old one serving until it can't be missed."""

from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Registered, Run, run

from components.checks import InvalidArgument
from components.services import Port, Release, Scaling, Service
from components.services.release import colour, share, tracks

OLD = examples.IMAGE
NEW = "understudy.local/orders@sha256:" + "b" * 64
TRACK = "understudy.dev/track"
PORTS = (Port(name="grpc", number=50051), Port(name="http", number=8080, exposed=False))


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Service, **{"ports": PORTS, "uses": (), "replicas": 3, **changes}))


def released(strategy: str, image: str = OLD, candidate: str | None = None, **changes: Any) -> Run:
    return built(image=image, release=Release(strategy=strategy, candidate=candidate, **changes))  # type: ignore[arg-type]


def deployments(service: Run) -> dict[str, Registered]:
    return {one.inputs["metadata"]["name"]: one for one in service.of("apps/v1:Deployment")}


def image_of(deployment: Registered) -> str:
    return deployment.inputs["spec"]["template"]["spec"]["containers"][0]["image"]


def traffic(service: Run) -> list[str]:
    """The names of the Deployments whose pods the Service sends requests to."""
    selector = service.one("core/v1:Service").inputs["spec"]["selector"].items()
    return sorted(
        name
        for name, one in deployments(service).items()
        if selector <= one.inputs["spec"]["template"]["metadata"]["labels"].items()
    )


def facts(service: Run) -> dict[tuple[str, str], Any]:
    return {(one.token, one.name): (one.inputs, sorted(one.depends_on)) for one in service.resources}


@given(replicas=st.integers(1, 100), percent=st.integers(1, 99))
def test_a_share_is_never_more_than_asked_for_nor_takes_capacity(replicas: int, percent: int) -> None:
    try:
        parts = share(replicas, percent)
    except InvalidArgument as problem:
        # One pod beside all the others is more than this share.
        assert 100 / (replicas + 1) > percent
        assert problem.field == "steps"
        return
    assert parts.percent <= percent
    assert max(parts.stable, parts.candidate) == replicas
    assert min(parts.stable, parts.candidate) >= 1


@given(replicas=st.integers(1, 100), percent=st.integers(1, 99))
def test_a_share_is_as_near_as_pods_can_show(replicas: int, percent: int) -> None:
    try:
        parts = share(replicas, percent)
    except InvalidArgument:
        return
    if parts.candidate < replicas:
        assert 100 * (parts.candidate + 1) / (parts.candidate + 1 + parts.stable) > percent
    elif parts.stable > 1 and percent > 50:
        assert 100 * parts.candidate / (parts.candidate + parts.stable - 1) > percent


@given(replicas=st.integers(1, 100), steps=st.sets(st.integers(1, 99), min_size=2, max_size=2))
def test_a_later_step_gives_no_smaller_share(replicas: int, steps: set[int]) -> None:
    try:
        first, later = (share(replicas, percent).percent for percent in sorted(steps))
    except InvalidArgument:
        return
    assert first <= later


@given(st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_colour_depends_on_the_digest_alone(digest: str) -> None:
    names = {colour(f"{where}@sha256:{digest}") for where in ("a/orders", "b:5000/orders")}
    assert len(names) == 1
    (name,) = names
    assert name.isalnum() and name[0].isalpha() and len(name) < 16


def test_a_canary_has_its_share_behind_the_same_address() -> None:
    service = released("canary", candidate=NEW, steps=(25, 50, 75), step=1)
    found = deployments(service)
    assert {name: one.inputs["spec"]["replicas"] for name, one in found.items()} == {
        "orders": 3,
        "orders-candidate": 1,
    }
    assert {name: image_of(one) for name, one in found.items()} == {"orders": OLD, "orders-candidate": NEW}
    assert traffic(service) == ["orders", "orders-candidate"]
    last = deployments(released("canary", candidate=NEW, steps=(25, 50, 75), step=3))
    assert [last[name].inputs["spec"]["replicas"] for name in sorted(last)] == [1, 3]


def test_two_versions_never_take_each_other_s_pods_for_their_own() -> None:
    for strategy in ("canary", "blue-green"):
        found = list(deployments(released(strategy, candidate=NEW)).values())
        assert len(found) == 2
        for one in found:
            selector = one.inputs["spec"]["selector"]["matchLabels"].items()
            matched = [
                other
                for other in found
                if selector <= other.inputs["spec"]["template"]["metadata"]["labels"].items()
            ]
            assert matched == [one]


def test_the_serving_version_waits_for_a_canary_that_is_ready() -> None:
    service = released("canary", candidate=NEW, steps=(25, 50, 75), step=3)
    waited = [urn.split("::")[-1] for urn in deployments(service)["orders"].depends_on]
    assert "orders-candidate" in waited


def test_a_canary_that_is_aborted_leaves_everything_as_it_was() -> None:
    before, after = released("canary"), released("canary")
    assert facts(before) == facts(after)
    during = facts(released("canary", candidate=NEW))
    kept = {key: value[0] for key, value in during.items() if "candidate" not in key[1]}
    assert kept == {key: value[0] for key, value in facts(before).items()}


def test_a_canary_that_is_promoted_changes_the_image_and_nothing_else() -> None:
    before, after = facts(released("canary")), facts(released("canary", image=NEW))
    changed = [key for key in before if before[key] != after[key]]
    assert changed == [("kubernetes:apps/v1:Deployment", "orders")]
    strategy = after[changed[0]][0]["spec"]["strategy"]["rollingUpdate"]
    assert strategy == {"maxSurge": 1, "maxUnavailable": 0}


def test_the_idle_colour_gets_no_traffic() -> None:
    service = released("blue-green", candidate=NEW)
    assert traffic(service) == [f"orders-{colour(OLD)}"]
    assert {one.inputs["spec"]["replicas"] for one in deployments(service).values()} == {3}


def test_a_promoted_colour_is_switched_to_without_touching_its_pods() -> None:
    before = released("blue-green", candidate=NEW)
    after = released("blue-green", image=NEW)
    name = f"orders-{colour(NEW)}"
    assert traffic(after) == [name]
    ours, theirs = deployments(after)[name], deployments(before)[name]
    assert (ours.name, ours.inputs) == (theirs.name, theirs.inputs)
    waited = [urn.split("::")[-1] for urn in after.one("core/v1:Service").depends_on]
    assert name in waited
    # The way back: the old version stands by.
    back = released("blue-green", image=NEW, candidate=OLD)
    assert set(deployments(back)) == set(deployments(before))
    assert traffic(back) == [name]


@pytest.mark.parametrize("strategy", ["rolling", "canary", "blue-green"])
@pytest.mark.parametrize("replicas", [1, 3])
def test_no_version_keeps_a_node_from_being_drained(strategy: str, replicas: int) -> None:
    candidate = None if strategy == "rolling" else NEW
    service = built(
        replicas=replicas,
        release=Release(strategy=strategy, candidate=candidate, steps=(50,)),  # type: ignore[arg-type]
    )
    budgets = service.of("PodDisruptionBudget")
    assert len(budgets) == len(deployments(service))
    for budget in budgets:
        assert budget.inputs["spec"]["maxUnavailable"] == 1
        assert budget.inputs["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        # One budget for each version: a broken candidate's pods never count against the serving one's.
        selector = budget.inputs["spec"]["selector"]["matchLabels"]
        assert selector in [
            one.inputs["spec"]["selector"]["matchLabels"] for one in deployments(service).values()
        ]


def test_a_rolling_update_keeps_to_its_pace() -> None:
    service = built(release=Release(max_surge=2, max_unavailable=1))
    strategy = service.one("apps/v1:Deployment").inputs["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 2, "maxUnavailable": 1}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("strategy", {"strategy": "big-bang"}),
        ("candidate", {"candidate": NEW}),
        ("candidate", {"strategy": "canary", "candidate": "orders:latest"}),
        ("candidate", {"strategy": "canary", "candidate": 7}),
        ("steps", {"steps": ()}),
        ("steps", {"steps": (50, 25)}),
        ("steps", {"steps": (25, 25)}),
        ("steps", {"steps": (0,)}),
        ("steps", {"steps": (100,)}),
        ("steps", {"steps": 50}),
        ("steps", {"steps": "50"}),
        ("step", {"step": 0}),
        ("step", {"step": 3}),
        ("max_surge", {"max_surge": 0}),
        ("max_unavailable", {"max_unavailable": 101}),
        ("ready_within", {"ready_within": 9}),
    ],
)
def test_a_release_is_checked(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        Release(**changes)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("candidate", {"release": Release(strategy="canary", candidate=OLD)}),
        ("steps", {"release": Release(strategy="canary", candidate=NEW, steps=(10,)), "replicas": 3}),
        ("release", {"release": Release(strategy="blue-green"), "ports": PORTS[1:]}),
        ("release", {"release": Release(strategy="blue-green"), "uses": (examples.uses(),)}),
        ("release", {"release": "rolling"}),
        ("scaling", {"scaling": 3}),
        ("scaling.queue", {"scaling": Scaling(queue="orders")}),
    ],
)
def test_a_release_has_to_fit_the_service(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        args_type, fields = examples.EXAMPLES[Service]
        args_type(context=examples.context(), **{**fields(), "ports": PORTS, "uses": (), **changes})


def test_the_versions_that_run_are_told_apart() -> None:
    both = tracks(Release(strategy="canary", candidate=NEW, steps=(50,)), OLD, 2)
    assert [(one.name, one.image, one.pods) for one in both] == [("stable", OLD, 2), ("candidate", NEW, 2)]
