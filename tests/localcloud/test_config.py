"""cloud.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.config import LocalCloud, PostgresMode, RedisMode, current_path, load, load_if_any, save
from localcloud.errors import LocalCloudError

CLOUD = LocalCloud(
    endpoint_url="http://127.0.0.1:20001",
    host_address="127.0.0.1",
    kubeconfig="/data/kubeconfig",
    context="understudy",
    generation="abc",
    own_cluster=True,
    image_import="containerd",
    postgres=PostgresMode(binaries={15: "/usr/lib/postgresql/15/bin"}),
    redis=RedisMode(binary="/usr/bin/redis-server", version="7.0.15"),
    versions={"moto": "5"},
)


def test_round_trip_and_mode(tmp_path: Path):
    save(CLOUD, tmp_path / "cloud.json")
    assert load(tmp_path / "cloud.json") == CLOUD
    assert (tmp_path / "cloud.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.json"]


def test_none_is_one_line(tmp_path: Path):
    with pytest.raises(LocalCloudError, match="understudy local up"):
        load(tmp_path / "cloud.json")
    assert load_if_any(tmp_path / "cloud.json") is None


@pytest.mark.parametrize("key", ["endpoint_url", "generation", "own_cluster", "image_import"])
def test_a_missing_field_is_named(tmp_path: Path, key: str):
    content = asdict(CLOUD)
    del content[key]
    (tmp_path / "cloud.json").write_text(json.dumps(content))
    with pytest.raises(LocalCloudError, match=key) as raised:
        load(tmp_path / "cloud.json")
    assert "\n" not in str(raised.value)


def test_another_schema(tmp_path: Path):
    (tmp_path / "cloud.json").write_text(json.dumps({**asdict(CLOUD), "schema": 99}))
    with pytest.raises(LocalCloudError, match="another version"):
        load(tmp_path / "cloud.json")


@given(junk=st.binary(max_size=200))
def test_junk_is_always_one_line(junk: bytes, tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("junk") / "cloud.json"
    path.write_bytes(junk)
    with pytest.raises(LocalCloudError) as raised:
        load(path)
    assert "\n" not in str(raised.value)


def test_the_password_of_a_url_is_not_quoted_in_an_error(tmp_path: Path):
    content = {**asdict(CLOUD), "postgres": {"url": ["postgres://u:canary@h/db"]}}
    (tmp_path / "cloud.json").write_text(json.dumps(content))
    with pytest.raises(LocalCloudError) as raised:
        load(tmp_path / "cloud.json")
    assert "canary" not in str(raised.value)


def test_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("UNDERSTUDY_LOCAL", raising=False)
    assert current_path(tmp_path) == tmp_path / "cloud.json"
    monkeypatch.setenv("UNDERSTUDY_LOCAL", "/elsewhere/cloud.json")
    assert current_path(tmp_path) == Path("/elsewhere/cloud.json")
