"""PostgreSQL over TLS: a store behind a certificate that is ours is opened, one behind another is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text
from sqlalchemy.engine import make_url

from pipelines.errors import StoreError
from pipelines.master.database import open_store, reading
from tests.support import postgres

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, name: str) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = _builder(who, who, key.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        return cls(key, made.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def server(self, *names: x509.GeneralName) -> tuple[bytes, bytes]:
        """Return the certificate and the key of a server with these names, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "store")])
        builder = _builder(who, self.certificate.subject, key.public_key())
        made = builder.add_extension(x509.SubjectAlternativeName(names), False).sign(self.key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return made.public_bytes(serialization.Encoding.PEM), secret


def _builder(who: x509.Name, by: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(by, who, key, x509.random_serial_number())
    return builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new("Ours")


@pytest.fixture(scope="module")
def port(authority: Authority) -> Iterator[int]:
    """The port of a PostgreSQL that speaks TLS, on loopback; its certificate names the address but not `localhost`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    certificate, key = authority.server(x509.IPAddress(IPv4Address("127.0.0.1")))
    settings = (
        "ssl=on", "ssl_cert_file={folder}/server.crt", "ssl_key_file={folder}/server.key",
        "listen_addresses=127.0.0.1", f"port={number}",
    )  # fmt: skip
    with postgres.server(postgres.find(), settings, {"server.crt": certificate, "server.key": key}):
        yield number


def url(port: int, root: Path, host: str = "127.0.0.1", mode: str = "verify-full") -> str:
    return f"postgresql://cardfile:hunter2@{host}:{port}/postgres?sslmode={mode}&sslrootcert={root}&hostaddr=127.0.0.1"


def test_a_store_is_opened_over_tls(port: int, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    engine = open_store(make_url(url(port, tmp_path / "ca.pem")))
    with reading(engine) as connection:
        row = connection.execute(text("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).one()
    assert (row.ssl, row.version) == (True, "TLSv1.3")
    engine.dispose()


@pytest.mark.parametrize(
    ("ours", "host", "says"),
    [
        pytest.param(False, "127.0.0.1", "certificate verify failed", id="another authority"),
        pytest.param(True, "localhost", "does not match host name", id="another name"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused(
    port: int, authority: Authority, tmp_path: Path, ours: bool, host: str, says: str
) -> None:
    (tmp_path / "ca.pem").write_bytes((authority if ours else Authority.new("Somebody else's")).pem)
    with pytest.raises(StoreError, match=says) as caught:
        open_store(make_url(url(port, tmp_path / "ca.pem", host)))
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
