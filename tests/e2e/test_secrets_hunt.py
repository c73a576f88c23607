"""The hunt finds what is planted; otherwise its silence would prove nothing."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from secret_hunt import Hunt, Watch

SECRET = 'p"ss w/rd-1234567890'
HUNT = Hunt({"it": SECRET})


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps({"a": SECRET}),
        base64.b64encode(SECRET.encode()).decode(),
        "p%22ss%20w%2Frd-1234567890",
        SECRET.encode().hex(),
    ],
)
def test_every_form_is_found_in_text_and_files(written: str, tmp_path: Path) -> None:
    assert HUNT.found(f"before {written} after", "there") == ["it in there"]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text(f"{'x' * 100_000}{written}")
    assert HUNT.in_files(tmp_path) == ["it in deep/log"]
    assert HUNT.in_files(tmp_path, lambda name, path: name == "it" and path == Path("deep/log")) == []


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("p ss w/rd")
    assert HUNT.in_files(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_shows_it_is_seen() -> None:
    watch, sleep = Watch(), [sys.executable, "-c", "import time; time.sleep(1.5)"]
    with watch.watching():
        shown = [
            subprocess.Popen([*sleep, SECRET]),
            subprocess.Popen(sleep, env={"TOKEN": SECRET}),
        ]
        time.sleep(1.0)
        for process in shown:
            process.wait()
    found = watch.found(HUNT)
    assert any("command line" in line for line in found)
    assert any("environment" in line for line in found)
