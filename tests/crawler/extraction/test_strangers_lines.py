"""Lines that pages of strangers were found to have, with invented people: one table for each cause."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import Mention, MentionType, Property
from crawler.page import Page


def people(html: str, country: str = "") -> dict[str, Mention]:
    found = mentions(Page("https://www.site.example/page", html.encode(), country=country))
    return {one.text(Property.NAME): one for one in found if one.type is MentionType.PERSON}


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Tove Moe Dyrvik - 481 55 740 - tove@site.example", "481 55 740"),
        ("Tove Moe Dyrvik, 48 15 57 40", "48 15 57 40"),
        ("Tove Moe Dyrvik, sett 11 12 13 14", ""),
        ("Tove Moe Dyrvik, 48 155 740", ""),
    ],
)
def test_eight_digits_in_scandinavian_groups_are_a_number(line: str, number: str) -> None:
    [found] = people(f"<h2>Daglig leder</h2><p>{line}</p>", "NO").values()
    assert [value.text for value in found.all(Property.TELEPHONE)] == ([number] if number else [])


@pytest.mark.parametrize(
    ("style", "parent", "shown"),
    [
        ("display: none", "main", True),
        ("display: none", "div", False),
    ],
)
def test_what_a_main_holds_alone_is_shown_by_a_script(style: str, parent: str, shown: bool) -> None:
    html = (
        f'<{parent}><div style="{style}"><h3>Jane Holloway</h3><p>Managing Director</p></div></{parent}><p>© 2015</p>'
    )
    assert bool(people(html)) is shown
    beside = html.replace(f"<{parent}>", f"<{parent}><p>What everybody sees</p>")
    assert not people(beside)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Als Kassenwart kümmert er sich um die Finanzen des Vereins", "Kassenwart"),
        ("Als Schriftführerin führt sie Protokoll", "Schriftführerin"),
        ("As treasurer, she looks after the funds of the club", "treasurer"),
        ("Er führt den Verein", ""),
        ("She looks after the club", ""),
        ("Er ist da", ""),
    ],
)
def test_a_sentence_about_somebody_names_no_employer(line: str, title: str) -> None:
    cards = "".join(f"<h3>{name}</h3><p>{line}</p>" for name in ("Jane Holloway", "Ada Lindqvist"))
    for one in people(f"<title>Who</title><h1>The board</h1>{cards}").values():
        assert one.text(Property.JOB_TITLE) == (title or "The board")
        assert not one.all(Property.WORKS_FOR)


@pytest.mark.parametrize(
    "study",
    [
        "Master en Ciencias - Universidad de Tacora",
        "Magíster en Ingeniería de Software - Universidad Nacional de Tacora",
        "Doctor en Informática - Universidad del Sur",
        "PhD in Navigation, University of Porthmere",
    ],
)
def test_where_a_degree_was_got_is_no_employer(study: str) -> None:
    card = "<div><h3>{}</h3><p>{}</p><p>Gerente de Innovación</p></div>"
    html = "".join(card.format(name, study) for name in ("Jane Holloway", "Ada Lindqvist"))
    for one in people(html).values():
        assert [value.text for value in one.all(Property.JOB_TITLE)] == ["Gerente de Innovación"]
        assert not one.all(Property.WORKS_FOR)


@pytest.mark.parametrize("country", ["Reino Unido", "Costa Rica", "Nouvelle-Zélande", "Wielka Brytania", "Regno Unito"])
def test_a_country_is_nobody(country: str) -> None:
    html = f"<h2>Speakers</h2><ul><li>Jane Holloway</li><li>Ada Lindqvist</li><li>{country}</li></ul>"
    assert country not in people(html)


def test_a_long_item_of_a_list_of_people_is_a_record() -> None:
    fields = "Deep tides, multi-class moorings, ranking, text and image of ships and of all that floats there"
    html = (
        "<h3>Action Editors</h3><ul><li>Jane Holloway, Northgate College. Tides</li><li>Ada Lindqvist, Porthmere "
        f"University.</li><li>Tobias Merriweather, University of Westmark. {fields}</li></ul>"
    )
    found = people(html)
    assert found["Tobias Merriweather"].text(Property.WORKS_FOR) == "University of Westmark"
    assert found["Tobias Merriweather"].text(Property.JOB_TITLE) == "Action Editors"


def test_a_department_between_titles_with_colons_heads_what_follows() -> None:
    jobs = ("Daglig leder", "Driftsleder", "Hovedtrener")
    names = ("Tove Moe Dyrvik", "Petter Haugen", "Karl Oskar Emberg")
    html = "<br>".join(f"{work}:<br>{name}" for work, name in zip(jobs, names, strict=True))
    found = people(f"<div>{html.replace('Haugen', 'Haugen<br>Salg')}</div>")
    assert [found[name].text(Property.JOB_TITLE) for name in names] == list(jobs)
