"""``cloud.json``: the description of the running local cloud, for everybody who uses it.

The lifecycle writes it as the last step of ``up`` and removes it on ``down``; plugins, the command line
and image imports read it. It may hold the user's own database password, hence its mode 0600.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic

LOCATION_VARIABLE = "UNDERSTUDY_LOCAL"
FILE_NAME = "cloud.json"
SCHEMA = 1
REGION = "eu-central-1"
ACCOUNT_ID = "123456789012"  # the account that moto plays

ImageImport = Literal["containerd", "kind", "k3d", "none"]


@dataclass(frozen=True, kw_only=True)
class PostgresMode:
    """Where databases come from: own servers (`binaries`: programs by major version) or the one at `url`."""

    binaries: dict[int, str] = field(default_factory=dict)
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class RedisMode:
    """Where caches come from: own servers (`binary`, its `version`) or the user's own one at `url`."""

    binary: str | None = None
    version: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class LocalCloud:
    """One running local cloud.

    `host_address` is the address at which both this machine and the pods reach moto, PostgreSQL and
    Redis. `own_cluster` is False when `context` is a cluster of the user's. `image_import` says how an
    image gets onto the nodes, `image_import_target` which containerd socket, kind or k3d cluster takes it.
    `generation` changes whenever moto starts with empty hands.
    """

    endpoint_url: str
    host_address: str
    kubeconfig: str
    context: str
    generation: str
    own_cluster: bool
    image_import: ImageImport
    image_import_target: str = ""
    region: str = REGION
    account_id: str = ACCOUNT_ID
    postgres: PostgresMode = field(default_factory=PostgresMode)
    redis: RedisMode = field(default_factory=RedisMode)
    versions: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA


def path_in(data: Path) -> Path:
    """The place of cloud.json in a data folder."""
    return data / FILE_NAME


def current_path(data: Path) -> Path:
    """The cloud.json that this process is to use: ``$UNDERSTUDY_LOCAL``, else the data folder's."""
    chosen = os.environ.get(LOCATION_VARIABLE, "")
    return Path(chosen) if chosen else path_in(data)


def load(path: Path) -> LocalCloud:
    """Read a cloud.json.

    Raises LocalCloudError with one line when there is none, or when it is damaged or of another version.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise LocalCloudError(
            "the local cloud is not running; start it with `understudy local up`", invalid_input=True
        ) from None
    except OSError as error:
        raise LocalCloudError(f"{path} can't be read: {error.strerror}") from None
    import pydantic  # noqa: PLC0415 - costs 0.1 s, and only readers need it

    try:
        cloud = _adapter().validate_json(text, strict=True)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise LocalCloudError(
            f"{path} is damaged: {where}: {first['msg']}; write it anew with `understudy local up`"
        ) from None
    if cloud.schema != SCHEMA:
        raise LocalCloudError(
            f"{path} is of another version ({cloud.schema}, not {SCHEMA}); run `understudy local up`"
        )
    return cloud


def load_if_any(path: Path) -> LocalCloud | None:
    """Read a cloud.json; None when there is none or it is not usable."""
    try:
        return load(path)
    except LocalCloudError:
        return None


def save(cloud: LocalCloud, path: Path) -> None:
    """Write `cloud` to `path`, all or nothing, readable by its owner only."""
    write_atomic(path, _adapter().dump_json(cloud, indent=2).decode() + "\n", mode=0o600)


def _adapter():
    import pydantic  # noqa: PLC0415

    return pydantic.TypeAdapter(LocalCloud)
