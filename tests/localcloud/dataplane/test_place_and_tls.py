"""Where servers live, and their certificates."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from localcloud.dataplane import place as place_module
from localcloud.dataplane.binaries import find_postgres, program_version
from localcloud.dataplane.model import check_identifier
from localcloud.dataplane.place import Place, reachable_by_others
from localcloud.dataplane.tls import Authority, needs_renewal
from localcloud.dataplane.urls import client_endpoint, is_loopback
from localcloud.errors import LocalCloudError


def test_a_closed_folder_is_not_reachable(tmp_path: Path):
    tmp_path.chmod(0o700)
    assert not reachable_by_others(tmp_path / "not" / "there")


def test_root_with_a_closed_data_folder_goes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(place_module.os, "geteuid", lambda: 0)
    monkeypatch.setattr(place_module, "reachable_by_others", lambda _: False)
    assert Place(tmp_path, "abc").root == Path("/var/lib/understudy/abc")
    monkeypatch.setattr(place_module.os, "geteuid", lambda: 1000)
    assert Place(tmp_path, "abc").root == tmp_path / "servers"


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(place_module, "MINIMUM_FREE", 2**60)
    monkeypatch.setattr(place_module.os, "geteuid", lambda: 1000)
    with pytest.raises(LocalCloudError, match="MiB are free"):
        Place(tmp_path, "abc").prepare()


def test_certificates(tmp_path: Path):
    authority = Authority(tmp_path / "tls")
    issued = authority.issue("10.213.0.1")
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o777 == 0o600
    assert authority.ensure() == authority.ca_file
    file = tmp_path / "server.crt"
    assert needs_renewal(file, "10.213.0.1")
    file.write_text(issued.certificate)
    assert not needs_renewal(file, "10.213.0.1")
    assert needs_renewal(file, "10.213.0.2")
    first = x509.load_pem_x509_certificate(issued.certificate.encode())
    first.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca_file.read_bytes()))
    ssl.create_default_context(cafile=str(authority.ca_file))


def test_identifiers():
    assert check_identifier("main-orders") == "main-orders"
    for bad in ("", "Orders", "a--b", "-a", "a-", "1a", "../x", "a" * 64, "a/b", "a\n"):
        with pytest.raises(LocalCloudError):
            check_identifier(bad)


@given(st.text(max_size=70))
def test_no_identifier_leaves_its_folder(text: str):
    try:
        check_identifier(text)
    except LocalCloudError:
        return
    assert "/" not in text and "." not in text and text.strip() == text


def test_binaries(tmp_path: Path):
    for major in (14, 15):
        folder = tmp_path / str(major) / "bin"
        folder.mkdir(parents=True)
        (folder / "initdb").touch()
        (folder / "postgres").write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {major}.3 (Debian)'\n")
        (folder / "postgres").chmod(0o755)
    (tmp_path / "16" / "bin").mkdir(parents=True)
    found = find_postgres([f"{tmp_path}/*/bin"], search_path="")
    assert found == {14: f"{tmp_path}/14/bin", 15: f"{tmp_path}/15/bin"}
    assert program_version(tmp_path / "none") is None


def test_endpoints_of_servers_by_url():
    assert client_endpoint("postgres://u:p@10.1.2.3:77/x", "10.9.9.9", 5432).address == "10.1.2.3"
    endpoint = client_endpoint("postgres://u:p@localhost/x", "127.0.0.1", 5432)
    assert (endpoint.address, endpoint.port) == ("localhost", 5432)
    assert is_loopback("::1") and not is_loopback("example")
