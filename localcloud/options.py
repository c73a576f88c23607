"""What a user chose for the local cloud, remembered until a reset."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from localcloud.endpoint import require_local
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic
from localcloud.ports import is_free
from localcloud.resource import LocalError

_SCHEMES = {
    "postgres_url": ("postgres", "postgresql"),
    "redis_url": ("redis", "rediss"),
}
_FLAGS = {"postgres_url": "--postgres", "redis_url": "--redis", "host_address": "--host-address"}


@dataclass(frozen=True, kw_only=True)
class Options:
    """Choices of ``understudy local up``; None means "not said". The URLs may hold passwords."""

    kube_context: str | None = None
    postgres_url: str | None = None
    redis_url: str | None = None
    host_address: str | None = None

    def __repr__(self) -> str:
        shown = ", ".join(f.name for f in fields(self) if getattr(self, f.name) is not None)
        return f"Options({shown})"

    def over(self, earlier: Options) -> Options:
        """These choices, and the earlier ones where nothing was said now."""
        said = {key: value for key, value in asdict(self).items() if value is not None}
        return replace(earlier, **said)

    def check(self) -> None:
        """Refuse a URL that is none or is not on this machine, and an address that is not ours."""
        for key, schemes in _SCHEMES.items():
            url = getattr(self, key)
            if url is not None:
                _check_url(_FLAGS[key], url, schemes)
        if self.host_address is not None and not is_free(self.host_address, 0):
            raise LocalCloudError(
                f"--host-address {self.host_address}: no address of this machine; `ip address` lists them",
                invalid_input=True,
            )


def load_options(data: Path) -> Options:
    """The choices made earlier; none when the file is missing or damaged."""
    try:
        return Options(**json.loads(_path(data).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Options()


def save_options(data: Path, options: Options) -> None:
    """Remember `options`, readable by the owner only."""
    write_atomic(_path(data), json.dumps(asdict(options), indent=2) + "\n", 0o600)


def _path(data: Path) -> Path:
    return data / "options.json"


def _check_url(flag: str, url: str, schemes: tuple[str, ...]) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise LocalCloudError(f"{flag}: this is no URL", invalid_input=True) from None
    if parts.scheme not in schemes or not host:
        raise LocalCloudError(
            f"{flag}: a URL like {schemes[0]}://user:password@127.0.0.1:{port or 5432} is wanted, "
            f"not one with scheme {parts.scheme!r} and host {host!r}",
            invalid_input=True,
        )
    try:
        # Without user and password, so that no message can quote them.
        require_local(f"http://{f'[{host}]' if ':' in host else host}:{port or 80}", f"the server of {flag}")
    except LocalError:
        raise LocalCloudError(
            f"{flag}: the host {host} is not this machine; the local cloud uses servers on this machine only",
            invalid_input=True,
        ) from None
