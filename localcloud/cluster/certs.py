"""The cluster's own certificate authority, and the certificates it gives its servers and the administrator.

Everything is an ECDSA P-256 key below the instance's data folder, readable by its owner only. What exists
and is still good is kept, so that a restart changes nothing.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localcloud.cluster.plan import NetworkPlan
from localcloud.files import write_atomic

__all__ = ["Identity", "KeyPair", "ensure", "identities"]

_LIFETIME = datetime.timedelta(days=3650)
_RENEW_BEFORE = datetime.timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """Files of one certificate and its key, in PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom one certificate speaks for.

    Args:
        file: base name of the two files.
        common_name: user name towards the API server.
        organisation: group towards the API server; empty for none.
        names: DNS names and addresses it may serve under; empty for a client that serves nothing.
    """

    file: str
    common_name: str
    organisation: str = ""
    names: tuple[str, ...] = ()


def identities(plan: NetworkPlan, *, node: str, cluster_domain: str) -> tuple[Identity, ...]:
    """Return every identity that the servers of one cluster need."""
    host = str(plan.host_address)
    api_names = (
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        f"kubernetes.default.svc.{cluster_domain}",
        "localhost",
        "127.0.0.1",
        host,
        str(plan.api_service_address),
    )
    return (
        Identity(file="apiserver", common_name="kube-apiserver", names=api_names),
        Identity(file="etcd", common_name="etcd", names=(host,)),
        Identity(file="etcd-client", common_name="kube-apiserver-etcd-client"),
        Identity(
            file="apiserver-kubelet-client",
            common_name="understudy:apiserver-kubelet-client",
            organisation="system:masters",
        ),
        Identity(file="admin", common_name="understudy:admin", organisation="system:masters"),
        Identity(file="controller-manager", common_name="system:kube-controller-manager"),
        Identity(file="scheduler", common_name="system:kube-scheduler"),
        Identity(file="proxy", common_name="system:kube-proxy"),
        Identity(file="network-policies", common_name="understudy:network-policies"),
        Identity(
            file="kubelet",
            common_name=f"system:node:{node}",
            organisation="system:nodes",
            names=(node, str(plan.node_address)),
        ),
    )


def ensure(folder: Path, wanted: Sequence[Identity], *, now: datetime.datetime) -> dict[str, KeyPair]:
    """Make the certificate authority, the token key and every wanted certificate that is missing or stale.

    Args:
        folder: where the files live; made when missing, mode 0700.
        wanted: identities to have a certificate for.
        now: the present, with a time zone.

    Returns:
        The files of each identity, and those of ``ca`` and ``service-account``.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _pair(folder, "ca")
    if not _serves(authority, Identity(file="ca", common_name="understudy"), issuer=None, now=now):
        _make_authority(authority, now)
    issuer = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    issuer_key = _load_key(authority.key)
    pairs = {"ca": authority, "service-account": _pair(folder, "service-account")}
    if not pairs["service-account"].certificate.exists():
        _make_token_key(pairs["service-account"])
    for identity in wanted:
        pair = _pair(folder, identity.file)
        if not _serves(pair, identity, issuer=issuer, now=now):
            _make_leaf(pair, identity, issuer, issuer_key, now)
        pairs[identity.file] = pair
    return pairs


def _pair(folder: Path, name: str) -> KeyPair:
    return KeyPair(certificate=folder / f"{name}.crt", key=folder / f"{name}.key")


def _serves(
    pair: KeyPair, identity: Identity, *, issuer: x509.Certificate | None, now: datetime.datetime
) -> bool:
    """Say whether the files are there, belong together, are in date and speak for the identity."""
    try:
        certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        key = _load_key(pair.key)
        if issuer is not None:
            certificate.verify_directly_issued_by(issuer)
    except Exception:
        # Whatever is wrong with a file (missing, cut short, of another authority), a new one mends it.
        return False
    if certificate.public_key() != key.public_key() or certificate.not_valid_after_utc < now + _RENEW_BEFORE:
        return False
    if certificate.subject != _subject(identity):
        return False
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return not identity.names
    return list(names) == _general_names(identity.names)


def _make_authority(pair: KeyPair, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(Identity(file="ca", common_name="understudy"))
    certificate = (
        _builder(subject, subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _store(pair, key, certificate)


def _make_leaf(
    pair: KeyPair,
    identity: Identity,
    issuer: x509.Certificate,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        _builder(_subject(identity), issuer.subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
    )
    if identity.names:
        usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
        names = x509.SubjectAlternativeName(_general_names(identity.names))
        builder = builder.add_extension(names, critical=False)
    certificate = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False).sign(
        issuer_key, hashes.SHA256()
    )
    _store(pair, key, certificate)


def _make_token_key(pair: KeyPair) -> None:
    """Make the key pair that service account tokens are signed with; its public half is no certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    write_atomic(pair.key, _key_text(key))
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_atomic(pair.certificate, public.decode())


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        # An hour back, so that a clock set back a little does not stop the cluster.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _LIFETIME)
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


def _subject(identity: Identity) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, identity.common_name)]
    if identity.organisation:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, identity.organisation))
    return x509.Name(attributes)


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_general_name(name) for name in names]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(IPv4Address(str(ip_address(name))))
    except ValueError:
        return x509.DNSName(name)


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path}: not an elliptic curve key")
    return key


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _store(pair: KeyPair, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    # The key first: a kill in between leaves a pair that does not match, which the next run replaces.
    write_atomic(pair.key, _key_text(key))
    write_atomic(pair.certificate, certificate.public_bytes(serialization.Encoding.PEM).decode())
