"""A certificate for this machine, that is its own authority."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

__all__ = ["Certificate", "certificate", "private_key"]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate and its key, in files.

    Attributes:
        bundle: the certificate, which clients are to trust.
        key: the key.
    """

    bundle: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """What a server needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.bundle, self.key)
        return context


def certificate(folder: Path) -> Certificate:
    """One for `localhost`, made unless the folder has it: gRPC reads whom to trust once in a process."""
    found = Certificate(bundle=folder / "bundle.pem", key=folder / "key.pem")
    if found.bundle.exists():
        return found
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found.bundle.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_text(_pem(key))
    return found


def private_key() -> str:
    """A key as a service account has."""
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
