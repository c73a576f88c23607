"""RDS parameter groups as PostgreSQL settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.dataplane.postgres_parameters import (
    RESERVED,
    Setting,
    force_ssl,
    normalise,
    render,
    waiting,
)
from localcloud.errors import LocalCloudError

CATALOGUE = {
    setting.name.lower(): setting
    for setting in (
        Setting("work_mem", "user", "integer", "kB", "64", "2147483647", ()),
        Setting("max_connections", "postmaster", "integer", None, "1", "262143", ()),
        Setting("random_page_cost", "user", "real", None, "0", "1.79e+308", ()),
        Setting("autovacuum", "sighup", "bool", None, None, None, ()),
        Setting("log_statement", "superuser", "enum", None, None, None, ("none", "ddl", "all")),
        Setting("search_path", "user", "string", None, None, None, ()),
        Setting("block_size", "internal", "integer", None, "8192", "8192", ()),
        Setting("DateStyle", "user", "string", None, None, None, ()),
    )
}


@pytest.mark.parametrize(
    ("given_parameters", "expected"),
    [
        ({"work_mem": "4096"}, {"work_mem": "4096"}),
        ({"WORK_MEM": " 64 "}, {"work_mem": "64"}),
        ({"random_page_cost": "1.1"}, {"random_page_cost": "1.1"}),
        ({"autovacuum": "0"}, {"autovacuum": "off"}),
        ({"autovacuum": "TRUE"}, {"autovacuum": "on"}),
        ({"log_statement": "DDL"}, {"log_statement": "ddl"}),
        ({"datestyle": "ISO"}, {"DateStyle": "ISO"}),
        ({"rds.force_ssl": "1"}, {}),
        ({"rds.logical_replication": "1"}, {"wal_level": "logical"}),
        ({"rds.logical_replication": "0"}, {}),
    ],
)
def test_taken(given_parameters: dict[str, str], expected: dict[str, str]):
    assert normalise(given_parameters, CATALOGUE, 15) == expected


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("nope", "1", "no such parameter"),
        ("nope.max", "1", "no such parameter"),
        ("work_mem", "4MB", "plain number"),
        ("work_mem", "1.5", "plain number"),
        ("work_mem", "63", "not between 64"),
        ("autovacuum", "maybe", "not one of"),
        ("log_statement", "some", "not one of none, ddl, all"),
        ("block_size", "8192", "nobody can set it"),
        ("rds.force_ssl", "yes!", "not 0 or 1"),
        ("rds.log_retention_period", "1", "can't be set"),
        ("max_connections", "{DBInstanceClassMemory/9531392}", "formula"),
        ("max_connections", "LEAST(1,2)", "formula"),
        ("search_path", "a\nport = 1", "one line"),
        *((name, "1", "can't be set") for name in sorted(RESERVED)),
    ],
)
def test_refused_by_name_in_one_line(name: str, value: str, reason: str):
    with pytest.raises(LocalCloudError, match=reason) as raised:
        normalise({name: value}, CATALOGUE, 15)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.invalid_input


def test_settings_of_a_preloaded_library_are_taken():
    parameters = {"shared_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "5"}
    catalogue = {
        **CATALOGUE,
        "shared_preload_libraries": Setting(
            "shared_preload_libraries", "postmaster", "string", None, None, None, ()
        ),
    }
    settings = normalise(parameters, catalogue, 15)
    assert settings["auto_explain.log_min_duration"] == "5"
    assert waiting({}, settings, catalogue) == ("auto_explain.log_min_duration", "shared_preload_libraries")


def test_what_waits_for_a_restart():
    assert waiting({"work_mem": "64"}, {"work_mem": "65", "max_connections": "5"}, CATALOGUE) == (
        "max_connections",
    )
    assert waiting({"max_connections": "5"}, {}, CATALOGUE) == ("max_connections",)
    assert waiting({"max_connections": "5"}, {"max_connections": "5"}, CATALOGUE) == ()


@pytest.mark.parametrize(
    ("parameters", "major", "expected"),
    [
        ({}, 15, True),
        ({}, 14, False),
        ({"rds.force_ssl": "0"}, 15, False),
        ({"rds.force_ssl": "1"}, 14, True),
    ],
)
def test_force_ssl(parameters: dict[str, str], major: int, expected: bool):
    assert force_ssl(parameters, major) is expected


@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs"])))
def test_no_value_escapes_its_quotes(value: str):
    line = render({"search_path": value})
    assert line.startswith("search_path = '") and line.endswith("'\n")
    inner = line[len("search_path = '") : -2]
    assert inner.replace("''", "").count("'") == 0
    assert inner.replace("''", "'").replace("\\\\", "\\") == value
