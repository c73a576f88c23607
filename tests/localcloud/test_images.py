"""Images get onto the user's own cluster by that cluster's own tool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud.config import LocalCloud
from localcloud.errors import LocalCloudError
from localcloud.images import put

REFERENCE = "understudy.local/orders@sha256:" + "0" * 64


def cloud(**fields: Any) -> LocalCloud:
    known: dict[str, Any] = {
        "endpoint_url": "http://127.0.0.1:5000",
        "host_address": "127.0.0.1",
        "kubeconfig": "kubeconfig",
        "context": "kind-dev",
        "generation": "g",
        "own_cluster": False,
        "image_import": "kind",
        "image_import_target": "dev",
    }
    return LocalCloud(**{**known, **fields})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("kind", ["kind", "load", "image-archive", "a.tar", "--name", "dev"]),
        ("k3d", ["k3d", "image", "import", "a.tar", "--cluster", "dev"]),
    ],
)
def test_the_tool_of_the_cluster_is_used(kind: Any, expected: list[str], tmp_path: Path) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> str:
        ran.append(command)
        return ""

    put(tmp_path, tmp_path, cloud(image_import=kind), Path("a.tar"), REFERENCE, run=run)
    assert ran == [expected]


def test_another_cluster_needs_a_registry(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="push understudy"):
        put(tmp_path, tmp_path, cloud(image_import="none"), Path("a.tar"), REFERENCE)


def test_a_tool_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCloudError, match="kind is not on PATH"):
        put(tmp_path, tmp_path, cloud(), Path("a.tar"), REFERENCE)


def test_a_tool_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "kind"
    tool.write_text("#!/bin/sh\necho first >&2\necho 'no nodes found' >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalCloudError, match="no nodes found"):
        put(tmp_path, tmp_path, cloud(), Path("a.tar"), REFERENCE)
