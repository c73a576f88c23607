"""Secrets are where they must be, and nowhere else: not in a log, a state file, a process list, a message."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from environment_cloud import REPO, Cloud, Ran
from environment_inventory import _get, api
from secret_hunt import Hunt, Watch

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Deployed:
    """An environment that is up, what was printed on the way, the processes that were seen, its secrets."""

    name: str
    printed: str
    watch: Watch
    hunt: Hunt


@pytest.fixture(scope="module")
def deployed(cloud: Cloud, new_name: Callable[[str], str]) -> Iterator[Deployed]:
    name, canary = new_name("canary"), f"canary-{secrets.token_hex(12)}"
    cloud.pulumi("stack", "init", name).ok()
    _set_secret(cloud, name, "canary:token", canary)
    watch = Watch()
    with watch.watching():
        ran = cloud.understudy("up", name, "--debug").ok()
    found = {
        "the configuration's secret": canary,
        "the passphrase": (cloud.data / "passphrase").read_text(),
        **_managed(cloud, name),
        **_tokens(name),
    }
    yield Deployed(name, ran.out + ran.err, watch, Hunt(found))


def _set_secret(cloud: Cloud, stack: str, key: str, value: str) -> None:
    variables = cloud.variables()
    program = shutil.which("pulumi", path=variables["PATH"])
    assert program
    subprocess.run(
        [program, "config", "set", "--secret", key, "--stack", stack, "--non-interactive"],
        env=variables, cwd=REPO, input=value, text=True, check=True, capture_output=True,
    )  # fmt: skip


def _managed(cloud: Cloud, stack: str) -> dict[str, str]:
    """The passwords and tokens in the environment's secrets."""
    client, found = cloud.client("secretsmanager"), {}
    for each in client.list_secrets()["SecretList"]:
        if f"/{stack}/" in each["Name"]:
            text = client.get_secret_value(SecretId=each["ARN"])["SecretString"]
            for key, value in json.loads(text).items():
                if key in ("password", "auth_token", "token"):
                    found[f"{key} of {each['Name']}"] = value
    assert len(found) >= 2, found.keys()
    return found


def _tokens(stack: str) -> dict[str, str]:
    """The pods' tokens for AWS, by their signatures; each lies in memory that its pod alone sees."""
    found: dict[str, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            pairs = (entry.partition("=") for entry in (folder / "environ").read_text().split("\0"))
            variables = {name: value for name, _, value in pairs}
            file = variables.get("AWS_WEB_IDENTITY_TOKEN_FILE")
            if file and f"-{stack}-" in "".join(variables.values()):
                token = (folder / "root" / file.lstrip("/")).read_text()
                found[f"token of process {folder.name}"] = token.rsplit(".", 1)[-1]
    assert found
    return found


def _may_be_there(name: str, path: Path) -> bool:
    return name == "the passphrase" and path == Path("passphrase")


def test_no_secret_is_printed_even_with_debug(deployed: Deployed) -> None:
    assert "is up" in deployed.printed
    assert deployed.hunt.found(deployed.printed, "the output of up") == []


def test_no_process_shows_a_secret(deployed: Deployed) -> None:
    assert {"pulumi", "postgres", "redis-server"} <= deployed.watch.programs()
    assert deployed.watch.found(deployed.hunt) == []


def test_the_data_folder_holds_secrets_only_where_they_must_be(cloud: Cloud, deployed: Deployed) -> None:
    assert (cloud.data / "logs" / "moto.log").exists()
    assert deployed.hunt.in_files(cloud.data, _may_be_there) == []
    assert (cloud.data / "passphrase").stat().st_mode & 0o077 == 0


def test_the_stacks_file_and_the_engines_home_hold_ciphertext_only(deployed: Deployed) -> None:
    assert deployed.hunt.in_files(REPO / "stacks" / "config") == []
    assert deployed.hunt.in_files(Path.home() / ".pulumi") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("stack", "export"),
        ("stack", "output", "--json"),
        ("stack", "history"),
        ("config", "--json"),
        ("preview", "--diff"),
        ("preview", "--json"),
        ("refresh", "--yes", "--diff"),
        ("up", "--yes", "--diff", "--debug"),
    ],
    ids=" ".join,
)
def test_the_engine_shows_no_secret_unasked(
    cloud: Cloud, deployed: Deployed, arguments: tuple[str, ...]
) -> None:
    ran = cloud.pulumi(*arguments, "--stack", deployed.name).ok()
    assert deployed.hunt.found(ran.out + ran.err, "the output") == []


