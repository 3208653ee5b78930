"""Addresses and names that belong together, readings that are one person's."""

from __future__ import annotations

import pytest

from crawler.extraction.lines import lines
from crawler.extraction.matching import fit
from crawler.extraction.merge import name_key, unite
from crawler.extraction.organisation import page_organisation
from crawler.items import Mention, MentionType, Method, Property, Value
from crawler.page import Page


@pytest.mark.parametrize(
    ("address", "name", "how_well"),
    [
        ("jane.holloway@x.example", "Jane Holloway", 2),
        ("j.holloway@x.example", "Jane Holloway", 2),
        ("hollowayj@x.example", "Jane Holloway", 2),
        ("a.vanderbrink@x.example", "Annelies van der Brink", 2),
        ("holloway@x.example", "Jane Holloway", 1),
        ("jane@x.example", "Jane Holloway", 1),
        ("jh@x.example", "Jane Holloway", 1),
        ("info@x.example", "Jane Holloway", 0),
        ("peter.marsden@x.example", "Jane Holloway", 0),
    ],
)
def test_an_address_fits_a_name(address: str, name: str, how_well: int) -> None:
    assert fit(address, name) == how_well


@pytest.mark.parametrize(
    ("one", "other"),
    [("Dr. Jane Holloway", "HOLLOWAY Jane"), ("Jane M. Holloway", "Jane Holloway"), ("José Núñez", "Jose Nunez")],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def person(name: str, **values: str) -> Mention:
    mention = Mention(MentionType.PERSON)
    for prop, text in {"name": name, **values}.items():
        mention.add(Property(prop), Value(text, Method.CARD, "/html"))
    return mention


def test_united_mentions_keep_all_their_values() -> None:
    found = unite([person("Jane Holloway", jobTitle="Director"), person("Jane Holloway", email="jane@x.example")])
    assert len(found) == 1
    assert found[0].text(Property.JOB_TITLE) == "Director"
    assert found[0].text(Property.EMAIL) == "jane@x.example"


def test_an_organisation_and_a_person_of_one_name_stay_two() -> None:
    organisation = Mention(MentionType.ORGANISATION)
    organisation.add(Property.NAME, Value("Jane Holloway", Method.META, "/html"))
    assert len(unite([person("Jane Holloway"), organisation])) == 2


@pytest.mark.parametrize(
    ("markup", "owner"),
    [
        ("<title>Team | Acme Ltd</title>", "Acme Ltd"),
        ("<meta property='og:site_name' content='Acme'><title>Team</title>", "Acme"),
        ("<title>Team</title><footer>© 2020–2026 Acme Works. All rights reserved.</footer>", "Acme Works"),
        ("<title>Welcome to Acme Works | Home</title>", "Acme Works"),
        ("<title>Vorstand – Musikverein Tannengrund e.V.</title>", "Musikverein Tannengrund e.V."),
        ("<title>A new hall for everybody in town?</title><h1>A new hall for everybody in town?</h1>", ""),
        ("<title>Contact</title>", ""),
    ],
)
def test_a_page_says_whose_it_is(markup: str, owner: str) -> None:
    page = Page("https://www.host.example/", markup.encode())
    assert page_organisation(page, lines(page.root))[0] == owner
