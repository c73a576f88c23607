"""Where the servers of the data plane keep their files, and as whom they run."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from localcloud.errors import LocalCloudError

SYSTEM_ROOT = Path("/var/lib/understudy")
MINIMUM_FREE = 512 * 1024 * 1024  # bytes; one new database is 40 MiB, with its log 60


@dataclass(frozen=True)
class Place:
    """Folders of the servers of one instance of the local cloud.

    PostgreSQL refuses to run as root, and root's home is closed to everybody else: when we are root and
    the data folder can't be reached by other users, the servers' files are under /var/lib/understudy.
    """

    data: Path
    instance: str

    @property
    def root(self) -> Path:
        """The folder above all servers' folders."""
        if os.geteuid() == 0 and not reachable_by_others(self.data):
            return SYSTEM_ROOT / self.instance
        return self.data / "servers"

    @property
    def sockets(self) -> Path:
        """A folder with a short path for Unix sockets, whose paths end at 107 bytes."""
        if os.geteuid() == 0:
            return Path("/run/understudy") / self.instance
        runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(runtime) / f"understudy-{self.instance}"

    @property
    def locks(self) -> Path:
        """The folder of the lock files."""
        return self.data / "run"

    def prepare(self) -> None:
        """Make the folders; refuse when the disk is nearly full."""
        self.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if free < MINIMUM_FREE:
            raise LocalCloudError(
                f"{self.root}: only {free // 2**20} MiB are free on this disk and a database needs "
                f"{MINIMUM_FREE // 2**20} MiB; make room and run the same command again"
            )

    def remove(self) -> None:
        """Remove every file of every server, for a reset."""
        for folder in (self.root, self.sockets):
            shutil.rmtree(folder, ignore_errors=True)


def service_user(preferred: Sequence[str]) -> str | None:
    """The unprivileged user to run a server as; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for name in (*preferred, "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LocalCloudError("no unprivileged user to run servers as: add the system user `postgres`")


def hand_over(path: Path, user: str | None) -> None:
    """Give `path` (and what is in it) to `user`, if we are root."""
    if user is None:
        return
    owner = pwd.getpwnam(user)
    os.chown(path, owner.pw_uid, owner.pw_gid)
    if path.is_dir():
        for child in path.rglob("*"):
            os.chown(child, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def reachable_by_others(folder: Path) -> bool:
    """Tell whether any user may pass through `folder` and everything above it; the part that exists."""
    for path in (folder, *folder.resolve().parents):
        try:
            if not path.stat().st_mode & stat.S_IXOTH:
                return False
        except FileNotFoundError:
            continue
    return True
