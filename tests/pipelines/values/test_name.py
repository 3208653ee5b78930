from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.values import PersonName, Rejected, person_name


def read(text: str, language: str = "") -> PersonName:
    found = person_name(text, language)
    assert isinstance(found, PersonName), found
    return found


@pytest.mark.parametrize(
    ("text", "language", "given", "family"),
    [
        ("Anna Example", "", "Anna", "Example"),
        ("EXAMPLE Anna", "", "Anna", "Example"),
        ("Example, Anna B.", "", "Anna B.", "Example"),
        ("JAN DE VOORBEELD", "nl", "Jan", "de Voorbeeld"),
        ("jan van der voorbeeld", "nl", "Jan", "van der Voorbeeld"),
        ("Voorbeeld, Jan van der", "nl", "Jan", "van der Voorbeeld"),
        ("María José Muestra Ejemplo", "es", "María José", "Muestra Ejemplo"),
        ("José Luis Muestra", "es", "José Luis", "Muestra"),
        ("Minta Anna", "hu", "Anna", "Minta"),
        ("J.R. Sample", "", "J.R.", "Sample"),
        ("RONALD MCSAMPLE", "", "Ronald", "McSample"),
        ("Jean-Luc EXEMPLE", "fr", "Jean-Luc", "Exemple"),
        ("Anna Muster geb. Probe", "de", "Anna", "Muster"),
        ("Yun Ma", "", "Yun", "Ma"),
        ("Wei Pan", "pl", "Wei", "Pan"),
    ],
)
def test_a_name_falls_into_given_and_family_name(text: str, language: str, given: str, family: str) -> None:
    found = read(text, language)
    assert (found.given, found.family) == (given, family)


@pytest.mark.parametrize(
    ("text", "language", "prefix", "name", "suffix"),
    [
        ("Dr. Anna Muster", "de", "Dr.", "Anna Muster", ""),
        ("Frau Prof. Dr. med. Anna Muster, MBA", "de", "Prof. Dr. med.", "Anna Muster", "MBA"),
        ("Dr hab. inż. Jan Przykład", "pl", "Dr. hab. inż.", "Jan Przykład", ""),
        ("Prof.ª Drª Ana Exemplo", "pt", "Prof. Dr.", "Ana Exemplo", ""),
        ("Dott.ssa Anna Esempio", "it", "Dott.", "Anna Esempio", ""),
        ("Alex Sample, CPA, Ph.D.", "en", "", "Alex Sample", "CPA, Ph.D."),
        ("Alex Sample Jr.", "en", "", "Alex Sample", "Jr."),
        ("drs. P. de Voorbeeld", "nl", "drs.", "P. de Voorbeeld", ""),
    ],
)
def test_titles_and_degrees_are_kept_beside_the_name(
    text: str, language: str, prefix: str, name: str, suffix: str
) -> None:
    found = read(text, language)
    assert (found.prefix, found.name, found.suffix) == (prefix, name, suffix)


@pytest.mark.parametrize(
    ("text", "language", "name", "note"),
    [
        ("Mrs. Anna Sample", "", "Anna Sample", "courtesy-title"),
        ("Herr Anna Muster", "", "Anna Muster", "courtesy-title"),
        ("Mevr. A. Voorbeeld", "", "A. Voorbeeld", "courtesy-title"),
        ("De heer J. Voorbeeld", "nl", "J. Voorbeeld", "courtesy-title"),
        ("M. Jean Exemple", "fr", "Jean Exemple", "courtesy-title"),
        ("Pan Przykład", "pl", "Przykład", "courtesy-title"),
        ("Sig.ra Anna Esempio", "", "Anna Esempio", "courtesy-title"),
        ("Sir Alex Sample", "en", "Alex Sample", "nobility-title"),
        ("Rev. Alex Sample", "en", "Alex Sample", "religious-title"),
        ("Alex Sample SJ", "en", "Alex Sample", "religious-order"),
        ("Alex (she/her) Sample", "en", "Alex Sample", "name-remark"),
    ],
)
def test_forms_of_address_are_dropped_and_counted(text: str, language: str, name: str, note: str) -> None:
    found = read(text, language)
    assert found.name == name
    assert (found.prefix, found.suffix) == ("", "")
    assert note in found.notes


def test_an_initial_is_no_form_of_address_in_another_language() -> None:
    assert read("M. Jean Exemple", "en").given == "M. Jean"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "name-no-letters"),
        ("Team 7", "name-digits"),
        ("anna@muster.example", "name-characters"),
        ("Lorem Ipsum", "name-placeholder"),
        ("N. N.", "name-placeholder"),
        ("X", "name-too-short"),
        ("a b c d e f g h i j k", "name-too-long"),
    ],
)
def test_what_is_no_name_is_rejected_by_rule(text: str, rule: str) -> None:
    assert person_name(text) == Rejected(rule)


@given(st.text(max_size=80))
def test_any_text_is_read_or_rejected_and_reading_is_stable(text: str) -> None:
    found = person_name(text)
    if isinstance(found, PersonName):
        again = person_name(found.name)
        assert isinstance(again, Rejected) or len(again.name) <= len(found.name) + 1
