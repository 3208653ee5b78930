"""Hostile documents end: no reader takes more than linear time, and none fails.

Each document costs a fraction of a second of processor time when every reader is linear in it, and minutes when one is
not, so the bound need not be sharp to tell.
"""

from __future__ import annotations

import time
from contextlib import nullcontext

import pytest

from crawler.errors import DocumentError
from crawler.extraction import mentions
from crawler.items import Disposal
from crawler.page import Page

_JSON = b'<script type="application/ld+json">%s</script>'
_PERSON = b'{"@type": "Person", "name": "Bronwen Achterberg", "jobTitle": "Treasurer", "x": '
_WORDS = {
    "dots": b"a." * 300_000,
    "at-signs": b"a@" * 300_000,
    "at-words": b"a (at) " * 100_000,
    "digits": b"1" * 600_000,
    "spaced-digits": b"1 " * 300_000,
    "telephones": b"+44 20 7946 0018 " * 40_000,
    "addresses": b"bronwen@firma.example " * 30_000,
    "names": b"Bronwen Achterberg " * 30_000,
    "speakers": b"said Bronwen Achterberg, CFO of Firma BV, " * 12_000,
    "postal-addresses": b"Firma BV, Dijkstraat 12, 1234 AB Westmark, " * 12_000,
    "postal-codes": b"12345 Westmark " * 30_000,
    "house-numbers": b"12a/12b-" * 60_000,
    "commas": b"Achterberg, Bronwen, " * 25_000,
    "spaces": b"Bronwen" + b" " * 600_000,
    "brackets": b"(" * 600_000,
    "signs": b"<" * 600_000,
    "entities": b"&#64;" * 120_000,
    "quotes": b"<a title='" + b'"' * 600_000,
    "null-bytes": b"B\0r\0" * 150_000,
    "noise": bytes(range(128, 256)) * 4_000,
}
HTML = {
    **_WORDS,
    "breaks": b"Bronwen Achterberg, CFO<br>" * 3_000,
    "streets": b"Dijkstraat 12<br>" * 5_000,
    "towns": b"12345 Westmark<br>" * 5_000,
    "postal-blocks": b"<p>Firma BV<br>Dijkstraat 12<br>1234 AB Westmark" * 2_500,
    "postal-cards": b"<div><b>Bronwen Achterberg</b><br>CFO<br>Dijkstraat 12<br>1234 AB Westmark</div>" * 1_500,
    "cells": b"<table><tr>" + b"<td>Bronwen Achterberg</td>" * 3_000,
    "items": b"<ul>" + b"<li>Bronwen Achterberg" * 3_000,
    "divisions": b"<div>" * 250_000,
    "links": b"<a href=x>" * 50_000,
    "hidden-addresses": b'<a data-cfemail="543931142c7a373b39">x</a>' * 4_000,
    "menus": b'<div class="menu">' * 1_500 + b"<p>x " * 4_000,
    "pictures": b'<img alt="Bronwen Achterberg">' * 6_000,
    "text-nodes": b"<p>" + b"x<b></b>" * 60_000,
    "attributes": b"<p " + b"".join(b"a%d=b " % number for number in range(40_000)) + b">",
    "one-attribute": b'<a href="mailto:' + b"a.b@" * 150_000 + b'">x</a>',
    "style": b'<p style="' + b"display :" * 60_000 + b'">x</p>',
    "script": b"<script>" + b"var a='b'+'@'+" * 40_000 + b"</script>",
    "comment": b"<!--" * 150_000,
    "json-depth": _JSON % (_PERSON + b'{"x":' * 100_000),
    "json-arrays": _JSON % (_PERSON + b"[" * 300_000),
    "json-comments": _JSON % (b"x" + b"/* " * 200_000),
    "json-quotes": _JSON % (b'{"a": ' + b'\\"' * 200_000),
    "json-spaces": _JSON % (b"{x" + b" " * 600_000 + b"}"),
    "json-cdata": _JSON % (b"{" + b"//" * 200_000),
    "h-cards": b'<div class="h-card">' * 20_000,
    "h-cards-of-h-cards": b'<p class="h-card p-org">' * 20_000,
    "values": b'<div class="h-card"><p class="p-name">' + b'<i class="value">x' * 20_000,
    "items-of-items": b'<div itemscope itemprop="worksFor" itemtype="https://schema.org/Person">' * 20_000,
    "circles": b'<div id=a itemscope itemref="b"><div id=b itemprop=x itemscope itemref="a"></div></div>' * 2_000,
    "typeof": b'<div vocab="https://schema.org/" typeof="Person" property="knows">' * 20_000,
    "definitions": b'<!DOCTYPE html [<!ENTITY a "' + b"x" * 1_000 + b'">]>' + b"&a;" * 50_000,
}
_BOMB = b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10 if n else b"bomb") for n in range(12))
OTHER = {
    "text": ("text/plain", b"Bronwen Achterberg CFO\n" * 3_000),
    "vcards": ("text/vcard", b"BEGIN:VCARD\nFN:Bronwen Achterberg\nTITLE:CFO\nEND:VCARD\n" * 10_000),
    "vcard-lines": ("text/vcard", b"BEGIN:VCARD\n" + b"TEL:+442079460018\n" * 40_000),
    "vcard-folds": ("text/vcard", b"BEGIN:VCARD\nNOTE:x\n" + b" x\n" * 200_000),
    "vcard-quotes": ("text/vcard", b"BEGIN:VCARD\n" + (b"TEL" + b';"a"b' * 3_000 + b"\n") * 40),
    "vcard-soft-breaks": ("text/vcard", b"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=" + b"=\n=" * 200_000),
    "feed-bomb": ("application/rss+xml", b"<?xml version='1.0'?><!DOCTYPE x [" + _BOMB + b"]><rss>&b11;</rss>"),
    "feed-depth": ("application/rss+xml", b"<rss>" + b"<item>" * 100_000),
    "feed-items": ("application/rss+xml", b"<rss><channel>" + b"<item><author>B. Achterberg</author></item>" * 15_000),
    "json-feed": ("application/feed+json", b'{"version":"https://jsonfeed.org/version/1","items":[' + b"[" * 99_999),
    "sitemap": (
        "application/xml",
        b"<?xml version='1.0'?><urlset>" + b"<url><loc>http://x.example/</loc></url>" * 9_000,
    ),
    "utf-16": ("text/html", b"\xff\xfe" + b"\x00\xd8" * 200_000),
    "pdf": ("application/pdf", b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] /Type /Pages >> endobj\n" * 9_000),
}
DOCUMENTS = {name: ("text/html", body) for name, body in HTML.items()} | OTHER


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_ends(name: str) -> None:
    media_type, body = DOCUMENTS[name]
    disposals: list[Disposal] = []
    before = time.process_time()
    with pytest.raises(DocumentError) if name == "pdf" else nullcontext():
        mentions(Page("https://firma.example/", body, media_type, country="GB"), disposals=disposals)
    assert time.process_time() - before < 15
    assert [one for one in disposals if one.category == "error"] == []
