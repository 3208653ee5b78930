"""What reads as a name, in many languages and shapes, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.names import read_name, strip_titles


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane Holloway", "Jane Holloway"),
        ("Prof. Dr. med. Henrike Saalfeld", "Henrike Saalfeld"),
        ("prof. dr hab. inż. Adam Kowalczyk", "Adam Kowalczyk"),
        ("Prof.dr.ir.Arjen Visser", "Arjen Visser"),
        ("Martin Osei, PhD", "Martin Osei"),
        ("Holloway, Jane", "Jane Holloway"),
        ("HOLLOWAY Jane", "HOLLOWAY Jane"),
        ("Annelies van der Brink", "Annelies van der Brink"),
        ("Anne-Sophie de la Tour", "Anne-Sophie de la Tour"),
        ("J. ten Broek", "J. ten Broek"),
        ("M. Feijenaar", "M. Feijenaar"),
        ("K.K. Pathan", "K.K. Pathan"),
        ("🎉 Mark Brouwer", "Mark Brouwer"),
        ("Иванов Иван Петрович", "Иванов Иван Петрович"),
        ("Γιώργος Παπαδόπουλος", "Γιώργος Παπαδόπουλος"),
        ("王晓明", "王晓明"),
        ("陈 林", "陈 林"),
        ("佐藤 花子", "佐藤 花子"),
        ("Herr Karl Huber", "Karl Huber"),
        ("I'm Jane Holloway", "Jane Holloway"),
    ],
)
def test_a_name_is_read_without_its_titles(text: str, name: str) -> None:
    found = read_name(text)
    assert found.text == name
    assert found.score >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Board of Directors",
        "About Us",
        "Contact",
        "Vorstand und Impressum",
        "Junta Directiva",
        "General Chairs",
        "San Maurizio Canavese",
        "New York",
        "Technische Universität Berlin",
        "南开大学",
        "KU Leuven",
        "Room 12",
        "jane@site.example",
        "the quick brown fox",
        "in de Informatiewetenschap",
        "Johnson & Johnson",
        "Monday Tuesday",
        "",
    ],
)
def test_what_is_no_name_scores_low(text: str) -> None:
    assert read_name(text).score < 0.5


def test_words_of_no_list_may_be_a_name_but_do_not_decide() -> None:
    assert 0.2 <= read_name("Xqwela Brzumtak").score < 0.5


@pytest.mark.parametrize(
    ("text", "stripped"),
    [("Dr. Jane Holloway MBA", ("Jane Holloway", True)), ("Jane Holloway", ("Jane Holloway", False))],
)
def test_titles_are_stripped_and_told(text: str, stripped: tuple[str, bool]) -> None:
    assert strip_titles(text) == stripped


@given(st.text(max_size=100))
def test_any_text_has_a_reading(text: str) -> None:
    found = read_name(text)
    assert 0 <= found.score <= 1
    assert bool(found.text) == bool(found.score)
