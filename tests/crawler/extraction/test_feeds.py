"""RSS, Atom and JSON Feed."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import feeds
from crawler.items import Disposal, Method, Property
from crawler.page import Page

RSS = """<?xml version="1.0" encoding="iso-8859-1"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>Firma News</title><link>https://firma.example/</link>
<managingEditor>zoe@firma.example (Zoe Imaginary)</managingEditor>
<itunes:owner><itunes:name>Ann Fabricated</itunes:name><itunes:email>ann@firma.example</itunes:email></itunes:owner>
<item><title>One &amp;amp; only</title><link>/news/1</link><author>joe@firma.example (Joe Invented)</author></item>
<item><title>Two</title><guid>https://firma.example/news/2</guid><dc:creator>Name Only</dc:creator></item>
<item><title>Three</title><guid isPermaLink="false">abc</guid></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Firma</title>
<author><name>Zoe Imaginary</name><email>zoe@firma.example</email><uri>https://firma.example/zoe</uri></author>
<entry><title>One</title><link rel="self" href="/self"/><link href="/news/1"/>
<author><name>Name Only</name></author></entry>
</feed>"""
LOCAL = re.compile(r"\*\[local-name\(\)='(\w+)'\]")
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "authors": [{"name": "Zoe Imaginary", "url": "mailto:zoe@firma.example"}],
    "items": [
        {"id": "1", "url": "https://firma.example/news/1", "title": "One", "author": {"name": "Name Only"}},
        {"id": "https://firma.example/news/2", "authors": "x"},
        "not an entry",
    ],
}


def feed(text: str | dict[str, Any]) -> Page:
    if isinstance(text, dict):
        return Page("https://firma.example/feed", json.dumps(text).encode(), "application/feed+json")
    return Page("https://firma.example/feed", text.encode(), "application/xml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            RSS,
            [
                ("https://firma.example/news/1", "One & only", ["Joe Invented"]),
                ("https://firma.example/news/2", "Two", ["Name Only"]),
                ("", "Three", []),
            ],
        ),
        (ATOM, [("https://firma.example/news/1", "One", ["Name Only"])]),
        (JSON, [("https://firma.example/news/1", "One", ["Name Only"]), ("https://firma.example/news/2", "", [])]),
        ("<rss><channel><item><link>https://firma.example/x", [("https://firma.example/x", "", [])]),
        ("<rss/>", []),
        ({"version": "https://jsonfeed.org/version/1"}, []),
    ],
    ids=["rss", "atom", "json", "cut off", "empty rss", "empty json"],
)
def test_entries(text: str | dict[str, Any], expected: list[tuple[str, str, list[str]]]) -> None:
    found = [
        (entry.link, entry.title, [author.name for author in entry.authors]) for entry in feeds.entries(feed(text))
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected", "dropped"),
    [
        (
            RSS,
            [
                ("Zoe Imaginary", "zoe@firma.example", "//channel/managingEditor"),
                ("Ann Fabricated", "ann@firma.example", "//channel/owner"),
                ("Joe Invented", "joe@firma.example", "(//item)[1]/author"),
            ],
            1,
        ),
        (ATOM, [("Zoe Imaginary", "zoe@firma.example", "//feed/author")], 1),
        (JSON, [("Zoe Imaginary", "zoe@firma.example", "#/authors/0")], 1),
    ],
    ids=["rss", "atom", "json"],
)
def test_authors_who_can_be_reached(
    text: str | dict[str, Any], expected: list[tuple[str, str, str]], dropped: int
) -> None:
    disposals: list[Disposal] = []
    found = feeds.read(feed(text), disposals)
    values = [{prop.value: value for prop, value in mention} for mention in found]
    read = [(one["name"].text, one["email"].text, re.sub(LOCAL, r"\1", one["email"].locator)) for one in values]
    assert read == expected
    assert {value.method for one in values for value in one.values()} == {Method.FEED}
    assert [one.category for one in disposals] == ["no-business-context"] * dropped


@pytest.mark.parametrize(
    "text",
    ['{"version": "https://jsonfeed.org/version/1", "items": ', "<feed"],
    ids=["json", "xml"],
)
def test_a_broken_feed_is_counted(text: str) -> None:
    disposals: list[Disposal] = []
    page = Page(
        "https://firma.example/feed", text.encode() + b" ", "application/xml" if "<" in text else "application/json"
    )
    assert feeds.entries(page) == []
    assert feeds.read(page, disposals) == []
    assert {one.category for one in disposals} <= {"unreadable"}


def test_a_page_is_no_feed() -> None:
    page = Page("https://firma.example/", b"<p>x")
    assert (feeds.entries(page), feeds.read(page, [])) == ([], [])


BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
HOSTILE = {
    "entity bomb": BOMB + "]><rss><channel><item><title>&j;</title></item></channel></rss>",
    "outer entity": '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title>',
    "deep": "<rss>" + "<item>" * 100_000,
    "many entries": "<rss><channel>" + "<item><author>a@b.example (A)</author></item>" * 50_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_feeds_end_within_a_bound(text: str) -> None:
    started = time.process_time()
    found = feeds.entries(feed(text))
    feeds.read(feed(text), [])
    assert len(found) <= feeds.MAX_ENTRIES
    assert all("root:" not in entry.title and len(entry.title) < 2_000 for entry in found)
    assert time.process_time() - started < 10


@given(st.text(alphabet="<>/ rsitemlnkauthor&;\"'=@.x", max_size=120))
def test_any_feed_is_read(text: str) -> None:
    page = feed(f"<rss><channel><item>{text}")
    assert len(feeds.entries(page)) <= feeds.MAX_ENTRIES
    assert all(mention.values for mention in feeds.read(page, []))


@pytest.mark.parametrize(
    "author",
    [
        "<dc:author>zoe@firma.example (Zoe Imaginary)</dc:author>",
        "<x:author xmlns:x='http://pu'>zoe@firma.example (Zoe Imaginary)</x:author>",
        "<a:b:author>zoe@firma.example (Zoe Imaginary)</a:b:author>",
    ],
    ids=["undeclared", "declared", "twice"],
)
def test_a_prefix_that_is_not_declared_breaks_nothing(author: str) -> None:
    found = feeds.read(feed(f"<rss><channel><item>{author}</item></channel></rss>"), [])
    assert [mention.text(Property.EMAIL) for mention in found] == ["zoe@firma.example"]
