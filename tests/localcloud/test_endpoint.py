"""Local plugins talk to this machine and to nothing else."""

from __future__ import annotations

import pytest

from localcloud.endpoint import require_local
from localcloud.resource import LocalError


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://localhost:1", "http://127.9.9.9", "https://[::1]:4566"]
)
def test_loopback_is_here(url: str) -> None:
    assert require_local(url, "the endpoint") == url


@pytest.mark.parametrize("url", ["http://192.0.2.1:5000", "https://[2001:db8::1]", "http://198.51.100.7"])
def test_another_machine_is_refused(url: str) -> None:
    with pytest.raises(LocalError, match="not on this machine") as caught:
        require_local(url, "the endpoint")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:5000", "ftp://127.0.0.1", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(LocalError, match="must be an http"):
        require_local(url, "the endpoint")
