"""HTTPS through guarded endpoints: certificates are verified, and the name that is verified is the one in the URL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support import crawling
from tests.support.web import serve


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for a name, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("name", "trusted", "pages"),
    [
        pytest.param("site.example", True, ["people"], id="proven"),
        pytest.param("site.example", False, [], id="unknown-issuer"),
        pytest.param("other.example", True, [], id="another-name"),
    ],
)
def test_a_host_has_to_prove_its_name(
    reactor: crawling.Reactor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    trusted: bool,
    pages: list[str],
) -> None:
    pem = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with serve(certificate=pem) as web:
        web.pages["site.example/"] = "people"
        settings = {
            "CARDFILE_HOME": str(tmp_path),
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": [".example"],
            "CARDFILE_HOSTS": {".example": f"127.0.0.1:{web.port}"},
        }
        outcome = reactor.run(crawling.crawl(["https://site.example/"], settings))
        assert [response.text for response in outcome.responses] == pages
        assert len(web.visits) == (3 if pages else 0)
    if pages:
        assert outcome.responses[0].meta["permission"].robots_url == "https://site.example/robots.txt"
    else:
        assert outcome.stats["cardfile/rights/robots-unreachable"] == 1
