"""A stack's own configuration file, as the engine writes it beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from localcloud.files import write_atomic
from understudy.errors import InvalidInputError


def stack_file(project: Path, stack: str) -> Path:
    """Return the place of the configuration file of `stack` in the project folder `project`."""
    return project / str(_project(project).get("stackConfigDir") or "") / f"Pulumi.{stack}.yaml"


def project_name(project: Path) -> str:
    """Return the project's name."""
    return str(_project(project).get("name"))


def main_folder(project: Path) -> Path:
    """Return the folder of the program."""
    return project / str(_project(project).get("main") or "")


def read_config(path: Path) -> dict[str, str | None]:
    """Return the configuration in the file `path` as the program gets it: as text, objects as JSON.

    An encrypted value is None. A stack without a file has no configuration. Raises InvalidInputError when the
    file can't be read.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{path} can't be read: {' '.join(str(error).split())}") from None
    config: Any = content.get("config", {}) if isinstance(content, dict) else content
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise InvalidInputError(
            f"{path} has no configuration that is one: put `namespace:key: value` below config"
        )
    return {str(key): _text(value) for key, value in config.items()}


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) == {"secure"}:
        return None
    return json.dumps(value, default=str)


def _project(project: Path) -> dict[str, Any]:
    return yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8")) or {}


def drop_salt(project: Path, stack: str) -> bool:
    """Remove the salt that ties the file to a passphrase; False when there is none or it is still needed.

    It is needed as long as the file holds encrypted values. Without a salt the engine makes a new one, for
    the passphrase that is there now.
    """
    path = stack_file(project, stack)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("encryptionsalt:")]
    if len(kept) == len(lines) or any(line.strip().startswith(("secure:", "- secure:")) for line in kept):
        return False
    write_atomic(path, "".join(kept), mode=0o644)
    return True
