"""RDS parameter groups as PostgreSQL settings: pure rules, no server needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.errors import LocalCloudError

# What RDS keeps to itself, and what this machine decides: where a server listens and keeps its files.
RESERVED = frozenset(
    {
        "archive_command", "archive_library", "archive_mode", "bonjour", "cluster_name", "config_file",
        "data_directory", "external_pid_file", "fsync", "full_page_writes", "hba_file", "ident_file",
        "listen_addresses", "log_destination", "log_directory", "log_filename", "logging_collector", "port",
        "primary_conninfo", "restore_command", "ssl", "ssl_ca_file", "ssl_cert_file", "ssl_crl_file",
        "ssl_key_file", "superuser_reserved_connections", "syslog_facility", "unix_socket_directories",
        "unix_socket_group", "unix_socket_permissions",
    }
)  # fmt: skip
FORCE_SSL = "rds.force_ssl"
LOGICAL_REPLICATION = "rds.logical_replication"
FORCE_SSL_BY_DEFAULT_SINCE = 15  # RDS's default parameter group, from this major version on

_BOOLEANS = {"1": "on", "on": "on", "true": "on", "0": "off", "off": "off", "false": "off"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Setting:
    """One row of pg_settings. `unit` is PostgreSQL's, such as ``kB``, ``8kB``, ``ms``; None without."""

    name: str
    context: str
    kind: str
    unit: str | None
    minimum: str | None
    maximum: str | None
    choices: tuple[str, ...]

    @property
    def needs_restart(self) -> bool:
        """Whether a change takes effect only when the server starts."""
        return self.context == "postmaster"


Catalogue = Mapping[str, Setting]


def read_catalogue(rows: Iterable[Mapping[str, Any]]) -> dict[str, Setting]:
    """Settings by lower-case name, from the rows of pg_settings."""
    return {
        str(row["name"]).lower(): Setting(
            name=row["name"],
            context=row["context"],
            kind=row["vartype"],
            unit=row["unit"],
            minimum=row["min_val"],
            maximum=row["max_val"],
            choices=tuple(row["enumvals"] or ()),
        )
        for row in rows
    }


def normalise(parameters: Mapping[str, str], catalogue: Catalogue, major: int) -> dict[str, str]:
    """Check a parameter group and return the settings that PostgreSQL is to be started with.

    >>> log = Setting("log_statement", "superuser", "enum", None, None, None, ("none", "all"))
    >>> normalise({"log_statement": "ALL"}, {"log_statement": log}, 15)
    {'log_statement': 'all'}
    """
    preloaded = _preloaded(parameters)
    return {
        name: value
        for given, text in sorted(parameters.items())
        for name, value in [_one(given, str(text).strip(), catalogue, major, preloaded)]
        if name
    }


def force_ssl(parameters: Mapping[str, str], major: int) -> bool:
    """Whether plain connections are refused: rds.force_ssl, which is on by default from version 15 on."""
    given = parameters.get(FORCE_SSL)
    if given is None:
        return major >= FORCE_SSL_BY_DEFAULT_SINCE
    return _BOOLEANS.get(str(given).lower()) == "on"


def waiting(old: Mapping[str, str], new: Mapping[str, str], catalogue: Catalogue) -> tuple[str, ...]:
    """The names whose change from `old` to `new` (both normalised) takes effect only after a restart."""
    changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    return tuple(sorted(name for name in changed if name not in catalogue or catalogue[name].needs_restart))


def render(settings: Mapping[str, str]) -> str:
    """The lines of a configuration file; every value is quoted."""
    return "".join(f"{name} = '{_quoted(value)}'\n" for name, value in sorted(settings.items()))


def _one(
    given: str, text: str, catalogue: Catalogue, major: int, preloaded: frozenset[str]
) -> tuple[str, str]:
    name = given.lower()
    if "\n" in text or "\0" in text:
        raise _bad(given, "the value must be one line")
    if text.startswith("{") or re.match(r"(GREATEST|LEAST|SUM)\(", text, re.IGNORECASE):
        raise _bad(given, f"the formula {text} has no meaning for a server on this machine; give a number")
    if name in (FORCE_SSL, LOGICAL_REPLICATION):
        if text.lower() not in _BOOLEANS:
            raise _bad(given, f"{text!r} is not 0 or 1")
        # rds.force_ssl is a rule of pg_hba.conf, not a setting.
        return ("wal_level", "logical") if name != FORCE_SSL and _BOOLEANS[text.lower()] == "on" else ("", "")
    if name in RESERVED or name.startswith("rds."):
        raise _bad(given, "it can't be set on a database of the local cloud; leave it out")
    setting = catalogue.get(name)
    if setting is None:
        if name.partition(".")[0] in preloaded and "." in name:
            return name, text
        raise _bad(given, f"PostgreSQL {major} has no such parameter; see `SHOW ALL` for those it has")
    if setting.context == "internal":
        raise _bad(given, "PostgreSQL shows it, but nobody can set it")
    return setting.name, _value(given, text, setting)


def _value(given: str, text: str, setting: Setting) -> str:
    if setting.kind == "bool":
        if text.lower() not in _BOOLEANS:
            raise _bad(given, f"{text!r} is not one of 0, 1, on, off, true, false")
        return _BOOLEANS[text.lower()]
    if setting.kind in ("integer", "real"):
        return _number(given, text, setting)
    if setting.kind == "enum":
        for choice in setting.choices:
            if choice.lower() == text.lower():
                return choice
        raise _bad(given, f"{text!r} is not one of {', '.join(setting.choices)}")
    return text


def _number(given: str, text: str, setting: Setting) -> str:
    unit = f" (in {setting.unit})" if setting.unit else ""
    if not _NUMBER.fullmatch(text) or (setting.kind == "integer" and "." in text):
        raise _bad(given, f"{text!r} is not a plain number{unit}, which is what RDS takes")
    low, high = setting.minimum, setting.maximum
    if low is not None and high is not None and not float(low) <= float(text) <= float(high):
        raise _bad(given, f"{text} is not between {low} and {high}{unit}")
    return text


def _preloaded(parameters: Mapping[str, str]) -> frozenset[str]:
    libraries = next((v for k, v in parameters.items() if k.lower() == "shared_preload_libraries"), "")
    return frozenset(name.strip() for name in str(libraries).split(","))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _bad(name: str, reason: str) -> LocalCloudError:
    return LocalCloudError(f"database parameter {name}: {reason}", invalid_input=True)
