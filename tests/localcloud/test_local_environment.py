"""What `understudy env` prints, and the choices it rests on."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.config import LocalCloud
from localcloud.engine.acquire import Engine
from localcloud.environment import applied, ensure_passphrase, environment, shell_lines
from localcloud.errors import LocalCloudError
from localcloud.options import Options, load_options, save_options

CLOUD = LocalCloud(
    endpoint_url="http://127.0.0.1:20001",
    host_address="127.0.0.1",
    kubeconfig="/data/kubeconfig",
    context="c",
    generation="g",
    own_cluster=True,
    image_import="containerd",
)


@dataclass
class FakeEngine:
    source: str
    bin_dir: Path


def _environment(data: Path, source: str = "release", path: str = "/usr/bin", **options):
    engine = FakeEngine(source, Path("/engine"))
    return environment(data, CLOUD, engine, env={"PATH": path}, **options)  # pyright: ignore[reportArgumentType]


def test_plugins_engine_and_the_rest(tmp_path: Path):
    variables = _environment(tmp_path)
    assert variables["PATH"] == f"{tmp_path}/plugins:/engine:/usr/bin"
    assert _environment(tmp_path, path=variables["PATH"] or "")["PATH"] == variables["PATH"]
    assert _environment(tmp_path, "path")["PATH"] == f"{tmp_path}/plugins:/usr/bin"
    names = sorted(path.name for path in (tmp_path / "plugins").iterdir())
    assert names == [
        "pulumi-language-python",
        "pulumi-resource-aws",
        "pulumi-resource-kubernetes",
        "pulumi-resource-random",
    ]
    assert all(os.access(tmp_path / "plugins" / name, os.X_OK) for name in names)
    assert variables["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/state"
    assert variables["AWS_PROFILE"] is None
    passphrase = Path(variables["PULUMI_CONFIG_PASSPHRASE_FILE"] or "")
    assert passphrase.stat().st_mode & 0o777 == 0o600 and len(passphrase.read_text()) > 30
    before = passphrase.read_text()
    _environment(tmp_path)
    assert passphrase.read_text() == before
    assert not any("passphrase" in (value or "") for name, value in variables.items() if name == "PATH")


def test_an_engine_of_our_own_stands_beside_the_language_host(tmp_path: Path):
    built = tmp_path / "cache" / "pulumi"
    built.parent.mkdir()
    built.write_text("engine")
    engine = Engine(built, "3.0.0", "build")
    for _ in range(2):
        variables = environment(tmp_path, CLOUD, engine, env={"PATH": "/usr/bin"})
        assert variables["PATH"] == f"{tmp_path}/plugins:/usr/bin"
    assert (tmp_path / "plugins" / "pulumi").samefile(built)


def test_official_plugins_leave_ours_out(tmp_path: Path):
    ours = f"{tmp_path}/plugins:/usr/bin"
    assert _environment(tmp_path, path=ours, official_plugins=True)["PATH"] == "/engine:/usr/bin"


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=40))
def test_a_shell_reads_back_what_was_printed(value: str):
    script = "\n".join(
        [*shell_lines({"VALUE": value, "GONE": None}, "posix"), 'printf %s "$VALUE${GONE-no}"']
    )
    answer = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True, env={"GONE": "x"})
    assert answer.stdout.decode() == value + "no"


def test_fish():
    assert shell_lines({"PATH": "/a:/b c", "X": "it's", "Y": None}, "fish") == [
        "set -gx PATH '/a' '/b c'",
        "set -gx X 'it\\'s'",
        "set -e Y",
    ]


def test_applied():
    assert applied({"A": "1", "B": None}, {"B": "x", "C": "y"}) == {"A": "1", "C": "y"}


def test_options_are_remembered_and_not_shown(tmp_path: Path):
    url = "postgres://u:canary@127.0.0.1/db"
    save_options(tmp_path, Options(kube_context="kind-a"))
    chosen = Options(postgres_url=url).over(load_options(tmp_path))
    assert chosen == Options(kube_context="kind-a", postgres_url=url)
    assert "canary" not in repr(chosen)
    (tmp_path / "options.json").write_text("{")
    assert load_options(tmp_path) == Options()


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(postgres_url="mysql://u:canary@127.0.0.1"), "--postgres"),
        (Options(postgres_url="postgres://u:canary@8.8.8.8/x"), "not this machine"),
        (Options(redis_url="redis://:canary@[::1"), "--redis"),
        (Options(redis_url="nonsense"), "--redis"),
        (Options(host_address="8.8.8.8"), "no address of this machine"),
    ],
)
def test_bad_choices_are_one_line(options: Options, message: str):
    with pytest.raises(LocalCloudError, match=message) as raised:
        options.check()
    assert raised.value.invalid_input
    assert "canary" not in str(raised.value) and "\n" not in str(raised.value)


def test_a_lost_passphrase_is_not_replaced_by_one_that_opens_nothing(tmp_path: Path) -> None:
    first = ensure_passphrase(tmp_path)
    first.unlink()
    ensure_passphrase(tmp_path).unlink()  # nothing was encrypted with it
    stack = tmp_path / "state" / ".pulumi" / "stacks" / "project" / "feature-x.json"
    stack.parent.mkdir(parents=True)
    stack.write_text("{}")
    with pytest.raises(LocalCloudError, match=r"passphrase is gone.*put it back") as caught:
        ensure_passphrase(tmp_path)
    assert caught.value.invalid_input
    assert not (tmp_path / "passphrase").exists()
