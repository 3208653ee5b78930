"""Periodicals without their issue, and titles of talks that are no employers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import mentions
from crawler.extraction.issues import without_issue
from crawler.extraction.meaning import organisation_score
from crawler.items import MentionType, Property
from crawler.page import Page


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Warmtekring november", "Warmtekring"),
        ("Warmtekring November 2026", "Warmtekring"),
        ("November 2026 Warmtekring", "Warmtekring"),
        ("Werft-Magazin (Dezember)", "Werft-Magazin"),
        ("Roe Review, Issue 3, Winter 2026", "Roe Review"),
        ("Zeitschrift Roe Ausgabe 4/2026", "Zeitschrift Roe"),
        ("Association Roe – été 2026", "Association Roe"),
        ("Kurier Roe n° 5", "Kurier Roe"),
        ("Gazeta Roe listopad 2026", "Gazeta Roe"),
    ],
)
def test_an_issue_is_no_part_of_the_name(written: str, name: str) -> None:
    assert without_issue(written) == name


@pytest.mark.parametrize(
    "name",
    [
        "4 en 5 mei",
        "Groupe Mars",
        "Grid Forum 2026",
        "Stichting Winter",
        "March of Noord",
        "Roe",
        "November 2026",
        "",
        "5",
    ],
)
def test_what_is_left_whole(name: str) -> None:
    assert without_issue(name) == name


@given(st.text(max_size=80))
def test_no_text_is_emptied(text: str) -> None:
    assert bool(without_issue(text)) == bool(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Bank feeds without tears", False),
        ("Networks and how we share them", False),
        ("Banque : comment choisir la sienne", False),
        ("Banque sans frontières", True),
        ("Bank Without Borders", True),
        ("Foundation for small ports", True),
        ("Academy from Westmark", True),
    ],
)
def test_the_title_of_a_talk_is_no_organisation(text: str, named: bool) -> None:
    assert bool(organisation_score(text)) is named


def test_the_heading_of_a_newsletter_names_the_employer_without_its_month() -> None:
    body = (
        "<h1>Warmtekring november</h1><h2>Vragen?</h2>"
        "<p>Lubbert Dijkgraaf<br>Communicatieadviseur<br>l.dijkgraaf@warmtekring.example</p>"
    )
    page = Page("http://warmtekring.example/11", f"<html lang=nl><body>{body}".encode(), language="nl", country="NL")
    (person,) = (found for found in mentions(page) if found.type is MentionType.PERSON)
    assert [value.text for value in person.all(Property.WORKS_FOR)] == ["Warmtekring"]


def test_the_employer_beside_the_speaker_outranks_the_title_of_the_talk() -> None:
    body = "<dl><dt>Bank feeds without tears</dt><dd><b>Jane Roe</b>, Product Manager, Noord Payments</dd></dl>"
    (person,) = mentions(Page("http://talks.example/1", f"<html lang=en><body>{body}".encode(), language="en"))
    assert [value.text for value in person.all(Property.WORKS_FOR)] == ["Noord Payments"]
