"""Fetches the engine's official release archive, where it can be reached.

The archive and the file with its SHA-256 come from two different publishers' places (the download site and
the source repository's release page), both over TLS: an archive that does not have the published digest is
not used. The binary's own digest is recorded on installation and checked on every use.
"""

import hashlib
import platform
import shutil
import sys
import tarfile
import tempfile
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from localcloud.binaries import record, recorded
from localcloud.engine.versions import Version
from localcloud.errors import LocalCloudError
from localcloud.gobuild import Progress

__all__ = ["ReleaseError", "ReleaseSource", "install_release", "installed_release", "release_platform"]

_CONNECT_SECONDS = 3.0
_CHUNK = 1 << 20
_MIB = 1 << 20
_SYSTEMS = {"linux": "linux", "darwin": "darwin"}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class ReleaseError(LocalCloudError):
    """The official release cannot be used here; the text says why."""


@dataclass(frozen=True)
class ReleaseSource:
    """Where official releases are published; ``{version}`` and ``{platform}`` are filled in.

    Attributes:
        archive: address of the archive.
        checksums: address of the list of SHA-256 digests, one ``<digest>  <file name>`` a line.
    """

    archive: str = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{platform}.tar.gz"
    checksums: str = (
        "https://github.com/pulumi/pulumi/releases/download/v{version}/pulumi-{version}-checksums.txt"
    )


def release_platform(system: str | None = None, machine: str | None = None) -> str | None:
    """Return the platform part of the archive's name, or nothing where no archive is published.

    Example:
        >>> release_platform("linux", "x86_64")
        'linux-x64'
    """
    name = _SYSTEMS.get(system or sys.platform)
    architecture = _MACHINES.get((machine or platform.machine()).lower())
    return f"{name}-{architecture}" if name and architecture else None


def installed_release(dest: Path, version: Version) -> Path | None:
    """Return the engine that :func:`install_release` put into ``dest``, if it is still unchanged."""
    found = recorded(dest, ["pulumi"], _recipe(version))
    return found["pulumi"] if found else None


def install_release(
    dest: Path,
    version: Version,
    progress: Progress,
    source: ReleaseSource | None = None,
    timeout: float = _CONNECT_SECONDS,
) -> Path:
    """Download the release, check its digest, unpack it into ``dest`` and return the engine's path.

    The caller holds a lock on ``dest``. What is there is replaced in one step.

    Args:
        dest: the folder that becomes the archive's content: the engine and the language hosts beside it.
        version: which release.
        progress: called with status lines.
        source: where to get it; the official places when left out.
        timeout: seconds without an answer after which the place counts as out of reach.

    Raises:
        ReleaseError: no release for this platform, out of reach, or not what was published.
    """
    where = release_platform()
    if where is None:
        raise ReleaseError(f"no official engine is published for {sys.platform} on {platform.machine()}")
    source = source or ReleaseSource()
    archive_url = source.archive.format(version=version, platform=where)
    checksums_url = source.checksums.format(version=version, platform=where)
    file_name = archive_url.rpartition("/")[2]
    expected = _published_digest(_read_text(checksums_url, timeout), file_name, checksums_url)
    dest.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=dest.parent) as work:
        archive = Path(work) / "archive.tar.gz"
        actual = _download(archive_url, archive, timeout, progress)
        if actual != expected:
            raise ReleaseError(
                f"{archive_url} has SHA-256 {actual} where {expected} was published: it is not used"
            )
        unpacked = _unpack(archive, Path(work) / "unpacked")
        shutil.rmtree(dest, ignore_errors=True)
        unpacked.rename(dest)
    about = {"name": "Pulumi engine", "version": str(version), "archive": archive_url, "sha256": actual}
    return record(dest, ["pulumi"], _recipe(version), about)["pulumi"]


def _recipe(version: Version) -> str:
    return f"release {version} {release_platform()}"


def _published_digest(checksums: str, file_name: str, url: str) -> str:
    for line in checksums.splitlines():
        digest, _, name = line.strip().partition(" ")
        if name.strip().lstrip("*") == file_name:
            return digest.lower()
    raise ReleaseError(f"{url} does not list {file_name}")


def _read_text(url: str, timeout: float) -> str:
    """Read a small text; give up after twice the time-out, whatever it is that does not answer.

    In a thread of its own, since a name server that is out of reach is waited for without any time-out.
    """
    result: list[str | Exception] = []

    def read() -> None:
        try:
            with urllib.request.urlopen(url, timeout=timeout) as answer:  # noqa: S310 - fixed https addresses
                result.append(answer.read(_MIB).decode(errors="replace"))
        except (OSError, ValueError) as error:
            result.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(2 * timeout)
    outcome = result[0] if result else TimeoutError("timed out")
    if isinstance(outcome, Exception):
        raise ReleaseError(f"{url} cannot be reached: {_reason(outcome)}") from outcome
    return outcome


def _download(url: str, to: Path, timeout: float, progress: Progress) -> str:
    digest = hashlib.sha256()
    done = reported = 0
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer, to.open("wb") as out:  # noqa: S310
            total = int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(_CHUNK):
                digest.update(chunk)
                out.write(chunk)
                done += len(chunk)
                if done - reported >= 16 * _MIB:
                    reported = done
                    progress(f"Pulumi engine: downloaded {done // _MIB} of {total // _MIB} MiB")
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{url} cannot be downloaded: {_reason(error)}") from error
    return digest.hexdigest()


def _unpack(archive: Path, to: Path) -> Path:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(to, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ReleaseError(f"the engine's archive cannot be unpacked: {error}") from error
    if not (to / "pulumi" / "pulumi").is_file():
        raise ReleaseError("the engine's archive holds no pulumi/pulumi")
    return to / "pulumi"


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error)
