"""A stack's own configuration file, as the engine writes it beside the project."""

from __future__ import annotations

from pathlib import Path

import yaml

from localcloud.files import write_atomic


def stack_file(project: Path, stack: str) -> Path:
    """Return the place of the configuration file of `stack` in the project folder `project`."""
    settings = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8")) or {}
    return project / str(settings.get("stackConfigDir") or "") / f"Pulumi.{stack}.yaml"


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
