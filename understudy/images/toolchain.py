"""The compilers: found, held to their pinned versions, and run."""

import os
import platform
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.images.errors import ImageError

__all__ = [
    "Target",
    "c_toolchain",
    "clean_environment",
    "go_toolchain",
    "host_target",
    "run",
    "rust_toolchain",
]

# Lines of a compiler's output that are kept for the user when it fails.
_KEPT_LINES = 200
_VERSION_SECONDS = 300


@dataclass(frozen=True)
class Target:
    """The platform that images are built for: Linux on this machine's processor.

    Attributes:
        architecture: Go's and OCI's name.
        triple: Rust's name.
    """

    architecture: str
    triple: str


def host_target(machine: str | None = None) -> Target:
    """Return the target of a processor, this machine's when left out.

    Raises:
        ImageError: the processor is neither x86-64 nor 64-bit ARM.
    """
    machine = (machine or platform.machine()).lower()
    if machine in ("x86_64", "amd64"):
        return Target("amd64", "x86_64-unknown-linux-gnu")
    if machine in ("aarch64", "arm64"):
        return Target("arm64", "aarch64-unknown-linux-gnu")
    raise ImageError(f"images can be built on x86-64 and 64-bit ARM only, not on {machine}")


def go_toolchain(module: Path, env: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the version that ``go.mod`` pins, as Go prints it, and the environment that selects it.

    Go fetches another version of itself as a module when the one on PATH differs.

    Raises:
        ImageError: Go is missing or the pinned version can't be had.
    """
    wanted = _pinned(module / "go.mod", r"^go (\S+)$")
    if shutil.which("go", path=env.get("PATH")) is None:
        raise ImageError(f"go is not on PATH: install Go {wanted}")
    env = {**env, "GOTOOLCHAIN": f"go{wanted}"}
    found = _output(["go", "version"], module, env)
    if f"go{wanted} " not in found:
        raise ImageError(f"Go {wanted} is needed to build {module.name}, found {found or 'none'}: install it")
    return f"go{wanted}", env


def rust_toolchain(crate: Path, env: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return ``rustc -vV`` of the version that ``rust-toolchain.toml`` pins, and the environment for it.

    An installed toolchain of that version serves under any name, for example ``stable``.

    Raises:
        ImageError: Rust is missing or the pinned version is not installed.
    """
    wanted = _pinned(crate / "rust-toolchain.toml", r'^channel = "(\S+)"$')
    for program in ("cargo", "rustc"):
        if shutil.which(program, path=env.get("PATH")) is None:
            raise ImageError(f"{program} is not on PATH: install Rust {wanted}")
    found = ""
    for selection in ({}, *({"RUSTUP_TOOLCHAIN": name} for name in _rustup_toolchains(crate, env))):
        chosen = {**env, **selection}
        found = _output(["rustc", "-vV"], crate, chosen) or found
        if found.startswith(f"rustc {wanted} "):
            return found, chosen
    summary = found.splitlines()[0] if found else "none"
    raise ImageError(
        f"Rust {wanted} is needed to build {crate.name}, found {summary}: "
        f"run `rustup toolchain install {wanted}`"
    )


def c_toolchain(env: Mapping[str, str]) -> str:
    """Return the versions of the C compiler and library, which a static Rust program takes in.

    Raises:
        ImageError: there is no C compiler.
    """
    if shutil.which("cc", path=env.get("PATH")) is None:
        raise ImageError(
            "cc is not on PATH: install a C compiler, for example with `apt-get install build-essential`"
        )
    here = Path.cwd()
    library = _output(["cc", "-print-file-name=libc.a"], here, env)
    stamp = Path(library).stat().st_size if library and Path(library).is_file() else 0
    return (
        f"{_output(['cc', '--version'], here, env).splitlines()[0]} {'-'.join(platform.libc_ver())} {stamp}"
    )


def run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], what: str, progress: Callable[[str], None]
) -> None:
    """Run a compiler and pass each line of its output to ``progress``.

    Raises:
        ImageError: it failed; the error carries the end of its output.
    """
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                progress(line.strip())
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise ImageError(
            f"{what} does not compile: {' '.join(command[:2])} ended with {process.returncode}; "
            f"mend what it printed above in {cwd}",
            output="".join(lines),
        )


def _pinned(file: Path, pattern: str) -> str:
    match = re.search(pattern, file.read_text(), re.MULTILINE) if file.is_file() else None
    if match is None:
        raise ImageError(f"{file} pins no version of the toolchain: restore it")
    return match.group(1)


def _rustup_toolchains(crate: Path, env: Mapping[str, str]) -> list[str]:
    if shutil.which("rustup", path=env.get("PATH")) is None:
        return []
    return [
        line.split()[0] for line in _output(["rustup", "toolchain", "list"], crate, env).splitlines() if line
    ]


def _output(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> str:
    """Return what the command prints; nothing when it fails."""
    try:
        result = subprocess.run(
            command,
            cwd=cwd,
            env=dict(env),
            capture_output=True,
            text=True,
            check=False,
            timeout=_VERSION_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def clean_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without what would change a compiler's output behind the recipe's back."""
    foreign = re.compile(
        r"(CARGO_(?!HOME|HTTP_|NET_|REGISTR)|RUSTC|RUSTFLAGS|RUSTDOC|CFLAGS|CC$|CGO_|GOAMD64|GOARM64"
        r"|GOEXPERIMENT|GOFLAGS|GOOS|GOARCH|GOWORK|SOURCE_DATE_EPOCH)"
    )
    return {
        name: value for name, value in (os.environ if env is None else env).items() if not foreign.match(name)
    }
