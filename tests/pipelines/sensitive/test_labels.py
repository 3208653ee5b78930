"""What a dropped piece of text is counted under."""

from __future__ import annotations

import pytest

from pipelines.sensitive import Category
from pipelines.sensitive.labels import told


@pytest.mark.parametrize(
    ("language", "text", "category"),
    [
        ("en", "Alex Sample (she/her), CTO", Category.GENDER),
        ("en", "Alex Sample, 58, CTO", Category.AGE),
        ("pl", "Mika Przykład (l. 41), prezes", Category.AGE),
        ("de", "Robin Muster, Jahrgang 1968", Category.BIRTH),
        ("fr", "Sacha Exemple habite 12 rue des Tilleuls", Category.HOME),
        ("en", "private: +44 7700 900111", Category.PRIVATE_CONTACT),
        ("es", "Cruz Ejemplo, DNI 12345678Z", Category.IDENTIFIER),
        ("it", "Celeste Esempio fa la dialisi", Category.HEALTH),
        ("nl", "Robin Voorbeeld stemt op links", Category.POLITICS),
        ("de", "Robin Muster, Mitglied der Gewerkschaft", Category.UNION),
        ("pt", "Sasha Exemplo reza o rosário", Category.RELIGION),
        ("es", "Ángel Ejemplo ficha con la huella", Category.BIOMETRIC),
        ("en", "Alex Sample is out on bail", Category.CRIMINAL),
        ("nl", "Robin Voorbeeld reist op een Belgisch paspoort", Category.NATIONALITY),
    ],
)
def test_a_statement_is_counted_where_it_belongs(language: str, text: str, category: Category) -> None:
    assert category in told(text, "", language)


def test_what_is_kept_is_not_counted() -> None:
    assert told("Alex Sample, Head of Religion", "Alex Sample, Head of Religion", "en") == ()


def test_a_private_number_is_not_counted_as_a_home() -> None:
    assert told("home: +44 7700 900111", "", "en") == (Category.PRIVATE_CONTACT,)
