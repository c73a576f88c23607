"""Builds pinned programs from their Go modules and keeps them in the cache folder.

What is built is locked by a small module of ours: a folder with a ``go.mod`` that names the version and the
``go.sum`` with the digest of every dependency. Go refuses a source that differs from it.

What was built is recorded in a manifest beside the binaries: the digest of the recipe (module files, targets,
flags) and of each binary. A binary that is missing, that was changed, or that came from another recipe is
built again; everything else is used as it is, without starting Go.

A build that was killed leaves no half binary (each is renamed into place) and loses little: Go's own cache
has every package that was compiled, and the next run goes on from there.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localcloud.binaries import record, recorded, sha256_file
from localcloud.files import locked
from localcloud.gobuild_run import BuildError, Progress, run_go

__all__ = ["BuildError", "Progress", "Recipe", "build", "installed"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides what a build makes.

    Attributes:
        name: what is built, in the user's words (``"Pulumi engine"``); used in messages only.
        version: its version, for messages; the ``go.mod`` is what pins it.
        module_dir: folder with our ``go.mod`` and ``go.sum``, and a ``main.go`` where one is needed.
        targets: binary name -> Go package to build.
        ldflags: flags for Go's linker.
        env: environment variables for Go beside the user's own, e.g. ``{"GOOS": "linux"}``.
        free_bytes: disk space that a build from nothing needs, in Go's caches and in the cache folder.
    """

    name: str
    version: str
    module_dir: Path
    targets: Mapping[str, str]
    ldflags: str = "-s -w"
    env: Mapping[str, str] | None = None
    free_bytes: int = 6 * 1024**3

    def digest(self) -> str:
        """Return the SHA-256 of all that decides the result but the Go toolchain, as hex digits."""
        # Not the toolchain: a new Go on the machine is no reason to build for many minutes again.
        whole = hashlib.sha256()
        for file in sorted(path for path in self.module_dir.rglob("*") if path.is_file()):
            whole.update(f"{file.relative_to(self.module_dir)}\0{sha256_file(file)}\0".encode())
        rest = [sorted(self.targets.items()), self.ldflags, sorted((self.env or {}).items())]
        whole.update(json.dumps(rest).encode())
        return whole.hexdigest()


def build(
    name: str,
    version: str,
    module_dir: Path,
    targets: Mapping[str, str],
    *,
    dest: Path,
    ldflags: str = "-s -w",
    env: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    free_bytes: int = 6 * 1024**3,
    go: str = "go",
) -> dict[str, Path]:
    """Return the paths of the built binaries; build those that the cache does not hold.

    Safe when several processes start at once: one builds, the others wait, say so, and use its result.

    Args:
        name: what is built, in the user's words.
        version: its version, for messages.
        module_dir: folder with ``go.mod`` and ``go.sum`` of ours.
        targets: binary name -> Go package.
        dest: the folder that the binaries go to, one per name and version.
        ldflags: flags for Go's linker.
        env: environment variables for Go beside the process's own. cgo is off unless it says otherwise.
        progress: called with short status lines, at most one every two seconds.
        free_bytes: disk space that a build from nothing needs.
        go: the Go command.

    Raises:
        BuildError: one line that says what is wrong and how to mend it: no Go toolchain, no disk space,
            no network, a source whose digest differs, a build that was killed or that failed.

    Example:
        >>> build("CoreDNS", "1.12.4", here / "coredns", {"coredns": "understudy.invalid/coredns"},
        ...       dest=cache_dir() / "coredns" / "1.12.4")["coredns"]
    """
    recipe = Recipe(
        name=name,
        version=version,
        module_dir=module_dir,
        targets=targets,
        ldflags=ldflags,
        env=env,
        free_bytes=free_bytes,
    )
    report = progress or (lambda _line: None)
    found = installed(recipe, dest)
    if found is not None:
        return found

    def say_waiting() -> None:
        report(f"{name} {version}: another process is building it; waiting")

    try:
        # Beside the folder, not in it: the folder may be removed to free space.
        with locked(dest.with_name(f".{dest.name}.lock"), say_waiting):
            # Somebody else may have built it while this process waited.
            return installed(recipe, dest) or _build_locked(recipe, dest, report, go)
    except OSError as error:
        raise BuildError(
            f"{name} {version}: cannot write to {error.filename or dest}: {error.strerror}"
        ) from error


def installed(recipe: Recipe, dest: Path) -> dict[str, Path] | None:
    """Return the binaries in ``dest`` if each is there, unchanged and from this recipe; else nothing.

    Size and time of change are compared; only where they differ from the record is the file read and its
    digest decides.
    """
    return recorded(dest, recipe.targets, recipe.digest())


def _build_locked(recipe: Recipe, dest: Path, report: Progress, go: str) -> dict[str, Path]:
    if shutil.which(go) is None:
        raise BuildError(
            f"{recipe.name} {recipe.version} has to be built and there is no Go toolchain: "
            f"no '{go}' on PATH; install Go and run again"
        )
    _sweep(dest)
    dest.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=dest) as work:
        run_go(
            label=f"{recipe.name} {recipe.version}",
            go=go,
            module_dir=_writable_copy(recipe.module_dir, Path(work) / "module"),
            targets=recipe.targets,
            output=Path(work),
            ldflags=recipe.ldflags,
            env=recipe.env or {},
            free_bytes=recipe.free_bytes,
            report=report,
        )
        return _install(recipe, Path(work), dest, go)


def _writable_copy(module_dir: Path, to: Path) -> Path:
    """Copy the module, as the installed one may be read-only and Go may lock files in it."""
    shutil.copytree(module_dir, to, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def _install(recipe: Recipe, built: Path, dest: Path, go: str) -> dict[str, Path]:
    for binary in recipe.targets:
        (built / binary).chmod(0o755)
        (built / binary).replace(dest / binary)
    # The record comes last: without it the binaries count as not there.
    about = {"name": recipe.name, "version": recipe.version, "toolchain": _go_version(go)}
    return record(dest, recipe.targets, recipe.digest(), about)


def _sweep(dest: Path) -> None:
    """Remove what a killed build left behind; the caller holds the lock, so nobody uses it."""
    for leftover in dest.glob(".build-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _go_version(go: str) -> str:
    command: Sequence[str] = [go, "env", "GOVERSION"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
