"""What a plain `pulumi` says to wrong input: one line, the state intact, and the next run goes on."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from environment_cloud import Cloud, Ran

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]

_QUEUE = 'import pulumi_aws as aws\naws.sqs.Queue("q"{more})\n'
_POD = """
import pulumi_kubernetes as k
k.core.v1.Pod("pod", metadata={{"annotations": {{"pulumi.com/timeoutSeconds": "{seconds}"}}}}, spec={{
    "containers": [{{"name": "main", "image": "{image}", "imagePullPolicy": "Never"}}]}})
"""
_PAUSE = "understudy/pause"


class Project:
    """A small project on the local cloud."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self._cloud, self._folder = cloud, folder
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": folder.name, "runtime": runtime}))
        self.variables = cloud.variables()

    def program(self, text: str) -> None:
        (self._folder / "__main__.py").write_text(text)

    def pulumi(self, *arguments: str, **changes: str | None) -> Ran:
        env = {**self.variables, **{name: value for name, value in changes.items() if value is not None}}
        for name in [name for name, value in changes.items() if value is None]:
            env.pop(name, None)
        program = shutil.which("pulumi", path=env["PATH"])
        assert program
        command = [program, *arguments, "--stack", "bad", "--non-interactive", "--color", "never"]
        ran = subprocess.run(
            command,
            env=env,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(command, ran.returncode, ran.stdout, ran.stderr)

    def names(self) -> set[str]:
        deployment = json.loads(self.pulumi("stack", "export").ok().out)["deployment"]
        return {each["urn"].rsplit("::", 1)[-1] for each in deployment.get("resources") or []}


@pytest.fixture
def project(cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    made = Project(cloud, tmp_path)
    made.pulumi("stack", "init").ok()
    yield made
    made.pulumi("destroy", "--yes")
    made.pulumi("stack", "rm", "--yes", "--force")


def _errors(ran: Ran) -> list[str]:
    """The errors of the summary at the end, without the engine's own closing line."""
    said = ran.out[ran.out.rfind("Diagnostics:") :] + ran.err
    found = re.findall(r"^ *error: (.*)$", said, re.MULTILINE)
    assert ran.code != 0, said
    assert "Traceback" not in said and "a fault in the local" not in said, said
    return [line for line in found if line not in ("update failed", "preview failed")]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (_QUEUE.format(more=", max_message_size=5"), "maxMessageSize"),
        (
            'import pulumi_aws as aws\naws.s3.Bucket("b", acceleration_status="Enabled")\n',
            "accelerationStatus",
        ),
        (
            'import pulumi_aws as aws\naws.cloudfront.OriginAccessControl("o", signing_behavior="always",\n'
            '    signing_protocol="sigv4", origin_access_control_origin_type="s3")\n',
            "the local aws plugin has no such type",
        ),
        (
            'import pulumi_aws as aws\np = aws.Provider("p", region="eu-central-1", endpoints=[{"sqs": "http://192.0.2.7"}])\n'
            'import pulumi\naws.sqs.Queue("q", opts=pulumi.ResourceOptions(provider=p))\n',
            "is not on this machine",
        ),
    ],
    ids=["range", "input", "type", "endpoint"],
)
def test_what_is_not_supported_is_refused_by_name_before_anything_is_made(
    project: Project, program: str, said: str
) -> None:
    project.program(program)
    (line,) = _errors(project.pulumi("up", "--yes"))
    assert said in line
    assert project.names() <= {"p", *{name for name in project.names() if name.endswith("-bad")}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "can't be reached; start it with `understudy local up`"),
        ({"AWS_ENDPOINT_URL": "http://192.0.2.1"}, "is not on this machine"),
        ({"AWS_ENDPOINT_URL": "ftp://here"}, "must be an http(s) URL"),
        ({"AWS_ENDPOINT_URL": None}, 'run `eval "$(understudy env)"`'),
    ],
    ids=["closed", "elsewhere", "scheme", "none"],
)
def test_an_endpoint_that_will_not_do_is_one_line_and_the_right_one_goes_on(
    project: Project, changes: Mapping[str, str | None], said: str
) -> None:
    project.program(_QUEUE.format(more=""))
    (line,) = _errors(project.pulumi("up", "--yes", **changes))
    assert said in line
    project.pulumi("up", "--yes").ok()
    (line,) = _errors(project.pulumi("destroy", "--yes", **changes))
    assert "q" in project.names()
    project.pulumi("destroy", "--yes").ok()


