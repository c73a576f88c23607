from pathlib import Path
from typing import Any

from benchmarks.direct.replay import Names
from benchmarks.figures import Figure, middle, put_into_page, table
from benchmarks.processes import Peak, Usage, role_of

NAMES = ("date", "processor", "cores", "memory_gib", "system", "python", "load")
SEEN: dict[str, Any] = dict.fromkeys(NAMES, 1)


def test_a_missed_target_is_marked():
    rows = table([Figure("fast", 1.0, "s", 2.0), Figure("slow", 3.0, "s", 2.0), Figure("free", 9.0, "s")])
    assert [("**missed**" in row) for row in rows.splitlines()[2:]] == [False, True, False]


def test_the_page_keeps_what_stands_around_the_figures(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nend\n")
    for value in (1.0, 2.0):
        put_into_page(page, [Figure("a", value, "s")], SEEN)
    text = page.read_text()
    assert text.startswith("# Title\n") and text.endswith("<!-- /figures -->\n\nend\n")
    assert "old" not in text and "| a | 2.0 s |" in text and "1.0 s" not in text


def test_the_peak_is_of_one_moment():
    usage = Usage([{"aws plugin": Peak(5, 4)}, {"aws plugin": Peak(3, 3), "language host": Peak(3, 1)}])
    assert usage.peak("aws plugin", "language host") == Peak(6, 4)


def test_the_median_of_two_is_the_lower():
    assert middle([5.0, 1.0]) == 1.0


def test_roles_by_command_line():
    assert role_of("/v/bin/python -P -m localcloud.plugin kubernetes 127.0.0.1:1") == "kubernetes plugin"
    assert role_of("/v/bin/python /p/localcloud/engine/host/child.py 5 program") == "program"


def test_names_of_a_copy():
    names = Names("made", "copy")
    names.learn("arn:x:made/db-AbC", "arn:x:copy/db-XyZ")
    names.learn(22401, 23999)
    secret = {"4dabf18193072939515e22adb298388d": "sig", "plaintext": '"port 22401 of 122401"'}
    assert names.translate({"a": "arn:x:made/db-AbC", "__b": 1, "c": [secret]}) == {
        "a": "arn:x:copy/db-XyZ",
        "c": ["port 23999 of 122401"],
    }
