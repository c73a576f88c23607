"""Which engine versions serve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.engine.versions import PINNED, Version, acceptable, parse_version

_NUMBERS = st.integers(min_value=0, max_value=9999)
_VERSIONS = st.builds(Version, _NUMBERS, _NUMBERS, _NUMBERS, st.sampled_from(["", "alpha.1", "rc.2"]))


@given(_VERSIONS)
def test_a_printed_version_is_read_back(version):
    for text in (str(version), f"v{version}\n", f"v{version}+dirty"):
        assert parse_version(text) == version


@given(st.text(max_size=20))
def test_other_text_is_no_version_and_no_error(text):
    version = parse_version(text)
    assert version is None or str(version) in text


@pytest.mark.parametrize(
    ("text", "serves"),
    [
        ("3.259.0", True),
        ("3.259.7", True),
        ("3.260.0", True),
        ("3.1000.0", True),
        ("3.260.0-alpha.1", True),
        ("3.259.0-alpha.1", False),
        ("3.258.9", False),
        ("3.26.0", False),
        ("2.999.0", False),
        ("4.0.0", False),
    ],
)
def test_the_pinned_minor_or_newer_of_the_same_major_serves(text, serves):
    version = parse_version(text)
    assert version is not None
    assert acceptable(version, Version(3, 259, 0)) is serves


def test_the_pinned_version_is_that_of_the_go_module_and_of_the_sdk():
    import importlib.metadata
    from pathlib import Path

    from localcloud.engine import versions

    module = (Path(versions.__file__).parent / "build" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{PINNED} " in module
    assert importlib.metadata.version("pulumi") == str(PINNED)
