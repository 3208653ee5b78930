"""Headers and meta elements by table; the strictest wins."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.middlewares.signals import from_headers, from_html

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "directives"),
    [
        ([], ""),
        ([("X-Robots-Tag", "noindex")], "noindex"),
        ([("x-robots-tag", "NoIndex, NoFollow")], "nofollow noindex"),
        ([("X-Robots-Tag", "none")], "nofollow noindex"),
        ([("X-Robots-Tag", "all")], ""),
        ([("X-Robots-Tag", "index, follow")], ""),
        ([("X-Robots-Tag", "noarchive")], "noarchive"),
        ([("X-Robots-Tag", "nocache")], "noarchive"),
        ([("X-Robots-Tag", "noai, noimageai")], "noarchive noindex"),
        ([("X-Robots-Tag", "otherbot: noindex")], ""),
        ([("X-Robots-Tag", "otherbot: noindex, nofollow")], ""),
        ([("X-Robots-Tag", "Cardfile: noindex")], "noindex"),
        ([("X-Robots-Tag", "otherbot: noindex, cardfile: nofollow")], "nofollow"),
        ([("X-Robots-Tag", "otherbot: nofollow"), ("X-Robots-Tag", "noarchive")], "noarchive"),
        ([("X-Robots-Tag", "max-snippet: 20, noindex")], "noindex"),
        ([("X-Robots-Tag", "unavailable_after: Wed, 25 Jun 2025 15:00:00 GMT")], "noindex"),
        ([("X-Robots-Tag", "unavailable_after: 25 Jun 2099 15:00:00 GMT")], ""),
        ([("X-Robots-Tag", "unavailable_after: 2099-01-01, noarchive")], "noarchive"),
        ([("X-Robots-Tag", "unavailable_after: 2020-01-01")], "noindex"),
        ([("X-Robots-Tag", "unavailable_after: some day")], "noindex"),
        ([("TDM-Reservation", "1")], "noarchive noindex"),
        ([("tdm-reservation", "0")], ""),
        ([("X-Robots-Tag", "all"), ("TDM-Reservation", " 1 ")], "noarchive noindex"),
    ],
)
def test_headers_say(headers: list[tuple[str, str]], directives: str) -> None:
    found = from_headers(headers, "cardfile", NOW)
    assert " ".join(sorted(found.directives)) == directives
    assert bool(found.seen) is bool(directives)


@pytest.mark.parametrize(
    ("html", "directives", "seen"),
    [
        ("<p>hello", "", ()),
        ("", "", ()),
        ('<meta name="robots" content="noindex">', "noindex", ("meta robots: noindex",)),
        ('<META NAME="ROBOTS" CONTENT="NOFOLLOW,NOINDEX">', "nofollow noindex", ("meta robots: nofollow, noindex",)),
        ('<meta name="Cardfile" content="none">', "nofollow noindex", ("meta cardfile: none",)),
        ('<meta name="googlebot" content="noindex">', "", ()),
        ('<body><p>late<meta name="robots" content="noindex">', "noindex", ("meta robots: noindex",)),
        ('<meta name="tdm-reservation" content="1">', "noarchive noindex", ("meta tdm-reservation: 1",)),
        ('<meta name="tdm-reservation" content="0">', "", ()),
        ('<meta name="robots" content="noai">', "noarchive noindex", ("meta robots: noai",)),
        ('<meta http-equiv="X-Robots-Tag" content="noindex">', "noindex", ("meta robots: noindex",)),
        ('<meta name="robots" content="index"><meta name="robots" content="noindex">', "noindex", None),
        ('<meta name="r&#111;bots" content="noindex">', "noindex", ("meta robots: noindex",)),
        ('<!-- <meta name="robots" content="noindex"> -->', "", ()),
        ('<meta name="robots" content="noindex, call Ada Example">', "noindex", ("meta robots: noindex",)),
    ],
)
def test_meta_elements_say(html: str, directives: str, seen: tuple[str, ...] | None) -> None:
    found = from_html(html.encode(), "utf-8", "cardfile", NOW)
    assert " ".join(sorted(found.directives)) == directives
    assert seen is None or found.seen == seen


def test_a_meta_element_counts_in_every_encoding() -> None:
    body = '<meta name="robots" content="noindex">'.encode("utf-16")
    assert from_html(body, "utf-16", "cardfile", NOW).directives == {"noindex"}


@given(st.lists(st.sampled_from(["noindex", "nofollow", "noarchive", "all", "other: noindex"]), max_size=5))
def test_a_further_header_never_loosens(values: list[str]) -> None:
    headers = [("X-Robots-Tag", value) for value in values]
    found = [from_headers(headers[:length], "cardfile", NOW).directives for length in range(len(headers) + 1)]
    assert all(fewer <= more for fewer, more in pairwise(found))


@given(st.binary(max_size=200), st.text(max_size=60))
def test_anything_can_be_read(body: bytes, value: str) -> None:
    words = {"noindex", "nofollow", "noarchive"}
    assert from_html(body, "utf-8", "cardfile", NOW).directives <= words
    assert from_headers([("X-Robots-Tag", value)], "cardfile", NOW).directives <= words
