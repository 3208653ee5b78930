"""One person in every form that a page can give her, from the document to the mention.

The readers have tests of their own; here each form has to come out of `mentions` with name, job and address together.
"""

from __future__ import annotations

import base64
import codecs

import pytest

from crawler.extraction import mentions
from crawler.items import Disposal, Mention, Method, Property
from crawler.page import Page

NAME, JOB, FIRM, MAIL = "Bronwen Achterberg", "Managing Director", "Firma BV", "bronwen@firma.example"
PAGE = "<!doctype html><html lang=en><title>Firma BV</title><body>{}</body></html>"


def people(text: str, media_type: str = "text/html", disposals: list[Disposal] | None = None) -> list[Mention]:
    page = Page("https://firma.example/team", text.encode(), media_type, country="NL", language="en")
    return [one for one in mentions(page, disposals=disposals) if one.type.value == "person"]


def ld(json: str) -> str:
    return PAGE.format(f'<script type="application/ld+json">{json}</script>')


_PERSON = f'"@type": "Person", "name": "{NAME}", "jobTitle": "{JOB}", "email": "{MAIL}"'
_FIRM = f'"@type": "Organization", "name": "{FIRM}"'
_VCARD = "BEGIN:VCARD\n{}END:VCARD\n"
_SHARED = f"FN:{NAME}\nTITLE:{JOB}\nORG:{FIRM}\n"
STATED: dict[str, tuple[str, Method]] = {
    "json-ld": (ld(f'{{{_PERSON}, "worksFor": {{{_FIRM}}}}}'), Method.JSON_LD),
    "json-ld graph": (
        ld(f'{{"@graph": [{{{_PERSON}, "worksFor": {{"@id": "#f"}}}}, {{"@id": "#f", {_FIRM}}}]}}'),
        Method.JSON_LD,
    ),
    "json-ld nested": (
        ld(f'{{"@type": "WebPage", "about": {{{_FIRM}, "employee": [{{{_PERSON}}}]}}}}'),
        Method.JSON_LD,
    ),
    "json-ld with comments": (ld(f'/* ours */ {{{_PERSON}, "worksFor": "{FIRM}",}} // end'), Method.JSON_LD),
    "microdata": (
        PAGE.format(
            f'<div itemscope itemtype="https://schema.org/Person"><b itemprop="name">{NAME}</b>'
            f'<i itemprop="jobTitle">{JOB}</i><a itemprop="email" href="mailto:{MAIL}">mail</a><p itemprop="worksFor" '
            f'itemscope itemtype="https://schema.org/Organization"><b itemprop="name">{FIRM}</b></p></div>'
        ),
        Method.MICRODATA,
    ),
    "rdfa": (
        PAGE.format(
            f'<div vocab="https://schema.org/" typeof="Person"><b property="name">{NAME}</b><i property="jobTitle">'
            f'{JOB}</i><a property="email" href="mailto:{MAIL}">mail</a><p property="worksFor" typeof="Organization">'
            f'<b property="name">{FIRM}</b></p></div>'
        ),
        Method.RDFA,
    ),
    "h-card": (
        PAGE.format(
            f'<div class="h-card"><b class="p-name">{NAME}</b><i class="p-job-title">{JOB}</i>'
            f'<b class="p-org">{FIRM}</b><a class="u-email" href="mailto:{MAIL}">mail</a></div>'
        ),
        Method.H_CARD,
    ),
    "hCard": (
        PAGE.format(
            f'<div class="vcard"><b class="fn">{NAME}</b><i class="title">{JOB}</i>'
            f'<b class="org">{FIRM}</b><a class="email" href="mailto:{MAIL}">mail</a></div>'
        ),
        Method.H_CARD,
    ),
    "vcard 2.1": (_VCARD.format(f"VERSION:2.1\n{_SHARED}EMAIL;INTERNET;WORK:{MAIL}\n"), Method.VCARD),
    "vcard 3.0": (_VCARD.format(f"VERSION:3.0\n{_SHARED}EMAIL;TYPE=internet,work:{MAIL}\n"), Method.VCARD),
    "vcard 4.0": (_VCARD.format(f"VERSION:4.0\n{_SHARED}EMAIL;TYPE=work:mailto:{MAIL}\n"), Method.VCARD),
}


@pytest.mark.parametrize("form", STATED)
def test_what_is_stated_is_read(form: str) -> None:
    text, method = STATED[form]
    [found] = people(text, "text/vcard" if form.startswith("vcard") else "text/html")
    read = [found.text(prop) for prop in (Property.NAME, Property.JOB_TITLE, Property.WORKS_FOR, Property.EMAIL)]
    assert read == [NAME, JOB, FIRM, MAIL]
    assert {value.method for value in found.all(Property.JOB_TITLE)} >= {method}
    assert all(value.locator for _, value in found)


def test_a_card_behind_a_link_is_read() -> None:
    card = _VCARD.format(f"VERSION:3.0\n{_SHARED}EMAIL:{MAIL}\n").replace("\n", "%0D%0A").replace(" ", "%20")
    [found] = people(PAGE.format(f'<a href="data:text/vcard;charset=utf-8,{card}">Card</a>'))
    assert (found.text(Property.NAME), found.text(Property.EMAIL)) == (NAME, MAIL)


