"""A local cloud of the tests' own, used through a user's doors: `understudy` and a plain `pulumi`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localcloud.paths import DATA_DIR_VARIABLE

REPO = Path(__file__).parents[2]
PROJECT = "understudy"
_FIRST_START_SECONDS = 3000  # the very first one builds the engine and the cluster
_RUN_SECONDS = 400
# What a developer's shell may hold and would bend the runs.
_FOREIGN = ("UNDERSTUDY_LOCAL", "AWS_PROFILE", "AWS_ENDPOINT_URL", "KUBECONFIG", "PULUMI_BACKEND_URL")


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    command: Sequence[str]
    code: int
    out: str
    err: str

    def ok(self) -> Ran:
        """Return itself; fail the test with what the command said when it did not end well."""
        assert self.code == 0, f"{' '.join(self.command)} ended with {self.code}\n{self.out}\n{self.err}"
        return self

    def data(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.ok().out)


class Cloud:
    """The local cloud in `data`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        base = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        self.base: Mapping[str, str] = {**base, DATA_DIR_VARIABLE: str(data)}

    @classmethod
    def make(cls) -> Cloud:
        """Choose a folder that PostgreSQL's own user can reach, unlike pytest's."""
        folder = Path(tempfile.mkdtemp(prefix="understudy-e2e-", dir="/var/tmp"))
        folder.chmod(0o755)
        return cls(folder)

    # -- understudy ---------------------------------------------------------------------------------

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin an `understudy` command."""
        return _start([sys.executable, "-m", "understudy", *arguments], self.base)

    def understudy(self, *arguments: str, timeout: float = _RUN_SECONDS) -> Ran:
        """Run an `understudy` command."""
        return ended(self.start(*arguments), timeout)

    def bring_up(self) -> Ran:
        """Start the local cloud."""
        return self.understudy("local", "up", "--json", timeout=_FIRST_START_SECONDS).ok()

    def up(self, name: str, *arguments: str) -> dict[str, Any]:
        """Bring an environment up and return the summary."""
        return self.understudy("up", name, "--json", *arguments).data()

    def remove(self) -> None:
        """Stop everything, prove that nothing is left, delete the data."""
        self.understudy("local", "reset", "--yes").ok()
        shutil.rmtree(self.data)

    # -- pulumi -------------------------------------------------------------------------------------

    def variables(self) -> dict[str, str]:
        """The environment of a shell after ``eval "$(understudy env)"``."""
        script = 'set -e; variables="$("$0" -m understudy env)"; eval "$variables"; env -0'
        answer = subprocess.run(
            ["bash", "-c", script, sys.executable],
            env=dict(self.base),
            cwd=REPO,
            capture_output=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr.decode()
        pairs = (entry.partition("=") for entry in answer.stdout.decode().split("\0") if entry)
        return {name: value for name, _, value in pairs}

    def start_pulumi(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a plain `pulumi` command in the project's folder."""
        # PULUMI_DEBUG_COMMANDS: --event-log is offered to programs that drive the engine, not to people.
        variables = {**self.variables(), "PULUMI_DEBUG_COMMANDS": "1"}
        program = shutil.which("pulumi", path=variables["PATH"])
        assert program, "understudy env puts no pulumi on PATH"
        return _start([program, *arguments, "--non-interactive", "--color", "never"], variables)

    def pulumi(self, *arguments: str, timeout: float = _RUN_SECONDS) -> Ran:
        """Run a plain `pulumi` command in the project's folder."""
        return ended(self.start_pulumi(*arguments), timeout)

    def state(self, stack: str) -> dict[str, Any]:
        """The engine's state of a stack, secrets encrypted."""
        return self.pulumi("stack", "export", "--stack", stack).data()["deployment"]

    def outputs(self, stack: str) -> dict[str, Any]:
        """The outputs of a stack."""
        return self.pulumi("stack", "output", "--json", "--stack", stack).data()

    def configure(self, stack: str, **values: str) -> None:
        """Set configuration values of a stack."""
        for name, value in values.items():
            self.pulumi("config", "set", f"understudy:{name}", value, "--stack", stack).ok()

    def hold_commit(self, stack: str) -> None:
        """Keep the commit that `stack` was deployed from: the working copy may move on meanwhile."""
        (vpc,) = (each for each in self.state(stack)["resources"] if each["type"] == "aws:ec2/vpc:Vpc")
        self.configure(stack, commit=vpc["inputs"]["tags"]["commit"])

    # -- witnesses ----------------------------------------------------------------------------------

    def description(self) -> dict[str, Any]:
        """What cloud.json says."""
        return json.loads((self.data / "cloud.json").read_text())

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client that owes nothing to the code under test; in the cloud's own region unless told."""
        cloud = self.description()
        return boto3.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue]
            region_name=region or cloud["region"],
            endpoint_url=cloud["endpoint_url"],
            aws_access_key_id="witness",
            aws_secret_access_key="witness",
            config=Config(s3={"addressing_style": "path"}),
        )

    def traces(self, stack: str) -> list[str]:
        """Whatever the file system still holds of a stack: state, lock, configuration, records, servers."""
        state = self.data / "state" / ".pulumi"
        places = [
            *(state / "stacks" / PROJECT).glob(f"{stack}.json*"),
            *(state / "locks" / "organization" / PROJECT / stack).glob("*"),
            *(REPO / "stacks" / "config").glob(f"Pulumi.{stack}.yaml*"),
            *(self.data / "environments").glob(f"{stack}.json"),
            *(self.data / "servers" / "postgres").glob(f"*{stack}-*"),
            *(self.data / "servers" / "redis").glob(f"*{stack}-*"),
            *(self.data / "run").glob(f"*{stack}-*.pid"),
            *self.notes(stack),
        ]
        # The name of what was removed with its lock held may stay as an empty lock file.
        return sorted(str(path) for path in places if not path.name.startswith(f"{stack}.json.bak"))

    def notes(self, stack: str) -> list[Path]:
        """The plugins' notes of begun creates of a stack."""
        notes = (self.data / "journal").glob("*/*.json")
        return [path for path in notes if f"urn:pulumi:{stack}::" in path.read_text()]


def ended(process: subprocess.Popen[str], timeout: float = _RUN_SECONDS) -> Ran:
    """Wait for a command."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{process.args} did not end within {timeout:g} s\n{out}\n{err}") from None
    return Ran([str(each) for each in process.args], process.returncode, out, err)  # pyright: ignore


def _start(command: list[str], variables: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        env=dict(variables),
        cwd=REPO,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
