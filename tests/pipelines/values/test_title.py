"""A job title must read like one: the reader cuts where something else begins."""

from __future__ import annotations

import pytest

from pipelines.values import Clean, Rejected, title


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Head of Procurement", "en"),
        ("Gender Equality Officer", "en"),
        ("Head of Mother and Child Health", "en"),
        ("IS Manager", "en"),
        ("Senior Director, Product & Design", "en"),
        ("Vice President – EMEA", "en"),
        ("Président du club", "fr"),
        ("Président du club", ""),
        ("Consultant on Water", ""),
        ("Verantwortlich für den Inhalt (gem. § 55)", "de"),
        ("4 Jahre Jugendleitung", "de"),
        ("kierownik i koordynator", "pl"),
        ("responsable commercial", "fr"),
    ],
)
def test_a_title_stays_whole(text: str, language: str) -> None:
    assert title(text, language) == Clean(text)


@pytest.mark.parametrize(
    ("text", "language", "kept"),
    [
        ("She is a 53-year-old widow and Head of Procurement", "en", "Head of Procurement"),
        ("Chief Executive (42)", "en", "Chief Executive"),
        ("Chief Executive, 42 years old", "en", "Chief Executive"),
        ("Sales Manager (she/her)", "en", "Sales Manager"),
        ("Sales Manager, mother of two", "en", "Sales Manager"),
        ("Sales Manager who loves his dog and his garden", "en", "Sales Manager"),
        ("Hoofd inkoop en moeder van drie", "nl", "Hoofd inkoop"),
        ("Directeur, is getrouwd", "nl", "Directeur"),
        ("Leiterin Einkauf, verheiratet", "de", "Leiterin Einkauf"),
        ("Job title: Buyer", "en", "Buyer"),
    ],
)
def test_what_is_about_the_person_is_cut(text: str, language: str, kept: str) -> None:
    found = title(text, language)
    assert isinstance(found, Clean)
    assert found.text == kept


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "title-no-letters"),
        ("42", "title-no-letters"),
        ("proud mum, she/her", "title-personal"),
        ("is married", "title-personal"),
        ("call +44 20 7946 0018", "title-contact"),
        ("anna@corvid.example", "title-contact"),
        ("word " * 30, "title-too-long"),
    ],
)
def test_what_is_no_title_is_rejected(text: str, rule: str) -> None:
    assert title(text, "en") == Rejected(rule)