def test_an_invoke_that_fails_is_one_error_without_frames(project: Project) -> None:
    project.program(
        "import pulumi, pulumi_aws as aws\npulumi.export('a', aws.get_caller_identity_output().arn)\n"
    )
    ran = project.pulumi("preview", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert "can't be reached; start it with `understudy local up`" in ran.out
    assert "Traceback" not in ran.out
    assert "exit code" not in ran.out


def test_a_cluster_elsewhere_is_refused(project: Project, tmp_path: Path) -> None:
    project.program('import pulumi_kubernetes as k\nk.core.v1.ConfigMap("c", data={"a": "b"})\n')
    text = Path(project.variables["KUBECONFIG"]).read_text()
    elsewhere = tmp_path / "kubeconfig"
    elsewhere.write_text(re.sub(r"server: .*", "server: https://192.0.2.1:6443", text))
    (line,) = _errors(project.pulumi("up", "--yes", KUBECONFIG=str(elsewhere)))
    assert "is not on this machine" in line
    project.pulumi("up", "--yes").ok()


def test_a_pod_that_cannot_start_says_why_and_heals(cloud: Cloud, project: Project) -> None:
    project.program(_POD.format(image="understudy/none@sha256:" + "0" * 64, seconds=15))
    ran = project.pulumi("up", "--yes", "--skip-preview")
    assert ran.code != 0
    assert "ErrImageNeverPull" in ran.out
    assert "pod" in project.names()
    listed = subprocess.run(
        ["grep", "-rhoE", "sandbox_image = \"[^\"]+\"", str(cloud.data / "cluster" / "config")],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    project.program(_POD.format(image=listed.split('"')[1], seconds=60))
    project.pulumi("up", "--yes", "--skip-preview").ok()


def test_a_wrong_passphrase_is_one_line_and_the_right_one_goes_on(
    cloud: Cloud, project: Project, tmp_path: Path
) -> None:
    project.program(_QUEUE.format(more=""))
    project.pulumi("up", "--yes").ok()
    wrong = tmp_path / "wrong"
    wrong.write_text("another")
    ran = project.pulumi("up", "--yes", PULUMI_CONFIG_PASSPHRASE_FILE=str(wrong))
    assert ran.code != 0 and ran.err.rstrip().endswith("incorrect passphrase")
    assert "q" in project.names()
    project.pulumi("up", "--yes", "--expect-no-changes").ok()


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho garbage\n", "no program\n"])
def test_a_broken_plugin_is_said_and_mended_by_env(cloud: Cloud, project: Project, script: str) -> None:
    project.program(_QUEUE.format(more=""))
    plugin = cloud.data / "plugins" / "pulumi-resource-aws"
    plugin.write_text(script)
    ran = project.pulumi("preview")
    assert ran.code != 0 and "pulumi-resource-aws" in ran.out + ran.err
    cloud.variables()  # `understudy env`
    project.pulumi("preview").ok()


def test_a_port_that_somebody_else_has_taken_is_given_up(cloud: Cloud) -> None:
    host, port = cloud.description()["endpoint_url"].removeprefix("http://").split(":")
    cloud.understudy("local", "down").ok()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("", int(port)))
        other.listen()
        cloud.bring_up()
        assert cloud.description()["endpoint_url"] != f"http://{host}:{port}"


def test_a_full_disk_is_one_line_before_anything_starts(cloud: Cloud, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], check=True)
    try:
        small = Cloud(disk / "data")
        ran = small.understudy("local", "up")
        assert ran.code == 1
        assert re.search(
            r"^error: .*only \d+ MiB are free.*make room, or set UNDERSTUDY_DATA_DIR", ran.err, re.M
        )
        assert not (disk / "data" / "cloud.json").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_passphrase_that_was_changed_or_lost_is_wrong_configuration(
    cloud: Cloud, new_name: Callable[[str], str]
) -> None:
    name = new_name("pass")
    cloud.pulumi("stack", "init", name).ok()
    file = cloud.data / "passphrase"
    right = file.read_text()
    try:
        file.write_text("another")
        ran = cloud.understudy("up", name, "--no-smoke")
        assert ran.code == 2
        assert f"the passphrase in {file} does not open" in ran.err.splitlines()[-1]
        file.unlink()
        ran = cloud.understudy("down", name)
        assert ran.code == 2
        assert f"{file} is gone" in ran.err.splitlines()[-1]
    finally:
        file.write_text(right)
        file.chmod(0o600)
    cloud.understudy("down", name).ok()
