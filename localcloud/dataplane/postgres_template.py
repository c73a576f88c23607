"""One fresh PostgreSQL data directory per version, copied for every database instance."""

from __future__ import annotations

import json
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from localcloud.dataplane.binaries import program_version
from localcloud.dataplane.place import Place, hand_over, service_user
from localcloud.dataplane.postgres_parameters import Setting, read_catalogue
from localcloud.errors import LocalCloudError
from localcloud.files import locked, write_atomic

ADMIN = "rdsadmin"  # the superuser, as on RDS; only we can be it, over the Unix socket
POSTGRES_USERS = ("postgres",)
PRELOAD = "pg_stat_statements"

# rds_superuser is what a master user is a member of: not a superuser, but with the roles RDS gives it.
_ROLES = (
    "CREATE ROLE rds_superuser NOLOGIN CREATEROLE CREATEDB",
    "GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION",
)
_SETTINGS = (
    "COPY (SELECT jsonb_agg(to_jsonb(s)) FROM (SELECT name, context, vartype, unit, min_val, max_val, "
    "enumvals FROM pg_settings) s) TO '{file}'"
)


@dataclass(frozen=True)
class Template:
    """A data directory that no server runs on, and what its version of PostgreSQL can be told."""

    major: int
    version: str
    binaries: Path
    folder: Path
    catalogue: dict[str, Setting]

    @property
    def data(self) -> Path:
        """The data directory to copy."""
        return self.folder / "data"

    @property
    def preload(self) -> str:
        """RDS's default for shared_preload_libraries, as far as it is installed."""
        return PRELOAD if f"{PRELOAD}.max" in self.catalogue else ""


def ensure_template(place: Place, major: int, binaries: Path) -> Template:
    """The template of one major version; made on first use (2 s), safe when several start at once."""
    version = program_version(binaries / "postgres")
    if version is None:
        raise LocalCloudError(f"{binaries / 'postgres'} does not run; install PostgreSQL {major} again")
    folder = place.root / "templates" / f"postgresql-{version}"
    place.locks.mkdir(parents=True, exist_ok=True)
    with locked(place.locks / f"template-{version}.lock"):
        if not (folder / "catalogue.json").exists():
            _make(place, folder, binaries, major)
    rows = json.loads((folder / "catalogue.json").read_text())
    return Template(major, version, binaries, folder, read_catalogue(rows))


def _make(place: Place, folder: Path, binaries: Path, major: int) -> None:
    place.prepare()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    user = service_user(POSTGRES_USERS)
    hand_over(folder, user)
    data, rows = folder / "data", folder / "settings.json"
    # Sorted like RDS's en_US.UTF-8 on every machine: ICU carries its own rules, the C library may not.
    collation = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
    plain = ["--encoding=UTF8", "--locale=C.UTF-8"]
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", ADMIN, "--no-sync", "--no-instructions",
              "--auth-local=peer", "--auth-host=scram-sha-256", "--encoding=UTF8"]  # fmt: skip
    answer = _run([*initdb, *(collation if major >= 15 else plain)], user)
    if answer.returncode != 0 and "ICU" in answer.stderr:
        shutil.rmtree(data, ignore_errors=True)
        answer = _run([*initdb, *plain], user)
    _require(answer, "initdb", major)
    library = _run([str(binaries / "pg_config"), "--pkglibdir"], None).stdout.strip()
    preload = [f"-cshared_preload_libraries={PRELOAD}"] if (Path(library) / f"{PRELOAD}.so").exists() else []
    single = [str(binaries / "postgres"), "--single", "-D", str(data), "-cfsync=off", *preload, "-j"]
    statements = [*_roles(major), _SETTINGS.format(file=rows)]
    answer = _run([*single, "postgres"], user, "".join(f"{statement};\n\n" for statement in statements))
    if not rows.exists() or "ERROR" in answer.stderr:
        _require(subprocess.CompletedProcess([], 1, "", answer.stderr), "postgres --single", major)
    write_atomic(folder / "catalogue.json", _unescape(rows.read_text()), 0o644)


def _roles(major: int) -> list[str]:
    # pg_checkpoint exists from version 15 on.
    return [role if major >= 15 else role.replace(", pg_checkpoint", "") for role in _ROLES]


def _unescape(copied: str) -> str:
    # COPY's text format doubles the backslashes that JSON uses.
    return copied.strip().replace("\\\\", "\\")


def _run(argv: list[str], user: str | None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    group = None if user is None else pwd.getpwnam(user).pw_gid
    try:
        return subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd="/",
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalCloudError(f"{argv[0]} does not run: {error}") from None


def _require(answer: subprocess.CompletedProcess[str], what: str, major: int) -> None:
    if answer.returncode != 0:
        lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
        raise LocalCloudError(
            f"{what} of PostgreSQL {major} failed: {' | '.join(lines[-3:]) or 'no output'}",
            details=answer.stderr,
        )