def test_no_object_of_the_cluster_and_no_pods_log_holds_a_secret(cloud: Cloud, deployed: Deployed) -> None:
    namespace = cloud.outputs(deployed.name)["namespace"]
    with api(cloud) as client:
        kinds = ("pods", "configmaps", "secrets", "events", "serviceaccounts")
        objects = {kind: _get(client, f"/api/v1/namespaces/{namespace}/{kind}") for kind in kinds}
        apps = _get(client, f"/apis/apps/v1/namespaces/{namespace}/deployments")
        pods = [pod["metadata"]["name"] for pod in objects["pods"]["items"]]
        logs = "".join(_log(client, namespace, pod) for pod in pods)
    assert pods and logs
    assert deployed.hunt.found(json.dumps([objects, apps]), "the cluster's objects") == []
    assert deployed.hunt.found(logs, "the pods' logs") == []


def _log(client: Any, namespace: str, pod: str) -> str:
    host = client.configuration.host
    url = f"{host}/api/v1/namespaces/{namespace}/pods/{pod}/log"
    return client.rest_client.pool_manager.request("GET", url).data.decode()


_PROGRAM = """
import pulumi
import pulumi_aws as aws

canary = pulumi.Config().require_secret("password")
group = aws.rds.ParameterGroup("g", family="postgres15", parameters=[{parameter}])
aws.rds.Instance(
    "canary-db", engine="postgres", engine_version="{version}", instance_class="db.t4g.micro",
    allocated_storage=20, username="app", password=canary, parameter_group_name=group.name,
    skip_final_snapshot=True, {more}
)
{end}
"""


@pytest.mark.parametrize(
    "bad",
    [
        {"version": "9.1"},
        {"parameter": '{"name": "work_mem", "value": "canary-nonsense"}'},
        {"more": 'db_name="no-such name",'},
        {"end": "canary.apply(lambda plain: {}['missing'])"},
        {"end": "canary.apply(lambda plain: plain.no_such_method())"},
    ],
    ids=["version", "parameter", "name", "program", "attribute"],
)
def test_a_failing_run_does_not_print_the_password(cloud: Cloud, tmp_path: Path, bad: dict[str, str]) -> None:
    canary = f"Canary{secrets.token_hex(12)}"
    values = {"version": "15", "parameter": "", "more": "", "end": ""} | bad
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": "canaries", "runtime": runtime}))
    (tmp_path / "__main__.py").write_text(_PROGRAM.format(**values))

    def pulumi(*arguments: str, given: str | None = None) -> Ran:
        variables = cloud.variables()
        program = shutil.which("pulumi", path=variables["PATH"])
        assert program
        command = [program, *arguments, "--stack", "bad", "--non-interactive", "--color", "never"]
        ran = subprocess.run(
            command, env=variables, cwd=tmp_path, input=given, text=True, capture_output=True, check=False
        )
        return Ran(command, ran.returncode, ran.stdout, ran.stderr)

    pulumi("stack", "init").ok()
    try:
        pulumi("config", "set", "--secret", "password", given=canary).ok()
        ran = pulumi("up", "--yes", "--debug")
        assert ran.code != 0 and "error: " in ran.out
        hunt = Hunt({"the password": canary})
        assert hunt.found(ran.out + ran.err, "the output") == []
        assert hunt.in_files(cloud.data) == []
        assert hunt.in_files(tmp_path) == []
    finally:
        pulumi("destroy", "--yes")
        pulumi("stack", "rm", "--yes", "--force")


def test_a_destroy_shows_no_secret(cloud: Cloud, deployed: Deployed) -> None:
    watch = Watch()
    with watch.watching():
        ran = cloud.understudy("down", deployed.name, "--debug").ok()
    assert deployed.hunt.found(ran.out + ran.err, "the output of down") == []
    assert watch.found(deployed.hunt) == []
    assert deployed.hunt.in_files(cloud.data, _may_be_there) == []
