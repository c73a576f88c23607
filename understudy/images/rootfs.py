"""What every image holds besides its program: root certificates, time zones, and a user that is not root."""

import importlib.metadata
import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path

import certifi

from understudy.images.oci import Entry

__all__ = ["CERTIFICATES", "USER", "base_files", "base_version"]

CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
USER = "65532:65532"

_USERS = "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n"
_GROUP = "root:x:0:\nnonroot:x:65532:\n"
# Names in /etc/hosts before DNS, for a program that is linked to glibc.
_NSSWITCH = "hosts: files dns\n"


def base_files() -> dict[str, Entry]:
    """Return the files by their path in the image; certificates and zones come from pinned packages."""
    files = {
        "etc/passwd": Entry(_USERS.encode()),
        "etc/group": Entry(_GROUP.encode()),
        "etc/nsswitch.conf": Entry(_NSSWITCH.encode()),
        CERTIFICATES: Entry(Path(certifi.where()).read_bytes()),
    }
    zones = importlib.resources.files("tzdata") / "zoneinfo"
    _collect(zones, "usr/share/zoneinfo", files)
    return files


def base_version() -> str:
    """Return what :func:`base_files` depends on, as text."""
    return " ".join(f"{name}={importlib.metadata.version(name)}" for name in ("certifi", "tzdata"))


def _collect(folder: Traversable, prefix: str, files: dict[str, Entry]) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                _collect(entry, f"{prefix}/{entry.name}", files)
        elif not entry.name.endswith((".py", ".pyc")):
            files[f"{prefix}/{entry.name}"] = Entry(entry.read_bytes())
