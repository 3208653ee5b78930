"""Tables whose headers name their columns."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import MentionType, Property
from crawler.page import Page

_HEAD = "<tr><th>Empresa</th><th>Persona de contacto</th><th>Cargo</th><th>Correo</th></tr>"
_ROW = "<tr><td>{firm}</td><td>{name}</td><td>{title}</td><td>{mail}</td></tr>"
_PLAIN = _ROW.format(firm="Norte Marino SL", name="Lucía Ferrandis Mora", title="Gerente", mail="lucia@norte.example")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("OOSTERLAKEN, Thijs", "Thijs OOSTERLAKEN"),
        ("VASCONCELOS PRADO, Inês", "Inês VASCONCELOS PRADO"),
        ("Vasconcelos Prado, Inês", "Inês Vasconcelos Prado"),
        ("Inês Vasconcelos Prado", "Inês Vasconcelos Prado"),
        ("Inês Vasconcelos Prado, Directora", "Inês Vasconcelos Prado"),
        ("Inês Vasconcelos Prado, Lisboa", "Inês Vasconcelos Prado"),
    ],
)
def test_a_column_of_names_may_turn_them_round(written: str, expected: str) -> None:
    row = _ROW.format(firm="Atlántico SA", name=written, title="Directora técnica", mail="contacto@atlantico.example")
    found = mentions(Page("https://www.site.example/socios", f"<table>{_HEAD}{_PLAIN}{row}</table>".encode()))
    names = {one.text(Property.NAME) for one in found if one.type is MentionType.PERSON}
    assert names == {"Lucía Ferrandis Mora", expected}
