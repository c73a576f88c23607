"""The whole local cloud on this machine: up twice at once, kills, down that leaves nothing, reset."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg
import pytest

from localcloud.config import load, path_in
from localcloud.dataplane import CacheSpec, DatabaseSpec, open_dataplane
from localcloud.dataplane.binaries import find_postgres
from localcloud.paths import instance_id
from localcloud.supervise import marked_processes

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.enable_socket,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0, reason="a cluster of one's own needs Linux and root"
    ),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("local") / "data"
    yield folder
    assert _run(folder, "local", "reset", "--yes").returncode == 0


def _start(data: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "UNDERSTUDY_DATA_DIR": str(data)}
    environment.pop("UNDERSTUDY_LOCAL", None)
    return subprocess.Popen(
        [sys.executable, "-m", "understudy", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    process = _start(data, *arguments)
    out, err = process.communicate(timeout=3000)  # the very first one builds the cluster
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def _running(data: Path) -> dict[str, bool]:
    content = json.loads(_run(data, "local", "status", "--json").stdout)
    return {server["name"]: server["running"] for server in content["servers"]}


def _major() -> int:
    return max(find_postgres())


def test_up_twice_at_once_then_use_it_and_come_back(data: Path):
    first = _start(data, "local", "up", "--json")
    time.sleep(0.5)
    second = _start(data, "local", "up", "--json")
    (out, err), (again, waited) = first.communicate(timeout=3000), second.communicate(timeout=3000)
    assert first.returncode == 0, err
    assert second.returncode == 0, waited
    assert json.loads(out)["generation"] == json.loads(again)["generation"]
    assert all(_running(data).values())

    plane = open_dataplane(path_in(data))
    endpoint = plane.databases.create(
        DatabaseSpec(
            identifier="kept",
            major_version=_major(),
            master_username="app",
            password="canary-1",
            db_name="app",
        )
    )
    plane.caches.create(CacheSpec(identifier="kept", engine_version="7.0"))
    login = f"host={endpoint.address} user=app password=canary-1 dbname=app sslmode=require"
    with psycopg.connect(f"{login} port={endpoint.port}") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS i")

    printed = _run(data, "env")
    assert printed.returncode == 0
    script = f"{printed.stdout}\nwhich pulumi-resource-aws && pulumi version && pulumi whoami"
    answer = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, cwd="/tmp")
    assert str(data / "plugins") in answer.stdout

    begun = time.monotonic()
    assert _run(data, "local", "down").returncode == 0
    assert time.monotonic() - begun < 60
    assert marked_processes(instance_id(data)) == []
    assert not Path(f"/sys/class/net/us-{instance_id(data)}").exists()
    assert not path_in(data).exists()
    assert not any(_running(data).values())

    assert _run(data, "local", "up").returncode == 0
    state = open_dataplane(path_in(data)).databases.describe("kept")
    assert state and state.running
    with psycopg.connect(f"{login} port={state.endpoint.port}") as connection:
        assert connection.execute("SELECT i FROM kept").fetchone() == (7,)
    assert all(_running(data).values())
    assert load(path_in(data)).generation != json.loads(out)["generation"]


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5, 5.0])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_up_stopped_at_any_moment_goes_on(data: Path, seconds: float, number: signal.Signals):
    assert _run(data, "local", "down").returncode == 0
    process = _start(data, "local", "up")
    time.sleep(seconds)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    if number == signal.SIGINT:
        assert process.returncode in (0, 130)
        assert "Traceback" not in err
    result = _run(data, "local", "up")
    assert result.returncode == 0, result.stderr
    assert all(_running(data).values())


def test_a_killed_aws_server_comes_back_with_another_generation(data: Path):
    assert _run(data, "local", "up").returncode == 0
    before = load(path_in(data))
    pid = int((data / "run" / "moto.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    assert _run(data, "local", "up").returncode == 0
    after = load(path_in(data))
    assert after.endpoint_url == before.endpoint_url
    assert after.generation != before.generation
    host, port = after.endpoint_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", "/understudy/generation")
    assert json.loads(connection.getresponse().read()) == {"generation": after.generation}
    connection.close()


def test_reset_removes_everything(tmp_path: Path):
    data = tmp_path / f"d{uuid.uuid4().hex[:6]}"
    data.mkdir()
    (data / "mine.txt").write_text("the user's own")
    assert _run(data, "local", "up").returncode == 0
    result = _run(data, "local", "reset", "--yes")
    assert result.returncode == 0, result.stderr
    left = sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file())
    assert left == ["mine.txt", "run/lifecycle.lock"]
    assert not (Path("/var/lib/understudy") / instance_id(data)).exists()
    assert not (Path("/run/understudy") / instance_id(data)).exists()
