# pyright: reportMissingImports=false
"""Settings without an engine: where each came from, what may be declared, what is refused and how."""

import json
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

DIGEST = f"sha256:{'a' * 64}"


def resolve(
    config: dict[str, Any] | None = None,
    stack: str = "feature-x",
    environ: dict[str, str] | None = None,
    root: Path = Path("/nonexistent"),
) -> Any:
    from resolution import Given, resolve_settings

    texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in (config or {}).items()}
    return resolve_settings(
        Given(
            stack=stack,
            project="understudy",
            config=texts,
            environ=environ or {},
            root=root,
            place=f"Pulumi.{stack}.yaml",
        )
    )


def refusal(config: dict[str, Any] | None = None, stack: str = "feature-x", **more: Any) -> str:
    from keys import SettingsProblem

    with pytest.raises(SettingsProblem) as problem:
        resolve(config, stack, **more)
    text = str(problem.value)
    assert "\n" not in text
    return text


def override(**changes: Any) -> dict[str, Any]:
    one = {
        "field": "replicas",
        "value": 2,
        "owner": "payments",
        "reason": "to see them share a queue",
        "expires": "2027-01-31",
    }
    return {"understudy:overrides": [{**one, **changes}]}


@pytest.mark.parametrize("stack", ["production", "staging", "development", "feature-x"])
def test_every_setting_knows_where_it_came_from(stack: str) -> None:
    from profiles import Profile
    from settings import Settings

    resolved = resolve(stack=stack)
    expected = set(Settings.model_fields) - {"profile"} | {f"profile.{one.name}" for one in fields(Profile)}
    assert set(resolved.origins) == expected
    assert all(one.where for one in resolved.origins.values())


@pytest.mark.parametrize("stack", ["production", "staging", "development", "feature-x"])
def test_what_is_not_declared_does_not_differ(stack: str) -> None:
    from profiles import PRODUCTION, Profile

    resolved = resolve(stack=stack)
    for one in fields(Profile):
        origin = resolved.origins[f"profile.{one.name}"]
        same = getattr(resolved.settings.profile, one.name) == getattr(PRODUCTION, one.name)
        assert same == (origin.difference is None), one.name
        assert same == (origin.kind == "production"), one.name


