"""What an extractor may see of a document, and within which bounds."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.page import MAX_TAGS, MAX_TEXT, Kind, Page

URL = "https://www.firma.example/team/"


def page(body: str | bytes, media_type: str = "text/html", language: str = "") -> Page:
    return Page(URL, body.encode() if isinstance(body, str) else body, media_type, language=language)


@pytest.mark.parametrize(
    ("body", "media_type", "kind"),
    [
        ("", "text/html", Kind.EMPTY),
        ("\ufeff \n", "text/html", Kind.EMPTY),
        ("\x01", "text/html", Kind.HTML),
        ("<p>x", "text/html", Kind.HTML),
        ("x", "text/html", Kind.HTML),
        ("<!DOCTYPE html><title>x", "text/plain", Kind.HTML),
        ('<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"/>', "application/xhtml+xml", Kind.HTML),
        ('<?xml version="1.0"?><rss version="2.0"/>', "text/html", Kind.FEED),
        ('<?xml version="1.0"?><!-- made by hand --><feed xmlns="x"/>', "application/xml", Kind.FEED),
        ("<rdf:RDF xmlns='x'/>", "application/rdf+xml", Kind.FEED),
        ("<urlset><url/></urlset>", "application/xml", Kind.XML),
        ('<?xml version="1.0"?><people/>', "", Kind.XML),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "application/feed+json", Kind.FEED),
        ('[{"a": 1}]', "application/json", Kind.JSON),
        ('{"a": 1}', "", Kind.JSON),
        ("{{ title }} <p>x", "text/html", Kind.HTML),
        ("\ufeffBEGIN:VCARD\nEND:VCARD", "text/html", Kind.VCARD),
        ("begin:vcard", "", Kind.VCARD),
        ("\n%PDF-1.7", "text/html", Kind.PDF),
        (b"PK\x03\x04...", "text/html", Kind.BINARY),
        (b"\x89PNG\r\n", "text/html", Kind.BINARY),
        ("abc", "image/x-odd", Kind.BINARY),
        ("Zoe Imaginary\nManager", "text/plain", Kind.TEXT),
    ],
)
def test_kind(body: str | bytes, media_type: str, kind: Kind) -> None:
    assert page(body, media_type).kind is kind


@pytest.mark.parametrize(
    "body",
    ["", "<!-- nothing -->", "<?xml?>", b"%PDF-1.4", "BEGIN:VCARD", "<rss/>"],
)
def test_what_has_no_element_has_no_tree(body: str | bytes) -> None:
    assert page(body).root is None
    assert page(body).meta == {}
    assert page(body).canonical == ""


def test_plain_text_becomes_one_block() -> None:
    root = page("Zoe Imaginary <zoe@firma.example>\nR&D", "text/plain").root
    assert root is not None
    assert root.findtext(".//pre") == "Zoe Imaginary <zoe@firma.example>\nR&D"


def test_comments_and_null_bytes_are_gone() -> None:
    root = page("<p>Zoe <!-- not her -->Imagi\x00nary</p>").root
    assert root is not None
    assert root.text_content() == "Zoe Imaginary"


@pytest.mark.parametrize(
    ("head", "link", "absolute"),
    [
        ("", "zoe.html", "https://www.firma.example/team/zoe.html"),
        ("", " /zoe ", "https://www.firma.example/zoe"),
        ('<base href="/staff/">', "zoe.html", "https://www.firma.example/staff/zoe.html"),
        ('<base target="_top"><base href="https://cdn.example/x/">', "zoe", "https://cdn.example/x/zoe"),
        ("", "mailto:zoe@firma.example", "mailto:zoe@firma.example"),
        ("", "http://[broken", ""),
        ('<base href="http://[broken">', "zoe", "zoe"),
        ("", "a b\n.html", "https://www.firma.example/team/a%20b%20.html"),
    ],
)
def test_absolute(head: str, link: str, absolute: str) -> None:
    assert page(f"<html><head>{head}</head>").absolute(link) == absolute


@pytest.mark.parametrize(("url", "host"), [(URL, "www.firma.example"), ("http://[x", ""), ("file.html", "")])
def test_host(url: str, host: str) -> None:
    assert Page(url, b"").host == host


def test_metadata() -> None:
    found = page(
        '<html lang="nl_BE"><head><meta property="og:site_name" content=" Example \n NV "><meta name=X content=1>'
        '<meta name=x content=2><link rel="alternate Canonical" href="/team">'
    )
    assert (found.site_name, found.canonical) == ("Example NV", "https://www.firma.example/team")
    assert found.meta["x"] == "1"
    assert found.declared_language == "nl-BE"


@pytest.mark.parametrize(
    ("markup", "stated", "language"),
    [
        ("<html lang=de>", "", "de"),
        ("<p>", "fr", "fr"),
        ('<meta http-equiv="content-language" content="pl, en">', "", "pl"),
        ('<meta property="og:locale" content="pt_BR">', "", "pt-BR"),
        ('<html lang="{{ lang }}">', "it", "it"),
        ("<p>", "", ""),
    ],
)
def test_declared_language(markup: str, stated: str, language: str) -> None:
    assert page(markup, language=stated).declared_language == language


@pytest.mark.parametrize(
    ("markup", "stated", "language"),
    [
        ("<html lang=de><p>", "", "de"),
        ("<html lang=en><p>", "nl", "nl"),
        ('<meta property="og:locale" content="pt_BR">', "", "pt-BR"),
        ("<p>", "fr", "fr"),
        ('<html lang="{{ lang }}"><p>', "", ""),
    ],
)
def test_the_word_of_the_source_outranks_that_of_the_document(markup: str, stated: str, language: str) -> None:
    assert page(markup, language=stated).read_in == language


@pytest.mark.parametrize(
    ("body", "media_type"), [("BEGIN:VCARD\nEND:VCARD", "text/vcard"), ('{"@id": 1}', "application/json")]
)
def test_a_document_without_markup_declares_no_language(body: str, media_type: str) -> None:
    assert page(body, media_type).read_in == ""


def test_old_markup_nested_deeper_than_256_is_kept() -> None:
    root = page("<font>" * 1500 + "<p>Zoe Imaginary").root
    assert root is not None
    assert root.text_content() == "Zoe Imaginary"


@pytest.fixture
def bounded() -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < 10


HOSTILE = {
    "100 MB of nested tags": b"<div>" * 20_000_000,
    "a million br": b"<br>" * 1_000_000,
    "many attributes": b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">",
    "many attributes, quoted brackets": b"<p " + b" ".join(b"a%d='>'" % n for n in range(100_000)) + b">",
    "many tags with many attributes": (b"<p " + b" ".join(b"a%d" % n for n in range(280)) + b">") * 2_000,
    "unclosed quotes": b"<a ='\"" * 500_000,
    "one word": b"x" * 20_000_000,
    "entities": b"&amp;" * 1_000_000 + b"&#x" * 1_000_000,
    "entity bomb": b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><html>&b;" * 1000,
    "doctype and comments": b"<!--" * 1_000_000,
    "null bytes": b"\x00" * 5_000_000 + b"<p>x",
}


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_end_within_a_bound(body: bytes) -> None:
    found = page(body)
    assert len(found.text) <= MAX_TEXT
    assert found.root is None or sum(1 for _ in found.root.iter()) <= MAX_TAGS + 3


def test_what_is_cut_off_is_said() -> None:
    assert page(b"<br>" * (MAX_TAGS + 1)).truncated
    assert page(b"x" * (MAX_TEXT + 1)).truncated
    assert not page(b"<br>" * 10).truncated
    assert not page(b"%PDF-1.7" + b"x" * MAX_TEXT).truncated


@settings(max_examples=60)
@given(st.binary(max_size=300) | st.text(alphabet="<>/=\"' abp!-[]&;\x00\n{", max_size=200).map(str.encode))
def test_any_bytes_give_a_page(body: bytes) -> None:
    found = page(body)
    assert found.root is None or found.root.tag == "html"
    assert isinstance(found.base + found.canonical + found.declared_language + found.site_name, str)


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body><p>Zoe</p></body></html><p>Imaginary</p>",
        "<body><p>Zoe</p></body><p>Imaginary</p></html>",
        "<p>Zoe</p></HTML ><html><body><p>Imaginary</p></body></html>",
        "<html><body><p>Zoe</p><p>Imaginary</p></body></html>\n",
        '<html lang="en" /><body><p>Zoe</p><p>Imaginary</p></body>',
        "<html><body class=about/><p>Zoe</p><p>Imaginary</p></body></html>",
    ],
)
def test_a_page_that_closes_too_early_is_read_on(markup: str) -> None:
    root = Page("https://firma.example/", markup.encode()).root
    assert root is not None
    assert [element.text for element in root.iter("p")] == ["Zoe", "Imaginary"]
