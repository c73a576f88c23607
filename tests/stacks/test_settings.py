# pyright: reportMissingImports=false
import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_mocks import run

DIGEST = "a" * 64
IMAGES = json.dumps({name: f"understudy.local/{name}@sha256:{DIGEST}" for name in ("orders", "pricing")})


def read(root: Path, stack: str = "feature-x", environ: dict[str, str] | None = None, **config: str) -> Any:
    from configuration import load

    found: list[Any] = []
    given = {key.replace("__", ":"): value for key, value in config.items()}
    run(lambda: found.append(load(environ or {}, root)), stack_name=stack, config=given)
    return found[0]


def refused(root: Path, stack: str = "feature-x", **config: str) -> str:
    with pytest.raises(pulumi.RunError) as problem:
        read(root, stack, None, **config)
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_without_git_and_configuration_there_are_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, understudy__images=IMAGES)
    assert settings.branch == settings.commit == "unknown"
    assert settings.region == "eu-west-1"
    assert settings.aws_endpoint is None
    assert settings.created_at is None
    assert settings.context.namespace == "understudy-feature-x"


def test_configuration_goes_before_the_environment(tmp_path: Path) -> None:
    environ = {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert read(tmp_path, environ=environ, understudy__images=IMAGES).region == "us-east-1"
    endpoints = json.dumps([{"s3": "http://127.0.0.1:2"}])
    settings = read(
        tmp_path,
        environ=environ,
        understudy__images=IMAGES,
        aws__region="eu-central-1",
        aws__endpoints=endpoints,
    )
    assert (settings.region, settings.aws_endpoint) == ("eu-central-1", "http://127.0.0.1:2")


def test_the_profile_may_be_chosen(tmp_path: Path) -> None:
    assert read(tmp_path, understudy__images=IMAGES, understudy__profile="staging").profile_name == "staging"
    assert "production, staging" in refused(tmp_path, understudy__images=IMAGES, understudy__profile="prod")


def test_images_come_from_the_last_build(tmp_path: Path) -> None:
    assert "make images" in refused(tmp_path)
    folder = tmp_path / "build"
    folder.mkdir()
    built = {
        name: {"reference": f"understudy.local/{name}@sha256:{DIGEST}"} for name in ("orders", "pricing")
    }
    (folder / "images.json").write_text(json.dumps(built))
    assert read(tmp_path).images["orders"].endswith(DIGEST)
    (folder / "images.json").write_text(json.dumps({"orders": built["orders"]}))
    assert "no image for pricing" in refused(tmp_path)
    for damaged in ("", "[]", '{"orders": 1}', "{"):
        (folder / "images.json").write_text(damaged)
        assert "make images" in refused(tmp_path)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {"understudy__images": json.dumps({"orders": "orders:latest", "pricing": "x"})},
            "understudy:images.orders",
        ),
        ({"understudy__createdAt": "yesterday"}, "understudy:createdAt"),
        ({"understudy__organisation": "Example Inc"}, "understudy:organisation"),
        ({"understudy__issuer": "https://x"}, "understudy:issuer"),
        ({"aws__region": "nowhere"}, "aws:region"),
        ({"aws__endpoints": "{"}, "aws:endpoints"),
        ({"aws__endpoints": '"http://x"'}, "aws:endpoints"),
        ({"aws__s3UsePathStyle": "yes"}, "aws:s3UsePathStyle"),
        ({"understudy__alertEmails": '["ops@example.com"]', "understudy__release": ""}, None),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, config: dict[str, str], expected: str | None) -> None:
    given = {"understudy__images": IMAGES, **config}
    if expected is None:
        assert read(tmp_path, environ=None, **given).release == "unreleased"
    else:
        assert expected in refused(tmp_path, **given)


@pytest.mark.parametrize("stack", ["Feature", "feature_x", "1", "a" * 33])
def test_a_bad_stack_name_is_one_line(tmp_path: Path, stack: str) -> None:
    assert "no valid environment name" in refused(tmp_path, stack, understudy__images=IMAGES)
