"""h-card and hCard."""

from __future__ import annotations

import mf2py
import pytest

from crawler.extraction import microformats
from crawler.items import Disposal, Mention, MentionType, Method, Property
from crawler.page import Page


def read(markup: str) -> tuple[list[Mention], list[Disposal]]:
    disposals: list[Disposal] = []
    page = Page("https://www.firma.example/", f"<html><body>{markup}".encode())
    return microformats.read(page, disposals), disposals


def said(mention: Mention) -> dict[str, list[str]]:
    return {prop.value: [value.text for value in readings] for prop, readings in mention.values.items()}


H_CARD = """
<div class="h-card"><span class="p-name">Zoe Imaginary</span> <span class="p-job-title">CFO</span>
 <a class="p-org h-card" href="/">Firma BV</a> <a class="u-email" href="mailto:zoe@firma.example">mail</a>
 <span class="p-tel">+31 20 555 0100</span> <a class="u-url" href="/zoe">page</a>
 <time class="dt-bday">1970-01-01</time>
 <p class="p-note">Likes cats</p></div>
"""
HCARD = """
<div class="vcard"><b class="fn">Zoe Imaginary</b>, <i class="title">CFO</i>, <span class="org"><span
 class="organization-name">Firma BV</span>, <span class="organization-unit">Finance</span></span>
 <a class="email" href="mailto:zoe@firma.example">mail</a>
 <div class="tel"><span class="type">work</span> <span class="value">+31 20 555 0100</span></div>
 <div class="tel"><span class="type">fax</span> <span class="value">+31 20 555 0101</span></div>
 <div class="adr"><span class="street-address">Kade 1</span> <span class="locality">Verzonnen</span></div></div>
"""


def test_h_card() -> None:
    [person, firm], disposals = read(H_CARD)
    assert said(person) == {
        "name": ["Zoe Imaginary"],
        "email": ["zoe@firma.example"],
        "telephone": ["+31 20 555 0100"],
        "url": ["https://www.firma.example/zoe"],
        "jobTitle": ["CFO"],
        "worksFor": ["Firma BV"],
    }
    assert (firm.type, said(firm)["name"]) == (MentionType.ORGANISATION, ["Firma BV"])
    assert [(one.category, one.location) for one in disposals] == [("unknown-property", Method.H_CARD)] * 2


def test_h_card_agrees_with_the_reference_parser() -> None:
    [card] = mf2py.parse(doc=H_CARD, url="https://www.firma.example/")["items"]
    [person, _], _ = read(H_CARD)
    ours = said(person)
    theirs = card["properties"]
    assert ours["name"] == theirs["name"]
    assert ours["jobTitle"] == theirs["job-title"]
    assert ours["telephone"] == theirs["tel"]
    assert ours["url"] == theirs["url"]
    assert ours["worksFor"] == theirs["org"][0]["properties"]["name"]
    assert [f"mailto:{address}" for address in ours["email"]] == theirs["email"]


def test_hcard() -> None:
    [person], _ = read(HCARD)
    assert said(person) == {
        "name": ["Zoe Imaginary"],
        "email": ["zoe@firma.example"],
        "telephone": ["+31 20 555 0100"],
        "faxNumber": ["+31 20 555 0101"],
        "workLocation": ["Kade 1, Verzonnen"],
        "jobTitle": ["CFO"],
        "worksFor": ["Firma BV"],
    }
    assert {prop.value: value.context for prop, value in person if value.context} == {
        "telephone": "TYPE=work",
        "faxNumber": "TYPE=fax",
    }


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a class="h-card" href="/z">Zoe Imaginary</a>', [("person", "Zoe Imaginary")]),
        ('<span class="h-card"><img alt="Zoe Imaginary"></span>', [("person", "Zoe Imaginary")]),
        (
            '<p class="vcard"><b class="fn org">Firma BV</b> <i class="tel">+31 20 555 0100</i></p>',
            [("organisation", "Firma BV")],
        ),
        ('<p class="h-card"><b class="p-org">Firma BV</b> <i class="p-tel">1</i></p>', [("organisation", "Firma BV")]),
        ('<p class="vcard"><abbr class="fn" title="Zoe Imaginary">ZI</abbr></p>', [("person", "Zoe Imaginary")]),
        (
            '<p class="vcard"><i class="given-name">Zoe</i> <i class="family-name">Imaginary</i></p>',
            [("person", "Zoe Imaginary")],
        ),
        ('<p class="vcard">nobody</p>', []),
        ('<p class="my-vcard-box"><b class="fn">Zoe</b></p>', []),
        ('<div class="comment-author vcard"><b class="fn">Zoe</b><i class="title">Hero</i></div>', []),
        ("<p>nothing</p>", []),
    ],
)
def test_names_and_kinds(markup: str, expected: list[tuple[str, str]]) -> None:
    found, _ = read(markup)
    assert [(mention.type.value, mention.text(Property.NAME)) for mention in found] == expected


def test_nested_cards_end_within_a_bound() -> None:
    found, _ = read('<div class="h-card p-org">' * 1_500 + '<b class="p-name">x')
    assert len(found) <= 1_500
