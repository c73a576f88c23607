"""The local cloud's own certificate authority, as RDS and ElastiCache have theirs."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from localcloud.files import locked, write_atomic

_CA_DAYS = 3650
_SERVER_DAYS = 397
_RENEW_DAYS = 30


@dataclass(frozen=True)
class Certificate:
    """PEM files of a server's certificate (with its CA) and private key, as text."""

    certificate: str
    key: str


class Authority:
    """A certificate authority in a folder: ``ca.pem`` for clients, ``ca.key`` (0600) for ourselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def ca_file(self) -> Path:
        """The certificate that clients verify servers with."""
        return self.folder / "ca.pem"

    def ensure(self) -> Path:
        """Make the authority if there is none; returns `ca_file`."""
        key_file = self.folder / "ca.key"
        with locked(self.folder / "ca.lock"):
            if not (self.ca_file.exists() and key_file.exists()):
                certificate, key = _new_authority()
                write_atomic(key_file, key, 0o600)
                write_atomic(self.ca_file, certificate, 0o644)
        os.chmod(self.folder, 0o755)  # noqa: S103, PTH101 - clients read ca.pem
        return self.ca_file

    def issue(self, address: str) -> Certificate:
        """A new server certificate for an IP address or host name, which names this machine too."""
        self.ensure()
        return _new_server(self.ca_file.read_text(), (self.folder / "ca.key").read_text(), address)


def needs_renewal(certificate_file: Path, address: str) -> bool:
    """Tell whether a server certificate is missing, is for another address, or ends within 30 days."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError):
        return True
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return _name(address) not in list(names) or left < datetime.timedelta(days=_RENEW_DAYS)


def _new_authority() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject("Understudy local cloud CA")
    certificate = (
        _builder(subject, subject, key.public_key(), _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pem(certificate), _pem_key(key)


def _new_server(ca_pem: str, ca_key_pem: str, address: str) -> Certificate:
    authority = x509.load_pem_x509_certificate(ca_pem.encode())
    ca_key = serialization.load_pem_private_key(ca_key_pem.encode(), password=None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = dict.fromkeys([_name(address), _name("localhost"), _name("127.0.0.1")])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    certificate = (
        _builder(_subject(address[:64]), authority.subject, key.public_key(), _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return Certificate(_pem(certificate) + ca_pem, _pem_key(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: CertificatePublicKeyTypes, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _pem_key(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
