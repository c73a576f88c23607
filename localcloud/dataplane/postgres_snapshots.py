"""What is kept of a database that was deleted with a final snapshot: its data directory."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

from localcloud.dataplane.model import DatabaseSnapshot
from localcloud.dataplane.place import Place
from localcloud.dataplane.postgres_server import Server
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic

_NAME = re.compile(r"[a-z](-?[a-z0-9])*")


class Snapshots:
    """The snapshots of one instance of the local cloud, a folder each; a reset removes them all."""

    def __init__(self, place: Place) -> None:
        self._root = place.root / "snapshots"

    def find(self, name: str) -> DatabaseSnapshot | None:
        """The snapshot called `name`; None when there is no data of one."""
        try:
            return DatabaseSnapshot(**json.loads((self._folder(name) / "snapshot.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def data(self, name: str) -> Path:
        """The data directory of a snapshot, to be copied."""
        return self._folder(name) / "data"

    def take(self, server: Server, name: str) -> None:
        """Stop `server` and move its data into the snapshot `name`. A take that was cut short is finished."""
        record = server.record()
        if self.find(name) is not None:
            if record is None or not server.data.exists():
                return
            raise LocalCloudError(
                f"snapshot {name}: there is one of this name already; choose another name for it"
            )
        if record is None:
            raise LocalCloudError(f"database {server.identifier}: there is none of this name")
        server.stop()
        folder, half = self._folder(name), self._folder(name).with_suffix(".new")
        if server.data.exists():
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            server.data.rename(half / "data")
        snapshot = DatabaseSnapshot(name, record.major_version, record.master_username, record.db_name)
        write_atomic(half / "snapshot.json", json.dumps(asdict(snapshot)))
        half.rename(folder)

    def _folder(self, name: str) -> Path:
        # RDS keeps names of snapshots in lower case.
        folded = name.lower()
        if len(folded) > 255 or not _NAME.fullmatch(folded):
            raise LocalCloudError(
                f"snapshot {name!r}: letters, digits and single hyphens, beginning with a letter",
                invalid_input=True,
            )
        return self._root / folded
