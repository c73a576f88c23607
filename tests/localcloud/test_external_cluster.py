"""A cluster of the user's own: kubeconfig handling."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from localcloud.errors import LocalCloudError
from localcloud.external import attach, import_method, only_context


def _kubeconfig(path: Path, name: str, server: str = "https://127.0.0.1:1") -> Path:
    path.write_text(
        yaml.safe_dump(
            {
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "clusters": [
                    {"name": name, "cluster": {"server": server, "certificate-authority": "ca.crt"}}
                ],
                "users": [{"name": name, "user": {"token": "canary"}}],
            }
        )
    )
    return path


def test_one_context_of_several_files(tmp_path: Path):
    first, second = _kubeconfig(tmp_path / "a", "kind-a"), _kubeconfig(tmp_path / "b", "k3d-b")
    content = only_context("k3d-b", {"KUBECONFIG": f"{first}:{second}:{tmp_path / 'none'}"})
    assert content["current-context"] == "k3d-b"
    assert [entry["name"] for entry in content["clusters"]] == ["k3d-b"]
    assert content["clusters"][0]["cluster"]["certificate-authority"] == str(tmp_path / "ca.crt")


def test_an_unknown_context_lists_those_there_are(tmp_path: Path):
    first = _kubeconfig(tmp_path / "a", "kind-a")
    with pytest.raises(LocalCloudError, match="there are: kind-a"):
        only_context("kind-b", {"KUBECONFIG": str(first)})


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "contexts: [{}]", "contexts: [x]"])
def test_no_kubeconfig(tmp_path: Path, text: str):
    (tmp_path / "a").write_text(text)
    with pytest.raises(LocalCloudError, match="not a kubeconfig") as raised:
        only_context("x", {"KUBECONFIG": str(tmp_path / "a")})
    assert "\n" not in str(raised.value)


@pytest.mark.enable_socket
def test_an_api_server_that_does_not_answer(tmp_path: Path):
    file = _kubeconfig(tmp_path / "a", "kind-a", "http://127.0.0.1:1")
    with pytest.raises(LocalCloudError, match="does not answer") as raised:
        attach("kind-a", tmp_path / "copy", {"KUBECONFIG": str(file)})
    assert "\n" not in str(raised.value) and "canary" not in str(raised.value)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600


def test_import_methods():
    assert import_method("kind-dev") == ("kind", "dev")
    assert import_method("k3d-dev") == ("k3d", "dev")
    assert import_method("minikube") == ("none", "")
