"""What is remembered of an environment besides the engine's state: which AWS server it was deployed to."""

from __future__ import annotations

import json
from pathlib import Path

from localcloud.files import write_atomic


class Records:
    """Small files in the data folder, one for each environment."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "environments"

    def generation(self, environment: str) -> str | None:
        """Return the generation of the AWS server that `environment` was deployed to, if known."""
        try:
            found = json.loads(self._file(environment).read_text())["generation"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if isinstance(found, str) else None

    def deployed(self, environment: str, generation: str) -> None:
        """Remember that `environment` is deployed to the AWS server of `generation`."""
        write_atomic(self._file(environment), json.dumps({"generation": generation}) + "\n")

    def forget(self, environment: str) -> None:
        """Remove the record."""
        self._file(environment).unlink(missing_ok=True)

    def _file(self, environment: str) -> Path:
        return self._folder / f"{environment}.json"
