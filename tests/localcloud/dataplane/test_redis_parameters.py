"""ElastiCache parameter groups as Redis directives, and tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.dataplane.redis_parameters import RESERVED, check_version, directives, quoted, render
from localcloud.dataplane.redis_server import check_token, default_user, digest
from localcloud.dataplane.redis_tokens import tokens_after
from localcloud.errors import LocalCloudError


def test_memory_is_what_is_not_reserved():
    assert directives({}, 100) == {"maxmemory": str(75 * 2**20)}
    assert directives({"reserved-memory-percent": "0"}, 100) == {"maxmemory": str(100 * 2**20)}
    assert directives({"reserved-memory-percent": "50"}) == {}


def test_output_buffer_limits_are_put_together():
    parameters = {
        "client-output-buffer-limit-pubsub-soft-seconds": "30",
        "client-output-buffer-limit-replica-hard-limit": "5",
    }
    expected = "pubsub 33554432 8388608 30 replica 5 67108864 60"
    assert directives(parameters) == {"client-output-buffer-limit": expected}
    assert render(directives(parameters)) == f"client-output-buffer-limit {expected}\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cluster-enabled", "yes"),
        ("reserved-memory-percent", "101"),
        ("timeout", "1\nrequirepass x"),
        ("tls-ciphers", "x"),
        *((name, "x") for name in sorted(RESERVED)),
    ],
)
def test_refused_by_name(name: str, value: str):
    with pytest.raises(LocalCloudError, match=name) as raised:
        directives({name: value})
    assert "\n" not in str(raised.value)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs"])))
def test_no_value_escapes_its_quotes(value: str):
    text = quoted(value)
    assert text[0] == text[-1] == '"'
    assert text[1:-1].replace("\\\\", "").replace('\\"', "").count('"') == 0


def test_versions():
    check_version("7.1", "7.0.15")
    with pytest.raises(LocalCloudError, match=r"7\.x"):
        check_version("6.2", "7.0.15")


@pytest.mark.parametrize(
    "token", ["short", "x" * 129, "with space in the middle", 'quote"quote"quote"q', "é" * 20]
)
def test_bad_tokens_are_refused_and_not_quoted(token: str):
    with pytest.raises(LocalCloudError) as raised:
        check_token("c", token)
    assert token not in str(raised.value)


def test_strategies():
    one, two = digest("one"), digest("two")
    assert tokens_after([one], "two", "ROTATE") == [one, two]
    assert tokens_after([one, two], "three", "ROTATE") == [two, digest("three")]
    assert tokens_after([one, two], "two", "SET") == [two]
    assert tokens_after([one], None, "DELETE") == []
    assert tokens_after([one], None, "SET") == [one]
    assert "nopass" in default_user([]) and "nopass" not in default_user([one])
