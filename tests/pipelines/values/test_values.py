from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.values import Clean, Rejected, address, email, organisation, phone, title, url


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mailto:Jan.Voorbeeld@Example-BV.Example?subject=x", "jan.voorbeeld@example-bv.example"),
        ("Jan Voorbeeld <jan@bedrijf.example>", "jan@bedrijf.example"),
        ("info@müller.example", "info@xn--mller-kva.example"),
        ("Jan@Bedrijf.Example.", "jan@bedrijf.example"),
    ],
)
def test_email(text: str, clean: str) -> None:
    assert email(text) == Clean(clean)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("image@2x.png", "email-file-name"),
        ("jan at bedrijf", "email-syntax"),
        ("your.name@bedrijf.example", "email-placeholder"),
        ("jan@yourdomain.com", "email-placeholder"),
    ],
)
def test_email_rejected(text: str, rule: str) -> None:
    assert email(text) == Rejected(rule)


@pytest.mark.parametrize(
    ("text", "country", "clean"),
    [
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", "", "+442079460018"),
        ("0044 20 7946 0018", "DE", "+442079460018"),
        ("tel:+1-212-555-0123", "", "+12125550123"),
        ("Tel.: 020 7946 0018 ext. 12", "GB", "+442079460018;ext=12"),
        ("+49 30 23125 000 Durchwahl 12", "DE", "+493023125000;ext=12"),
    ],
)
def test_phone(text: str, country: str, clean: str) -> None:
    assert phone(text, country) == Clean(clean)


@pytest.mark.parametrize(
    ("text", "country", "rule"),
    [
        ("020 7946 0018", "", "telephone-no-country"),
        ("call us", "GB", "telephone-syntax"),
        ("12", "GB", "telephone-invalid"),
        ("+44 1111111111", "", "telephone-invalid"),
    ],
)
def test_phone_rejected(text: str, country: str, rule: str) -> None:
    assert phone(text, country) == Rejected(rule)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("HTTPS://www.Example.example:443/a/?utm_source=x&id=3#foo", "https://www.example.example/a/?id=3"),
        ("www.firma.example", "https://www.firma.example/"),
        ("http://firma.example/profile?trk=abc", "http://firma.example/profile"),
        ("https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4"),
    ],
)
def test_url(text: str, clean: str) -> None:
    assert url(text) == Clean(clean)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("javascript:void(0)", "url-scheme"),
        ("ftp://firma.example/", "url-scheme"),
        ("/team", "url-relative"),
        ("https://user:secret@firma.example/", "url-credentials"),
        ("https://localhost/", "url-host"),
        ("http://[::1", "url-syntax"),
        (f"https://firma.example/{'ä' * 400}", "url-length"),
    ],
)
def test_url_rejected(text: str, rule: str) -> None:
    assert url(text) == Rejected(rule)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Firma B.V.", "Firma BV"),
        ("Muster GmbH & Co. KG", "Muster GmbH & Co. KG"),
        ("Sample, Inc.", "Sample Inc"),
        ("Przykład sp. z o.o.", "Przykład sp. z o.o."),
        ("Mrs. Sample", "Mrs. Sample"),
        ("Go Se", "Go Se"),
    ],
)
def test_organisation(text: str, clean: str) -> None:
    assert organisation(text) == Clean(clean)


@pytest.mark.parametrize(
    "text", ["", "—", "https://firma.example", "x" * 200, "Lorem ipsum", "Retired", "(on leave)", "Freelance", "n/a"]
)
def test_organisation_rejected(text: str) -> None:
    assert isinstance(organisation(text), Rejected)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Address:\n1 Sample Street\n Sampleton ", "1 Sample Street, Sampleton"),
        ("Leeds office", "Leeds office"),
    ],
)
def test_address(text: str, clean: str) -> None:
    assert address(text) == Clean(clean)


@pytest.mark.parametrize("text", ["", "12 34", "mail a@b.example", "a " * 200])
def test_address_rejected(text: str) -> None:
    assert isinstance(address(text), Rejected)


def _dial(text: str) -> Clean | Rejected:
    return phone(text, "GB")


@pytest.mark.parametrize("reader", [address, email, organisation, _dial, title, url])
@given(text=st.text(max_size=120))
def test_any_text_is_read_or_rejected_and_what_was_read_stays(
    reader: Callable[[str], Clean | Rejected], text: str
) -> None:
    found = reader(text)
    if isinstance(found, Clean):
        assert reader(found.text) == Clean(found.text)
