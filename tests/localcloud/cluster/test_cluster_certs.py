"""The certificate authority: what it makes is good, private, kept while good, and replaced when not."""

import datetime
import ssl
import stat
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localcloud.cluster.certs import Identity, ensure, identities
from localcloud.cluster.plan import NetworkPlan

NOW = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
PLAN = NetworkPlan(block=IPv4Network("10.200.0.0/16"))
SERVER = Identity(file="server", common_name="a", names=("example.local", "10.0.0.1"))
CLIENT = Identity(file="client", common_name="b", organisation="c")


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_certificates_are_signed_by_the_authority_and_speak_for_their_identity(tmp_path: Path):
    pairs = ensure(tmp_path, [SERVER, CLIENT], now=NOW)
    authority = certificate(pairs["ca"].certificate)
    server, client = certificate(pairs["server"].certificate), certificate(pairs["client"].certificate)
    server.verify_directly_issued_by(authority)
    client.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["example.local"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]
    usage = client.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    organisation = client.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [each.value for each in organisation] == ["c"]


def test_every_file_is_the_owners_own_and_loads_as_a_pair(tmp_path: Path):
    pairs = ensure(tmp_path / "pki", [SERVER, CLIENT], now=NOW)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (tmp_path / "pki").iterdir())
    assert stat.S_IMODE((tmp_path / "pki").stat().st_mode) == 0o700
    for name in ("server", "client", "ca"):
        ssl.create_default_context().load_cert_chain(pairs[name].certificate, pairs[name].key)


def test_what_is_good_is_kept(tmp_path: Path):
    pairs = ensure(tmp_path, [SERVER], now=NOW)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert ensure(tmp_path, [SERVER], now=NOW + datetime.timedelta(days=300)) == pairs
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "damage", ["cut", "no key", "other key", "expired", "other names", "other authority"]
)
def test_what_is_not_good_any_more_is_made_anew(tmp_path: Path, damage: str):
    pair = ensure(tmp_path, [SERVER], now=NOW)["server"]
    old, now, wanted = pair.certificate.read_bytes(), NOW, SERVER
    match damage:
        case "cut":
            pair.certificate.write_bytes(old[: len(old) // 2])
        case "no key":
            pair.key.unlink()
        case "other key":
            pair.key.write_bytes(ensure(tmp_path / "other", [SERVER], now=NOW)["server"].key.read_bytes())
        case "expired":
            now = NOW + datetime.timedelta(days=3650 - 20)
        case "other names":
            wanted = Identity(file="server", common_name="a", names=("example.local", "10.0.0.2"))
        case _:
            (tmp_path / "ca.key").unlink()
    pairs = ensure(tmp_path, [wanted], now=now)
    assert pairs["server"].certificate.read_bytes() != old
    certificate(pairs["server"].certificate).verify_directly_issued_by(certificate(pairs["ca"].certificate))
    ssl.create_default_context().load_cert_chain(pairs["server"].certificate, pairs["server"].key)


def test_the_api_server_is_known_by_every_name_that_clients_use():
    found = {identity.file: identity for identity in identities(PLAN, node="n", cluster_domain="c.local")}
    assert {"kubernetes.default.svc.c.local", "10.200.0.1", "10.200.128.1"} <= set(found["apiserver"].names)
    assert found["kubelet"].common_name == "system:node:n"
    assert found["kubelet"].organisation == "system:nodes"
    assert "10.200.0.2" in found["kubelet"].names
