"""Which PostgreSQL and Redis servers are installed on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

# Debian and Ubuntu; Homebrew on Apple silicon and Intel; the PostgreSQL project's RPMs.
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/pgsql-*/bin",
)
_VERSION = re.compile(r"(\d+)(?:\.\d+)*")


def find_postgres(
    patterns: Sequence[str] = POSTGRES_FOLDERS, search_path: str | None = None
) -> dict[int, str]:
    """Folders of PostgreSQL's server programs by major version; one on PATH wins."""
    folders = [folder for pattern in patterns for folder in sorted(Path("/").glob(pattern.lstrip("/")))]
    on_path = shutil.which("postgres", path=search_path)
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found: dict[int, str] = {}
    for folder in folders:
        if (folder / "initdb").exists() and (version := program_version(folder / "postgres")):
            found[int(version.split(".")[0])] = str(folder)
    return dict(sorted(found.items()))


def find_redis(search_path: str | None = None) -> tuple[str, str] | None:
    """The redis-server on PATH and its version; None when there is none."""
    program = shutil.which("redis-server", path=search_path)
    version = program_version(Path(program)) if program else None
    return (program, version) if program and version else None


def program_version(program: Path) -> str | None:
    """The version that ``program --version`` prints, such as "15.20"; None when it does not run."""
    try:
        answer = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stdout)
    return match.group(0) if match and answer.returncode == 0 else None
