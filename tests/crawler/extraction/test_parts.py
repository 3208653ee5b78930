"""Lines cut into parts, titles, organisations, contacts."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.extraction.contacts import contacts
from crawler.extraction.fields import split_job
from crawler.extraction.lines import Line, lines
from crawler.extraction.meaning import organisation_score, title_score
from crawler.extraction.parts import parts


def line(markup: str) -> Line:
    return lines(html.document_fromstring(f"<html><body>{markup}</body></html>"))[0]


@pytest.mark.parametrize(
    ("markup", "kinds"),
    [
        ("<p>Jane Holloway, Director</p>", "name title"),
        ("<p>Director: Jane Holloway (jane@site.example)</p>", "title name contact"),
        ("<p>Jane Holloway (University of Westmark)</p>", "name organisation"),
        ("<p>Jane Holloway | CFO | +44 20 7946 0101</p>", "name title contact"),
        ("<p><b>Jane Holloway</b><i>Director</i></p>", "name title"),
        ("<p><b>Dr. Jane</b> Holloway</p>", "name"),
        ("<p>Obmann Karl Huber</p>", "title name"),
        ("<p>Jean Dupont Directeur</p>", "name title"),
        ("<p>Karl Huber und Petra Wimmer</p>", "name name"),
        ("<p>Tel.: 030 23125 100</p>", "label contact"),
        ("<p>韩晓明（示例大学副校长）</p>", "name title"),
        ("<p>理事長 佐藤 花子</p>", "title name"),
        ("<p>王晓明教授</p>", "name title"),
        ("<p>Chen-Yu (Philip) Shaw</p>", "name"),
    ],
)
def test_a_line_is_cut_into_its_parts(markup: str, kinds: str) -> None:
    assert " ".join(part.kind for part in parts(line(markup))) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "Managing Director",
        "Trésorier(in)",
        "penningmeester",
        "Stellvertretende Vorsitzende",
        "Directrice générale",
        "Vocal suplente",
        "Amministratore delegato",
        "Vice-coordenador",
        "wiceprezes",
        "Старший научный сотрудник",
        "教务处处长",
        "営業部長",
        "Abteilungsleiterin",
        "General Chairs",
        "BWE-Präsident",
        "Kassierer*in",
    ],
)
def test_a_title_is_known(text: str) -> None:
    assert title_score(text) >= 0.5


@pytest.mark.parametrize(
    "text", ["Universität zu Köln", "How to be a good director", "Socio #430", "Spring 2026", "Patient", "x" * 300]
)
def test_what_is_no_title(text: str) -> None:
    assert title_score(text) < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Acme Ltd",
        "Example GmbH",
        "Musikverein Tannengrund e.V.",
        "University of Westmark",
        "Stichting Waterkant",
        "示例大学",
    ],
)
def test_an_organisation_is_known(text: str) -> None:
    assert organisation_score(text) >= 0.8


@pytest.mark.parametrize("text", ["Program Committee", "About Acme Ltd", "jane", "Director", "UK", "Germany"])
def test_what_is_no_organisation(text: str) -> None:
    assert organisation_score(text) < 0.8


@pytest.mark.parametrize(
    ("text", "job"),
    [
        ("CFO at Acme", ("CFO", "Acme")),
        ("Director, Acme Ltd", ("Director", "Acme Ltd")),
        ("Direktor des Instituts für Wasserbau", ("Direktor", "Instituts für Wasserbau")),
        ("示例大学教务处处长", ("处长", "示例大学教务处")),
        ("prezes zarządu Przykład S.A.", ("prezes zarządu Przykład S.A.", "Przykład S.A.")),
        ("Director", ("Director", "")),
    ],
)
def test_a_job_falls_into_title_and_employer(text: str, job: tuple[str, str]) -> None:
    assert split_job(text) == job


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<p>Tel. +44 20 7946 0101, Fax: +44 20 7946 0102</p>", ["telephone", "fax"]),
        ("<p>01·99·00·12·34</p>", ["telephone"]),
        ("<p>jane@site.example</p>", ["email"]),
        ("<p>jane [at] site [dot] example</p>", ["email"]),
        ("<p><a href='mailto:jane@site.example?subject=x'>Mail</a></p>", ["email"]),
        ("<p><a href='tel:+442079460101'>Call</a></p>", ["telephone"]),
        ("<p>www.site.example</p>", ["link"]),
        ("<p>IBAN: 12 3456 7890 1234</p>", []),
        ("<p>2023/2026</p>", []),
        ("<p>12.12.2022</p>", []),
        ("<p>(123) 456-7890 1234567</p>", []),
        ("<p>Tel: 000 000 000</p>", []),
    ],
)
def test_means_of_contact_are_known_by_shape_and_label(markup: str, found: list[str]) -> None:
    assert [one.kind for one in contacts(line(markup))] == found
