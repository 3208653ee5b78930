"""Addresses and names that belong together, readings that are one person's."""

from __future__ import annotations

import pytest

from crawler.extraction.lines import lines
from crawler.extraction.matching import drop_strangers, fit
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


@pytest.mark.parametrize(
    ("mailboxes", "kept"),
    [
        (["j.holloway@x.example", "a.terpstra@x.example"], [0]),
        (["j.holloway@x.example", "anna.lindqvist@x.example"], [0]),
        (["j.holloway@x.example", "press.office@x.example"], [0, 1]),
        (["j.holloway@x.example", "office@x.example"], [0, 1]),
        (["j.holloway@x.example", "jane@y.example"], [0, 1]),
        (["office@x.example", "a.terpstra@x.example"], [0, 1]),  # nothing says that neither is hers
    ],
)
def test_the_mailbox_of_somebody_who_was_not_read_is_nobodys(mailboxes: list[str], kept: list[int]) -> None:
    mention = Mention(MentionType.PERSON)
    mention.add(Property.NAME, Value("Jane Holloway", Method.CARD, "/p[1]"))
    for number, text in enumerate(mailboxes):
        mention.add(Property.EMAIL, Value(text, Method.CARD, f"/p[{number}]"))
        mention.add(Property.TELEPHONE, Value(f"+44 20 7946 000{number}", Method.CARD, f"/p[{number}]"))
    drop_strangers(mention)
    assert [value.text for value in mention.all(Property.EMAIL)] == [mailboxes[number] for number in kept]
    assert [value.locator for value in mention.all(Property.TELEPHONE)] == [f"/p[{number}]" for number in kept]
