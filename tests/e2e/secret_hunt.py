"""Plants and finds secrets: in files, in processes, in whatever was printed."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

_CHUNK = 8 * 1024 * 1024
_LOOKS_PER_SECOND = 50


class Hunt:
    """The secrets to look for, by name, each in every form in which it could be written."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        assert all(len(value) >= 12 for value in secrets.values()), "too short to be told from chance"
        self._forms = [(name, form) for name, value in secrets.items() for form in _forms(value)]
        self._longest = max(len(form) for _, form in self._forms)

    def found(self, content: str | bytes, where: str) -> list[str]:
        """Return which secrets `content` holds, one line each."""
        data = content.encode(errors="replace") if isinstance(content, str) else content
        return sorted({f"{name} in {where}" for name, form in self._forms if form in data})

    def in_files(self, folder: Path, allowed: Callable[[str, Path], bool] = lambda *_: False) -> list[str]:
        """Return which secrets the files below `folder` hold, but for those that `allowed(name, path)`."""
        lines: set[str] = set()
        for path in _files(folder):
            relative = path.relative_to(folder)
            for name in self._in_file(path):
                if not allowed(name, relative):
                    lines.add(f"{name} in {relative}")
        return sorted(lines)

    def _in_file(self, path: Path) -> set[str]:
        names: set[str] = set()
        with contextlib.suppress(OSError), path.open("rb") as stream:
            before = b""
            while chunk := stream.read(_CHUNK):
                data = before + chunk
                names |= {name for name, form in self._forms if form in data}
                before = data[-self._longest :]
        return names


class Watch:
    """Remembers the command line and the environment of every process that runs while it watches."""

    def __init__(self) -> None:
        self._seen: dict[tuple[bytes, bytes], str] = {}
        self._stop = threading.Event()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look at all processes again and again until the block ends."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def found(self, hunt: Hunt) -> list[str]:
        """Return which secrets were seen in which processes."""
        lines: set[str] = set()
        for (command, environment), program in self._seen.items():
            lines.update(hunt.found(command, f"the command line of {program}"))
            lines.update(hunt.found(environment, f"the environment of {program}"))
        return sorted(lines)

    def programs(self) -> set[str]:
        """Return the names of the programs that were seen, to prove that the watch saw something."""
        return set(self._seen.values())

    def _look(self) -> None:
        while not self._stop.wait(1 / _LOOKS_PER_SECOND):
            for entry in os.scandir("/proc"):
                if entry.name.isdigit() and int(entry.name) != os.getpid():
                    self._remember(Path(entry.path))

    def _remember(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes()
            if command:
                environment = (folder / "environ").read_bytes()
                self._seen.setdefault((command, environment), (folder / "comm").read_text().strip())


def _forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    # Without the last characters, which depend on what follows.
    encoded = base64.b64encode(raw).rstrip(b"=")[:-1]
    return {
        raw,
        encoded,
        json.dumps(secret)[1:-1].encode(),
        quote(secret, safe="").encode(),
        raw.hex().encode(),
    }


def _files(folder: Path) -> Iterable[Path]:
    for place, _folders, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with contextlib.suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path
