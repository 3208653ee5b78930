"""Numbers made up for the test; their check digits are right."""

from __future__ import annotations

import pytest

from pipelines.sensitive.identifiers import identifiers


@pytest.mark.parametrize(
    "text",
    [
        "PESEL 44051401359",
        "44051401359",
        "BSN 111222333",
        "burgerservicenummer: 1112.22.333",
        "SSN 402-19-4925",
        "Steuer-ID 86095742719",
        "NINO: QQ 12 34 56 C",
        "AB123456C",
        "DNI 12345678Z",
        "X1234567L",
        "85.07.30-033.28",
        "CPF 529.982.247-25",
        "756.9217.0769.85",
        "codice fiscale RSSMRA85T10A562S",
        "passport NX1234567",
    ],
)
def test_a_national_identifier_is_found(text: str) -> None:
    assert identifiers(text)


@pytest.mark.parametrize(
    "text",
    [
        "+44 20 7946 0018",
        "Order 12345678",
        "DE123456789",
        "Room 402-19",
        "1850-2024",
        "Industrieweg 200, 1234 AB Voorbeeld",
        "111222333",
        "12345678A",
    ],
)
def test_a_number_of_business_is_none(text: str) -> None:
    assert not identifiers(text)
