"""Gets a Pulumi engine of the pinned version onto this machine.

In this order: a ``pulumi`` on PATH that is new enough, the one in the cache folder, the official release, a
build from the engine's Go module. docs/adr/0001-engine-from-source.md says why.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from localcloud import gobuild
from localcloud.engine.host.wrapper import WRAPPER_NAME, is_wrapper
from localcloud.engine.release import ReleaseError, ReleaseSource, install_release, installed_release
from localcloud.engine.versions import PINNED, acceptable, parse_version
from localcloud.files import locked
from localcloud.gobuild import Progress, Recipe
from localcloud.paths import cache_dir

__all__ = ["Engine", "engine_recipe", "ensure_engine", "place_engine"]

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_VERSION_SECONDS = 20.0


@dataclass(frozen=True)
class Engine:
    """An engine that can be run.

    Attributes:
        path: the ``pulumi`` executable.
        version: its version, without the leading ``v``.
        source: where it came from.
    """

    path: Path
    version: str
    source: Literal["path", "release", "build"]

    @property
    def bin_dir(self) -> Path:
        """The folder to put on PATH."""
        return self.path.parent

    @property
    def language_host(self) -> Path | None:
        """The official Python language host that came with this engine, if one did."""
        beside = self.path.resolve().parent / WRAPPER_NAME
        return beside if os.access(beside, os.X_OK) and not is_wrapper(beside) else None


def engine_recipe() -> Recipe:
    """Return what a build of the engine is made from."""
    return Recipe(
        name="Pulumi engine",
        version=str(PINNED),
        module_dir=Path(__file__).parent / "build",
        targets={"pulumi": _PACKAGE},
        # Without its version the engine prints none, and the Automation API refuses it.
        ldflags=f"-s -w -X {_VERSION_VARIABLE}=v{PINNED}",
    )


def ensure_engine(
    progress: Progress | None = None,
    *,
    env: Mapping[str, str] | None = None,
    releases: ReleaseSource | None = None,
) -> Engine:
    """Return an engine; get it first where the machine has none.

    Safe when several processes start at once, and when a run before was killed.

    Args:
        progress: called with short status lines while there is something to wait for.
        env: environment to read (PATH, ``$UNDERSTUDY_CACHE_DIR``); the process's own when left out.
        releases: where official releases are published; the official places when left out.

    Raises:
        gobuild.BuildError: nothing else served and the build failed; one line says why.

    Example:
        >>> engine = ensure_engine(print)
        >>> subprocess.run([engine.path, "version"])
    """
    environment = os.environ if env is None else env
    report = progress or (lambda _line: None)
    folder = cache_dir(environment) / "engine" / str(PINNED)
    return (
        _on_path(environment, folder, report)
        or _cached(folder)
        or _released(folder, releases, report)
        or _built(folder, report)
    )


def place_engine(engine: Engine, folder: Path) -> Engine:
    """Put the engine into ``folder``, beside the language host that is to serve it; return it there.

    The engine takes a language host in its own folder for the one that came with it. One that is elsewhere on
    PATH works as well, but the engine warns about it in every run.

    A hard link where the file system allows it, so it takes no space; else a copy. Safe to repeat.

    Args:
        engine: what :func:`ensure_engine` returned.
        folder: where :func:`localcloud.engine.host.wrapper.wrapper_script` was written to.
    """
    placed = folder / "pulumi"
    source = engine.path.resolve()
    if not _is_copy(placed, source):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".engine-", dir=folder) as work:
            temporary = Path(work) / "pulumi"
            try:
                temporary.hardlink_to(source)
            except OSError:
                shutil.copy2(source, temporary)
            # An engine that is running keeps its file; the next one finds this one whole.
            temporary.replace(placed)
    return Engine(placed, engine.version, engine.source)


def _is_copy(placed: Path, source: Path) -> bool:
    """Tell whether ``placed`` is ``source``, or was copied from it as it is now."""
    try:
        there, here = placed.stat(), source.stat()
    except FileNotFoundError:
        return False
    return placed.samefile(source) or (there.st_size, there.st_mtime_ns) == (here.st_size, here.st_mtime_ns)


def _on_path(env: Mapping[str, str], cached: Path, report: Progress) -> Engine | None:
    found = shutil.which("pulumi", path=env.get("PATH", os.defpath))
    if found is None:
        return None
    ours = (cached / "pulumi", cached / "release" / "pulumi")
    if any(_is_copy(Path(found), path) for path in ours):
        # Placed there by us: the cached one is taken below, with its digest checked.
        return None
    try:
        ran = subprocess.run(
            [found, "version"],
            env={**env, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        report(f"{found} is not used: it does not answer `pulumi version` ({error})")
        return None
    version = parse_version(ran.stdout)
    if version is None:
        report(f"{found} is not used: it does not say its version")
        return None
    if not acceptable(version):
        report(f"{found} is not used: it is {version}, and {PINNED} or newer of the same major is needed")
        return None
    return Engine(Path(found), str(version), "path")


def _cached(folder: Path) -> Engine | None:
    released = installed_release(folder / "release", PINNED)
    if released is not None:
        return Engine(released, str(PINNED), "release")
    built = gobuild.installed(engine_recipe(), folder)
    return Engine(built["pulumi"], str(PINNED), "build") if built else None


def _released(folder: Path, releases: ReleaseSource | None, report: Progress) -> Engine | None:
    def say_waiting() -> None:
        report(f"Pulumi engine {PINNED}: another process is downloading it; waiting")

    try:
        with locked(folder / ".release.lock", say_waiting):
            dest = folder / "release"
            path = installed_release(dest, PINNED) or install_release(dest, PINNED, report, releases)
    except ReleaseError as error:
        report(f"Pulumi engine {PINNED}: {error}; building it from source instead")
        return None
    except OSError as error:
        raise gobuild.BuildError(
            f"Pulumi engine {PINNED}: cannot write to {error.filename or folder}: {error.strerror}"
        ) from error
    return Engine(path, str(PINNED), "release")


def _built(folder: Path, report: Progress) -> Engine:
    recipe = engine_recipe()
    built = gobuild.build(
        recipe.name,
        recipe.version,
        recipe.module_dir,
        recipe.targets,
        dest=folder,
        ldflags=recipe.ldflags,
        progress=report,
        free_bytes=recipe.free_bytes,
    )
    return Engine(built["pulumi"], str(PINNED), "build")
