"""Tables whose headers name their columns, and tables of people."""

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


@pytest.mark.parametrize(
    ("mailbox", "owners"),
    [("info@site.example", True), ("mooring@atlantico.example", False)],
)
def test_what_stands_in_an_entry_that_was_not_read_is_not_the_owners(mailbox: str, owners: bool) -> None:
    rows = "".join(
        _ROW.format(firm="Norte Marino SL", name=name, title="Gerente", mail=f"{name.split()[0].lower()}@norte.example")
        for name in ("Lucía Ferrandis Mora", "Jane Holloway")
    )
    unread = _ROW.format(firm="Atlántico SA", name="?", title="+34 986 555 0144", mail=mailbox)
    html = f"<title>Liga de Puertos</title><h1>Liga de Puertos</h1><table>{_HEAD}{rows}{unread}</table>"
    found = mentions(Page("https://www.site.example/socios", html.encode(), country="ES"))
    said = {value.text for one in found if one.type is MentionType.ORGANISATION for _, value in one}
    assert {mailbox, "+34 986 555 0144"} <= said if owners else said.isdisjoint({mailbox, "+34 986 555 0144"})
