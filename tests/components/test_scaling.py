"""Load decides on the number of pods, and nothing else fights over it."""

from typing import Any

import component_examples as examples
import pytest
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.services import Port, Release, Scaling, Service
from components.services.release import colour
from components.services.scaling import metric_label

NEW = "understudy.local/orders@sha256:" + "b" * 64
EXPOSED = (Port(name="grpc", number=50051), Port(name="http", number=8080, exposed=False))


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Service, **changes))


def test_without_scaling_the_number_is_fixed() -> None:
    service = built(replicas=4)
    assert service.one("apps/v1:Deployment").inputs["spec"]["replicas"] == 4
    assert not service.of("HorizontalPodAutoscaler")


def test_an_autoscaler_has_the_number_to_itself() -> None:
    service = built(replicas=4, scaling=Scaling(minimum=3, maximum=9, cpu=60))
    assert "replicas" not in service.one("apps/v1:Deployment").inputs["spec"]
    spec = service.one("autoscaling/v2:HorizontalPodAutoscaler").inputs["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 9)
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "orders"}
    (metric,) = spec["metrics"]
    target = {"type": "Utilization", "averageUtilization": 60}
    assert metric == {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    behaviour = spec["behavior"]
    assert behaviour["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert behaviour["scaleDown"]["stabilizationWindowSeconds"] >= 300


def external(service: Run, name: str = "orders-autoscaler") -> dict[str, Any]:
    (metric,) = service.one("HorizontalPodAutoscaler", name).inputs["spec"]["metrics"]
    return metric["external"]


def test_the_length_of_a_queue_decides() -> None:
    found = external(built(scaling=Scaling(queue="orders", messages=50)))
    assert found["target"] == {"type": "AverageValue", "averageValue": "50"}
    assert found["metric"]["selector"]["matchLabels"] == {"dimension_QueueName": "orders"}


def test_two_versions_share_the_queue_and_the_pods() -> None:
    service = built(
        scaling=Scaling(queue="orders", messages=100, minimum=2, maximum=8),
        release=Release(strategy="canary", candidate=NEW, steps=(34,)),
    )
    # Two pods of three, and one of three: 600 messages want four and two, six together, as without a canary.
    assert external(service)["target"]["averageValue"] == "150"
    assert external(service, "orders-candidate-autoscaler")["target"]["averageValue"] == "300"
    limits = {
        one.name: (
            one.inputs["spec"]["minReplicas"],
            one.inputs["spec"]["maxReplicas"],
        )
        for one in service.of("HorizontalPodAutoscaler")
    }
    assert limits == {"orders-autoscaler": (2, 8), "orders-candidate-autoscaler": (1, 4)}


def test_a_colour_that_stands_by_is_ready_for_all_the_load() -> None:
    service = built(
        uses=(),
        ports=EXPOSED,
        scaling=Scaling(minimum=2, maximum=8),
        release=Release(strategy="blue-green", candidate=NEW),
    )
    idle = service.one("HorizontalPodAutoscaler", f"orders-{colour(NEW)}-autoscaler").inputs["spec"]
    busy = service.one("HorizontalPodAutoscaler", f"orders-{colour(examples.IMAGE)}-autoscaler").inputs[
        "spec"
    ]
    assert (idle["minReplicas"], busy["minReplicas"]) == (8, 2)


def test_a_queue_whose_name_no_label_can_hold_is_refused() -> None:
    assert metric_label("q" * 63) == "q" * 63
    with pytest.raises(InvalidArgument, match=r"^scaling\.queue is "):
        metric_label("q" * 64)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minimum", 0),
        ("maximum", 1),
        ("maximum", 1001),
        ("cpu", 0),
        ("cpu", True),
        ("messages", 0),
        ("queue", ""),
        ("queue", 7),
    ],
)
def test_a_scaling_is_checked(field: str, value: object) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        Scaling(**{field: value})  # type: ignore[arg-type]