@pytest.mark.parametrize(
    ("broken", "unreadable"),
    [
        ("{", 1),
        ('{"@type": "Person", "name": ', 1),
        ('{"@type": "Thing"} {"@type":', 1),
        ("[1, 2", 1),
        ("", 0),
        ("{}", 0),
    ],
)
def test_a_broken_block_costs_only_itself_and_is_counted(broken: str, unreadable: int) -> None:
    disposals: list[Disposal] = []
    whole = f'<script type="application/ld+json">{{{_PERSON}}}</script>'
    [found] = people(ld(broken) + whole, disposals=disposals)
    assert found.text(Property.EMAIL) == MAIL
    assert [one.rule for one in disposals].count("json-ld-syntax") == unreadable


def _cloudflare(address: str) -> str:
    return "5a" + "".join(f"{ord(letter) ^ 0x5A:02x}" for letter in address)


def _typo3(address: str) -> str:
    return "".join(chr(97 + (ord(c) - 97 + 1) % 26) if c.islower() else c for c in f"mailto:{address}").translate(
        {ord(":"): "+", ord("@"): "A", ord("."): "/"}
    )


HIDDEN = {
    "link": f'<a href="mailto:{MAIL}">mail</a>',
    "words": "bronwen (at) firma (dot) example",
    "words in German": "bronwen [ät] firma [punkt] example",
    "words in Dutch": "bronwen [apenstaartje] firma [punt] example",
    "words in French": "bronwen (arobase) firma (point) example",
    "words in Spanish": "bronwen (arroba) firma (punto) example",
    "words in Italian": "bronwen [chiocciola] firma [punto] example",
    "words in Polish": "bronwen [małpa] firma [kropka] example",
    "entities": "".join(f"&#{ord(letter)};" for letter in MAIL),
    "entities escaped twice": "".join(f"&amp;#{ord(letter)};" for letter in MAIL),
    "reversed": f'<span style="unicode-bidi:bidi-override;direction:rtl">{MAIL[::-1]}</span>',
    "cloudflare": f'<a class="__cf_email__" data-cfemail="{_cloudflare(MAIL)}">[email&#160;protected]</a>',
    "typo3": f"<a href=\"javascript:linkTo_UnCryptMailto('{_typo3(MAIL)}')\">mail</a>",
    "guard word": "bronwen@NOSPAM.firma.example",
    "parts in attributes": '<a data-user="bronwen" data-domain="firma.example">mail</a>',
    "base64 in an attribute": f'<a data-mail="{base64.b64encode(MAIL.encode()).decode()}">mail</a>',
    "rot13 in an attribute": f'<a data-enc-email="{codecs.encode(MAIL, "rot13")}">mail</a>',
    "script": "<script>var n='bronwen';var d='firma.example';document.write('<a href=mailto:'+n+'@'+d+'>')</script>",
    "picture": 'bronwen<img src="at.png" alt="@">firma.example',
}


@pytest.mark.parametrize("form", HIDDEN)
def test_a_hidden_address_is_her_own(form: str) -> None:
    card = f"<li><h3>{NAME}</h3><p>{JOB}</p><p>{HIDDEN[form]}</p></li>"
    other = "<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p><p>Room 5</p></li>"
    found = {one.text(Property.NAME): one for one in people(PAGE.format(f"<ul>{card}{other}</ul>"))}
    assert [value.text for value in found[NAME].all(Property.EMAIL)] == [MAIL]
    assert not found["Alasdair Pemberly"].all(Property.EMAIL)


_ENTRY = f"<author>{MAIL} ({NAME})</author>"
FEEDS = {
    "rss": (f"<rss><channel><item>{_ENTRY}</item></channel></rss>", "application/rss+xml"),
    "atom": (
        (
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><author><name>'
            f"{NAME}</name><email>{MAIL}</email></author></entry></feed>"
        ),
        "application/atom+xml",
    ),
    "json feed": (
        f'{{"version": "https://jsonfeed.org/version/1.1", "authors": [{{"name": "{NAME}", "url": "mailto:{MAIL}"}}]}}',
        "application/feed+json",
    ),
}


@pytest.mark.parametrize("form", FEEDS)
def test_the_author_of_a_feed_is_read(form: str) -> None:
    [found] = people(*FEEDS[form])
    assert (found.text(Property.NAME), found.text(Property.EMAIL)) == (NAME, MAIL)
    assert found.all(Property.NAME)[0].method is Method.FEED


def test_an_open_graph_profile_is_read_with_a_contact() -> None:
    head = (
        '<meta property="og:type" content="profile"><meta property="profile:first_name" content="Bronwen">'
        '<meta property="profile:last_name" content="Achterberg">'
    )
    text = f"<html><head>{head}</head><body><h1>{NAME}</h1><p>{JOB}</p><a href='mailto:{MAIL}'>m</a></body></html>"
    [found] = people(text)
    assert (found.text(Property.NAME), found.text(Property.EMAIL)) == (NAME, MAIL)