def test_places_are_asked_in_order(tmp_path: Path) -> None:
    for command in (["init", "-q", "-b", "feature/y"], ["config", "user.name", "Ada"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    commit = ["-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "first"]
    subprocess.run(["git", *commit], cwd=tmp_path, check=True)
    resolved = resolve(
        {"understudy:owner": "payments", "aws:region": "eu-central-1"},
        environ={"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:5000"},
        root=tmp_path,
    )
    settings, origins = resolved.settings, resolved.origins
    seen = {
        name: (getattr(settings, name), origins[name].kind, origins[name].where)
        for name in origins
        if "." not in name
    }
    assert seen["owner"] == ("payments", "configuration", "Pulumi.feature-x.yaml")
    assert seen["region"] == ("eu-central-1", "configuration", "Pulumi.feature-x.yaml")
    assert seen["branch"][:2] == ("feature/y", "git")
    assert seen["commit"][1] == "git" and len(seen["commit"][0]) == 12
    assert seen["aws_endpoint"] == ("http://127.0.0.1:5000", "environment", "AWS_ENDPOINT_URL")
    assert seen["release"][:2] == ("unreleased", "default")
    assert resolve(environ={"AWS_REGION": "us-east-1"}).settings.region == "us-east-1"


def test_a_stack_may_differ_by_a_declared_override_only() -> None:
    resolved = resolve(override(), stack="staging")
    origin = resolved.origins["profile.replicas"]
    assert resolved.settings.profile.replicas == 2
    assert (origin.kind, origin.difference.reason) == ("override", "to see them share a queue")
    assert "Pulumi.staging.yaml" in origin.where
    assert [one.owner for one in resolved.differences if one.field == "replicas"] == ["payments"]
    assert "no key that is known" in refusal({"understudy:replicas": "2"}, "staging")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("zones", ["a", "b"], ("a", "b")),
        ("nat", "single", "single"),
        ("protect", False, False),
        ("ttl_hours", 24, 24),
        ("cache_tls", "preferred", "preferred"),
    ],
)
def test_an_override_may_be_of_any_kind(field: str, value: Any, expected: Any) -> None:
    found = resolve(override(field=field, value=value)).settings.profile
    assert getattr(found, field) == expected


def test_an_override_of_a_size_is_checked_as_one() -> None:
    size = {"cpu": 100, "cpu_limit": 500, "memory": 64, "memory_limit": 128}
    assert resolve(override(field="orders_size", value=size)).settings.profile.orders_size.cpu == 100
    assert "cpu_limit" in refusal(override(field="orders_size", value={**size, "cpu_limit": 1}))


@pytest.mark.parametrize(
    ("change", "path", "mend"),
    [
        ({"field": "replica"}, "understudy:overrides[0].field", "did you mean replicas?"),
        ({"value": "2"}, "understudy:overrides[0].value", "whole number of replicas"),
        ({"value": 2.5}, "understudy:overrides[0].value", "whole number"),
        ({"value": True}, "understudy:overrides[0].value", "whole number"),
        ({"field": "drain", "value": "5s"}, "understudy:overrides[0].value", "seconds"),
        ({"field": "database_storage", "value": "20GiB"}, "understudy:overrides[0].value", "GiB"),
        ({"field": "log_days", "value": 4000}, "understudy:overrides[0].value", "from 1 to 3653"),
        ({"field": "nat", "value": "two"}, "understudy:overrides[0].value", "zone"),
        ({"field": "protect", "value": "yes"}, "understudy:overrides[0].value", "boolean"),
        ({"reason": ""}, "understudy:overrides[0].reason", "why the stack differs"),
        ({"expires": "soon"}, "understudy:overrides[0].expires", "last day"),
        ({"owener": "x"}, "understudy:overrides[0].owener", "did you mean owner?"),
    ],
)
def test_a_wrong_override_is_refused_by_its_path(change: dict[str, Any], path: str, mend: str) -> None:
    text = refusal(override(**change))
    assert text.startswith(path), text
    assert mend in text


@pytest.mark.parametrize("missing", ["owner", "reason", "expires", "value"])
def test_an_override_without_owner_reason_or_end_is_refused(missing: str) -> None:
    config = override()
    del config["understudy:overrides"][0][missing]
    assert refusal(config).startswith(f"understudy:overrides[0].{missing} is missing")


@pytest.mark.parametrize(
    ("stack", "field", "value", "mend"),
    [
        ("feature-x", "protect", True, "made to be destroyed"),
        ("feature-x", "ttl_hours", None, "ends some day"),
        ("production", "ttl_hours", 24, "does not expire"),
        ("production", "keep_data", False, "keeps its data"),
        ("production", "database_backup_days", 0, "at least 1 day"),
        ("production", "zones", ["a"], "second zone"),
        ("staging", "queue_retention", 60, "use more than 60"),
        ("staging", "queue_visibility", 20, "less than 20 seconds"),
        ("staging", "secret_recovery_days", 5, "7 to 30"),
        ("staging", "zones", [], "zone"),
        ("staging", "cidr", "10.0.0.0/8", "/16 to /20"),
        ("staging", "cidr", "everywhere", "10.0.0.0/16"),
    ],
)
def test_what_can_not_be_together_is_refused(stack: str, field: str, value: Any, mend: str) -> None:
    assert mend in refusal(override(field=field, value=value), stack)


def test_two_overrides_of_a_field_are_refused() -> None:
    twice = override()["understudy:overrides"] * 2
    assert "declared twice" in refusal({"understudy:overrides": twice})


@pytest.mark.parametrize("profile", ["production", "staging", "development", "preview"])
def test_each_profile_is_possible(profile: Any) -> None:
    from overrides import check_profile
    from profiles import resolve as profile_named

    check_profile(profile, profile_named(profile))


@pytest.mark.parametrize(
    ("config", "stack", "expected"),
    [
        (
            {"understudy:ownr": "x"},
            "feature-x",
            "understudy:ownr is no key that is known (did you mean owner?)",
        ),
        ({"understudy:accountId": "1"}, "feature-x", "(did you mean accountIds?)"),
        ({"understudy:Owner": "x"}, "feature-x", "(did you mean owner?)"),
        ({"understudy:zzz": "x"}, "feature-x", "there are profile, foundation"),
        ({"aws:accessKey": "x"}, "feature-x", "aws:accessKey is no key that is known"),
        ({"aws:region": "nowhere"}, "feature-x", "aws:region is 'nowhere'"),
        ({"aws:endpoints": [{"sqs": "127.0.0.1"}]}, "feature-x", "aws:endpoints.sqs is '127.0.0.1'"),
        ({"kubernetes:contxt": "x"}, "feature-x", "(did you mean context?)"),
        ({"understudy:alertEmails": ["a@example.com", "b"]}, "feature-x", "understudy:alertEmails[1] is 'b'"),
        ({"understudy:alertEmails": "a@example.com"}, "feature-x", "use a list of addresses"),
        ({"understudy:accountIds": ["1"]}, "feature-x", "understudy:accountIds[0] is '1'"),
        ({"understudy:profile": "prod"}, "feature-x", "understudy:profile is 'prod': use one of production"),
        (
            {"understudy:profile": "preview"},
            "production",
            "a stack named production has the profile production",
        ),
        ({"understudy:foundation": "feature-x"}, "feature-x", "can't stand on itself"),
        ({"understudy:foundation": "production"}, "feature-x", "shares its network with nobody"),
        ({"understudy:foundation": "Base"}, "feature-x", "understudy:foundation is 'Base'"),
        ({"understudy:expiresAt": "2027-01-01T00:00:00Z"}, "production", "does not expire"),
        (
            {"understudy:createdAt": "2027-01-02T00:00:00Z", "understudy:expiresAt": "2027-01-01T00:00:00Z"},
            "feature-x",
            "understudy:expiresAt is '2027-01-01T00:00:00Z': it would be over before",
        ),
        (
            {"understudy:accountIds": ["123456789012"], "aws:skipRequestingAccountId": "true"},
            "feature-x",
            "can't be checked",
        ),
    ],
)
def test_wrong_configuration_is_refused_by_the_key(config: dict[str, Any], stack: str, expected: str) -> None:
    assert expected in refusal(config, stack)


def test_a_shell_that_names_a_wrong_region_is_told_so() -> None:
    text = refusal(environ={"AWS_REGION": "ireland"})
    assert "AWS_REGION" in text and "eu-west-1" in text


def test_settings_are_there_without_images_but_nothing_can_be_made_of_them(tmp_path: Path) -> None:
    from keys import SettingsProblem
    from resolution import check_images

    resolved = resolve(root=tmp_path)
    assert resolved.settings.images == {}
    assert "make images" in resolved.origins["images"].where
    with pytest.raises(SettingsProblem, match="understudy:images has no image for orders, pricing"):
        check_images(resolved.settings)
    images = {name: f"registry.example/{name}@{DIGEST}" for name in ("orders", "pricing")}
    check_images(resolve({"understudy:images": images}).settings)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        *("profile", "foundation", "organisation", "owner", "branch", "commit", "release", "createdAt"),
        *("expiresAt", "images", "issuer", "alertEmails", "accountIds", "overrides", "unknown"),
    ]
).map(lambda key: f"understudy:{key}")


@given(config=st.dictionaries(KEYS | st.just("aws:region") | st.just("aws:endpoints"), JSON, max_size=3))
def test_whatever_is_configured_is_taken_or_refused_in_one_line(config: dict[str, Any]) -> None:
    from keys import SettingsProblem

    try:
        resolve(config)
    except SettingsProblem as problem:
        assert "\n" not in str(problem)


@given(
    field=st.sampled_from(["drain", "zones", "cidr", "orders_size", "nat", "protect", "ttl_hours"]),
    value=JSON,
)
def test_whatever_is_declared_is_taken_or_refused_in_one_line(field: str, value: Any) -> None:
    from keys import SettingsProblem

    try:
        resolve(override(field=field, value=value))
    except SettingsProblem as problem:
        assert "\n" not in str(problem)
