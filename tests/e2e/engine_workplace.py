"""A place where the real engine runs test projects with the language host."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from localcloud.engine.host.wrapper import WRAPPER_NAME, wrapper_script

VIRTUALENV = Path(sys.prefix)


class Workplace:
    """A folder with a file backend, a private Pulumi home and the language host on PATH."""

    def __init__(self, folder: Path, engine: Path) -> None:
        self.folder = folder
        self.binaries = binaries = folder / "bin"
        state = folder / "state"
        for made in (binaries, state):
            made.mkdir()
        wrapper = binaries / WRAPPER_NAME
        wrapper.write_text(wrapper_script(Path(sys.executable)))
        wrapper.chmod(0o755)
        self.env = {
            "HOME": str(folder),
            "PATH": f"{binaries}:{engine.parent}:{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def project(self, name: str, program: str, options: dict[str, str] | None = None) -> Path:
        """Write a project with this program."""
        folder = self.folder / name
        folder.mkdir()
        runtime = {"name": "python", "options": {"virtualenv": str(VIRTUALENV), **(options or {})}}
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": name, "runtime": runtime}))
        (folder / "__main__.py").write_text(textwrap.dedent(program))
        self.pulumi("stack", "init", "dev", cwd=folder)
        return folder

    def pulumi(self, *arguments: str, cwd: Path, fails: bool = False, **env: str) -> str:
        """Run the engine; return everything it printed."""
        ran = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=cwd,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=100,
            check=False,
        )
        assert (ran.returncode != 0) == fails, ran.stdout
        return ran.stdout

    def pulumi_json(self, *arguments: str, cwd: Path):
        """Run the engine; return the JSON that it printed (its warnings go to stderr)."""
        ran = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)
