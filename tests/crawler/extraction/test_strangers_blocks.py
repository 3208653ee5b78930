"""Blocks that pages of strangers were found to have, with invented people: whose contacts they are, and whose page."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import Mention, MentionType, Property
from crawler.page import Page


def read(html: str) -> list[Mention]:
    return mentions(Page("https://www.site.example/page", html.encode()))


def numbers(found: list[Mention], kind: MentionType) -> list[str]:
    return [value.text for one in found if one.type is kind for value in one.all(Property.TELEPHONE)]


_OFFICE, _OWN = "+44 20 7946 0100", "+44 20 7946 0123"


@pytest.mark.parametrize(
    ("first", "second", "own"),
    [
        # The secretariat's block is like hers, and hers has a number: the other is the secretariat's.
        ("<address><b>Secretariat</b><br>Tel: {office}</address>", "<address>{card}<br>Tel: {own}</address>", [_OWN]),
        # Hers has none: the other block may be a column of the same card.
        ("<div><b>Reach her</b><br>Tel: {own}</div>", "<div>{card}</div>", [_OWN]),
        # Blocks of another kind are told apart by other rules.
        ("<p>Tel: {office}</p>", "<div>{card}<br>Tel: {own}</div>", [_OFFICE, _OWN]),
    ],
)
def test_contacts_of_a_block_like_the_own_are_another_partys(first: str, second: str, own: list[str]) -> None:
    said = {"office": _OFFICE, "own": _OWN, "card": "<b>Jane Holloway</b><br><b>Sales Manager</b>"}
    html = f"<h1>Contact</h1><div>{second}{first}</div>".format(**said)
    assert sorted(numbers(read(html), MentionType.PERSON)) == own
    assert numbers(read(html), MentionType.ORGANISATION) == (
        [] if _OFFICE in own or "office" not in first else [_OFFICE]
    )


@pytest.mark.parametrize(
    ("footer", "owner"),
    [
        ("Westmark Tides Ltd · Imprint · Privacy", "Westmark Tides Ltd"),
        ("Home | Contact | Westmark Tides Ltd", "Westmark Tides Ltd"),
        ("Westmark Tides Ltd", "Westmark Tides Ltd"),
        ("Westmark Tides Ltd | tel +44 20 7946 0100", "Westmark Tides Ltd"),
    ],
)
def test_a_footer_of_several_items_names_the_owner_in_one(footer: str, owner: str) -> None:
    html = f"<title>Westmark Tides</title><h1>Team</h1><h3>Jane Holloway</h3><p>Director</p><footer>{footer}</footer>"
    [person] = [one for one in read(html) if one.type is MentionType.PERSON]
    assert person.text(Property.WORKS_FOR) == owner


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Staff Directory", ""),
        ("Liste der Vorstandsmitglieder", ""),
        ("Mitarbeiterverzeichnis", ""),
        ("Spis pracowników", ""),
        ("Board of Directors", "Board of Directors"),
        ("Directors", "Directors"),
    ],
)
def test_a_heading_over_a_list_says_what_nobody_does(heading: str, title: str) -> None:
    rows = "".join(
        f"<tr><td>{name}</td><td>+44 20 7946 01{number}</td></tr>"
        for number, name in ((11, "Jane Holloway"), (12, "Ada Lindqvist"), (13, "Peter Weber"))
    )
    found = [one for one in read(f"<h2>{heading}</h2><table>{rows}</table>") if one.type is MentionType.PERSON]
    assert len(found) == 3
    assert {one.text(Property.JOB_TITLE) for one in found} == {title}


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Peter Weber (Finanzmanagement)", "Finanzmanagement"),
        ("Peter Weber (Gebäude und Eventmanagement)", "Gebäude und Eventmanagement"),
        ("Peter Weber (Mitgliederbetreuung)", "Mitgliederbetreuung"),
        ("Peter Weber (ledenadministratie)", "ledenadministratie"),
        ("Peter Weber (Westmark Hausverwaltung GmbH)", ""),
    ],
)
def test_a_department_in_brackets_is_what_somebody_does(line: str, title: str) -> None:
    html = f"<h1>Verein</h1><ul><li>{line}, weber@site.example</li></ul>"
    [person] = [one for one in read(html) if one.type is MentionType.PERSON]
    assert person.text(Property.JOB_TITLE) == title
    assert bool(person.all(Property.WORKS_FOR)) is not bool(title)  # and "Verein" is the name of none


@pytest.mark.parametrize(
    ("record", "same"),
    [
        ("<b>{title}</b><br><a href='/{name}'>{name}</a><br><i>{employer}</i><br><br>", True),
        ("<a href='/{name}'>{name}</a><br><b>{title}</b><br><i>{employer}</i><br><br>", True),
        ("<b>{title}</b><br><i>{employer}</i><br><a href='/{name}'>{name}</a><br><br>", True),
        ("<a href='/{name}'>{name}</a><br><i>{employer}</i><br><br>", False),
    ],
)
def test_titles_and_employers_of_a_flat_list_stand_on_their_own_sides(record: str, same: bool) -> None:
    told = {
        "Jane Holloway": ("Program Chair", "Westmark University"),
        "Ada Lindqvist": ("General Chair", "Northgate College"),
        "Peter Weber": ("Web Chair", "University of Eastmere"),
    }
    lines = "".join(record.format(name=name, title=job[0], employer=job[1]) for name, job in told.items())
    found = [one for one in read(f"<h1>Committee</h1><div>{lines}</div>") if one.type is MentionType.PERSON]
    assert {one.text(Property.NAME): one.text(Property.WORKS_FOR) for one in found} == {
        name: employer for name, (_, employer) in told.items()
    }
    assert all((one.text(Property.JOB_TITLE) == told[one.text(Property.NAME)][0]) is same for one in found)


@pytest.mark.parametrize(
    "credit",
    [
        "Le site est hébergé par Nuage Inc",
        "This site is hosted by Nimbus Ltd",
        "Diese Seite wird gestaltet von Wolke GmbH",
    ],
)
def test_who_made_a_page_employs_nobody_on_it(credit: str) -> None:
    html = f"<p>Name: Jane Holloway</p><p>Role: Director</p><p>{credit}</p>"
    [person] = [one for one in read(html) if one.type is MentionType.PERSON]
    assert not person.all(Property.WORKS_FOR)
