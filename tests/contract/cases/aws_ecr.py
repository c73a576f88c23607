"""Cases of the ECR types."""

from __future__ import annotations

import json

from lifecycle import Case, Inputs, World

REPOSITORY = "aws:ecr/repository:Repository"


def _repository(world: World) -> str:
    name, _ = world.make(REPOSITORY, {"name": world.unique("images")})
    return name


def _policy(count: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": count}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def _mutable(world: World, name: str, _state: Inputs) -> None:
    world.client("ecr").put_image_tag_mutability(repositoryName=name, imageTagMutability="MUTABLE")


def _other_policy(world: World, name: str, _state: Inputs) -> None:
    world.client("ecr").put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=_policy(99))


CASES = [
    Case(
        token=REPOSITORY,
        create=lambda w: {
            "name": w.unique("team/orders"),
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "tags": {"a": "b"},
        },
        update=lambda _w, i: {**i, "imageScanningConfiguration": {"scanOnPush": False}, "tags": {"c": "d"}},
        replace=lambda w, i: {**i, "name": w.unique("team/other")},
        drift=_mutable,
        drifted="imageTagMutability",
        vanish=lambda w, name, _s: w.client("ecr").delete_repository(repositoryName=name, force=True),
        bad=[
            ({"name": "Upper"}, "name"),
            ({"imageTagMutability": "SOMETIMES"}, "imageTagMutability"),
            (
                {"encryptionConfigurations": [{"encryptionType": "ROT13"}]},
                "encryptionConfigurations[0].encryptionType",
            ),
        ],
    ),
    Case(
        token="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        create=lambda w: {"repository": _repository(w), "policy": _policy(5)},
        replace=lambda _w, i: {**i, "policy": _policy(7)},
        drift=_other_policy,
        drifted="policy",
        vanish=lambda w, name, _s: w.client("ecr").delete_lifecycle_policy(repositoryName=name),
        bad=[({"policy": "{"}, "policy"), ({"policy": "[]"}, "policy")],
    ),
]
