"""ElastiCache parameter groups as Redis directives: pure rules, no server needed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from localcloud.errors import LocalCloudError

# What ElastiCache keeps to itself, and what this machine decides.
RESERVED = frozenset(
    {
        "aclfile", "bind", "cluster-config-file", "config-rewrite", "daemonize", "dbfilename", "dir",
        "include", "loadmodule", "logfile", "masterauth", "masteruser", "maxmemory", "pidfile", "port",
        "protected-mode", "rename-command", "replicaof", "requirepass", "slaveof", "supervised",
        "tls-auth-clients", "tls-ca-cert-file", "tls-cert-file", "tls-key-file", "tls-port", "unixsocket",
        "user",
    }
)  # fmt: skip
RESERVED_MEMORY_PERCENT = "reserved-memory-percent"
DEFAULT_RESERVED_PERCENT = 25  # ElastiCache's default
_OUTPUT_BUFFER = re.compile(
    r"client-output-buffer-limit-(normal|replica|slave|pubsub)-(hard-limit|soft-limit|soft-seconds)"
)
_OUTPUT_BUFFER_DEFAULTS = {
    "normal": {"hard-limit": "0", "soft-limit": "0", "soft-seconds": "0"},
    "replica": {"hard-limit": "268435456", "soft-limit": "67108864", "soft-seconds": "60"},
    "pubsub": {"hard-limit": "33554432", "soft-limit": "8388608", "soft-seconds": "60"},
}


def directives(parameters: Mapping[str, str], memory_mib: int | None = None) -> dict[str, str]:
    """Redis directives for a parameter group; `memory_mib` is the node's memory in MiB.

    >>> directives({"timeout": "60"}, memory_mib=100)
    {'timeout': '60', 'maxmemory': '78643200'}
    """
    result: dict[str, str] = {}
    buffers: dict[str, dict[str, str]] = {}
    reserved = DEFAULT_RESERVED_PERCENT
    for given, raw in sorted(parameters.items()):
        name, text = given.lower(), str(raw).strip()
        if "\n" in text or "\0" in text:
            raise bad_parameter(given, "the value must be one line")
        if name == RESERVED_MEMORY_PERCENT:
            reserved = _percent(given, text)
        elif name == "cluster-enabled":
            if text.lower() not in ("no", "0"):
                raise bad_parameter(given, "cluster mode is not there on the local cloud; set it to no")
        elif name in RESERVED or name.startswith("tls-"):
            raise bad_parameter(given, "it can't be set on a cache of the local cloud; leave it out")
        elif match := _OUTPUT_BUFFER.fullmatch(name):
            kind = "replica" if match.group(1) == "slave" else match.group(1)
            buffers.setdefault(kind, dict(_OUTPUT_BUFFER_DEFAULTS[kind]))[match.group(2)] = text
        else:
            result[name] = text
    if buffers:
        result["client-output-buffer-limit"] = " ".join(
            f"{kind} {limit['hard-limit']} {limit['soft-limit']} {limit['soft-seconds']}"
            for kind, limit in sorted(buffers.items())
        )
    if memory_mib is not None:
        result["maxmemory"] = str(memory_mib * 2**20 * (100 - reserved) // 100)
    return result


def quoted(value: str) -> str:
    """A value as a directive's argument in redis.conf.

    >>> quoted('a "b"')
    '"a \\\\"b\\\\""'
    """
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def render(settings: Mapping[str, str]) -> str:
    """Lines of redis.conf for directives. Those with several arguments are written bare."""
    return "".join(
        f"{name} {value if _several(name) else quoted(value)}\n" for name, value in sorted(settings.items())
    )


def check_version(wanted: str, installed: str) -> None:
    """Refuse an engine version whose major version is not the installed one."""
    if wanted.split(".", maxsplit=1)[0] != installed.split(".", maxsplit=1)[0]:
        raise LocalCloudError(
            f"Redis {wanted} is not installed on this machine (there is: {installed}); "
            f"ask for {installed.split('.', maxsplit=1)[0]}.x",
            invalid_input=True,
        )


def bad_parameter(name: str, reason: str) -> LocalCloudError:
    """The error for a parameter that can't be had."""
    return LocalCloudError(f"cache parameter {name}: {reason}", invalid_input=True)


def _several(name: str) -> bool:
    return name in ("client-output-buffer-limit", "save")


def _percent(given: str, text: str) -> int:
    if not text.isdecimal() or int(text) > 100:
        raise bad_parameter(given, f"{text!r} is not a number from 0 to 100")
    return int(text)
