"""E-mail addresses that markup hides: attributes, CSS, scripts that are never run."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.decode_elements import cloudflare, elements, typo3
from crawler.extraction.decode_script import MAX_SCRIPT, script_addresses
from crawler.page import Page

JANE = "jane@firma.example"
CLOUDFLARE = "7e" + "".join(f"{ord(letter) ^ 0x7E:02x}" for letter in JANE)


def shift(text: str, by: int) -> str:
    """Shift as TYPO3 does, written apart from the code under test."""
    rows = ["+,-./0123456789:", "@ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"]
    moved = {letter: row[(place + by) % len(row)] for row in rows for place, letter in enumerate(row)}
    return "".join(moved.get(letter, letter) for letter in text)


def hidden(markup: str) -> list[tuple[str, str, str]]:
    return [
        (one.address, one.rule, str(one.element.tag))
        for one in elements(Page("https://firma.example/", markup.encode()))
    ]


@pytest.mark.parametrize(
    ("markup", "rule", "tag"),
    [
        (f'<a class="__cf_email__" data-cfemail="{CLOUDFLARE}">[email protected]</a>', "cloudflare", "a"),
        (f'<a href="/cdn-cgi/l/email-protection#{CLOUDFLARE}">Mail</a>', "cloudflare", "a"),
        (f"<a href=\"javascript:linkTo_UnCryptMailto('{shift('mailto:' + JANE, 1)}');\">Jane</a>", "typo3", "a"),
        (f'<a href="javascript:linkTo_UnCryptMailto(%27{shift("mailto:" + JANE, -3)}%27);">Jane</a>', "typo3", "a"),
        (f'<a href="#" data-mailto-token="{shift("mailto:" + JANE, 2)}" data-mailto-vector="2">Jane</a>', "typo3", "a"),
        ('<span data-user="jane" data-domain="firma.example">x</span>', "data-attribute", "span"),
        ('<a data-name="jane" data-domain="firma" data-tld="example">x</a>', "data-attribute", "a"),
        ('<a data-email-user="jane" data-email-host="firma.example">x</a>', "data-attribute", "a"),
        ('<a data-email="jane[at]firma.example">x</a>', "data-attribute", "a"),
        ('<a data-mail="elpmaxe.amrif@enaj">x</a>', "data-attribute", "a"),
        ('<a data-email="amFuZUBmaXJtYS5leGFtcGxl">x</a>', "data-attribute", "a"),
        ('<a data-enc-email="wnar[at]svezn.rknzcyr">x</a>', "data-attribute", "a"),
        ('<b style="unicode-bidi:bidi-override;direction:rtl">elpmaxe.amrif@enaj</b>', "reversed", "b"),
        (
            '<style>.r{direction:rtl;unicode-bidi:bidi-override}</style><b class="x r">elpmaxe.amrif@enaj</b>',
            "reversed",
            "b",
        ),
        ('<bdo dir="rtl">elpmaxe.amrif@enaj</bdo>', "reversed", "bdo"),
        ('<p>jane<img src="at.gif" alt="@">firma.example</p>', "pictured", "p"),
        ('<p>jane <i class="fa fa-at"></i> firma.example</p>', "pictured", "p"),
        ('<p><b>jane</b><img src="at.gif" alt="(at)">firma.example</p>', "pictured", "p"),
        ("<p><script>document.write('jane' + '@' + 'firma.example')</script></p>", "script", "p"),
        (
            '<p id="m"></p><script>getElementById("m").innerHTML = "jane" + "&#64;" + "firma.example";</script>',
            "script",
            "p",
        ),
        ("<a href=\"#\" onclick=\"location.href='mai'+'lto:'+'jane'+'@'+'firma.example'\">x</a>", "script", "a"),
        ("<a href=\"javascript:sendMail('jane','firma.example')\">x</a>", "script", "a"),
        ("<a href=\"javascript:sendMail('jane','firma','example')\">x</a>", "script", "a"),
        ("<a href=\"javascript:location='mailto:\\u006aane@firma.example'\">x</a>", "script", "a"),
    ],
)
def test_hidden_addresses(markup: str, rule: str, tag: str) -> None:
    assert hidden(f"<html><body>{markup}") == [(JANE, rule, tag)]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Nothing here</p>",
        '<a data-cfemail="zz">x</a>',
        '<a data-cfemail="7e1">x</a>',
        '<a data-cfemail="7e7e7e7e">x</a>',
        "<a href=\"javascript:linkTo_UnCryptMailto('plainly not')\">x</a>",
        '<a data-user="jane" data-domain="not a host">x</a>',
        '<a data-user="jane" data-domain="firma">x</a>',
        '<a data-user="42">x</a>',
        '<i class="fa fa-at"></i>',
        '<b style="unicode-bidi:bidi-override">plain text</b>',
        "<script>document.write('hello')</script>",
        "<script>var mail = 'jane@firma.example'; track(mail)</script>".replace("mail", "x"),
        "<script src='x.js'>document.write('jane@firma.example')</script>",
    ],
)
def test_elements_that_hide_nothing(markup: str) -> None:
    assert not hidden(f"<html><body>{markup}")


@pytest.mark.parametrize(
    "script",
    [
        "document.write('<a href=\"mailto:jane@firma.example\">')",
        "var u='jane';var d='firma.example';document.write(u+'@'+d)",
        "var a = 'jane'; a += '&#64;'; a = a + 'firma' + '.' + 'example'; x.innerHTML += a;",
        "document.write(['jane','firma.example'].join('@'))",
        "document.write(['elpmaxe','.','amrif','@','enaj'].join('').split('').reverse().join(''))",
        "document.write(String.fromCharCode(106,97,110,101,64,102,105,114,109,97,46,101,120,97,109,112,108,101))",
        "document.write(unescape('%6a%61%6e%65%40firma.example'))",
        "document.write(atob('amFuZUBmaXJtYS5leGFtcGxl'))",
        "document.write('jane#firma.example'.replace('#', '@'))",
        "var p = ['jane', 'firma.example']; location.href = 'mailto:' + p.join('@');",
        "/* a comment */ var s = 'jane'; // another\n document.write(s.concat('@', 'firma.example'))",
        "document.write('\\x6aane\\u0040firma.example')",
        "document.write(`jane@firma.example`)",
        "addMail('jane', 'firma.example')",
    ],
)
def test_scripts_are_read_and_not_run(script: str) -> None:
    assert script_addresses(script) == [JANE]


@pytest.mark.parametrize(
    "script",
    [
        "document.write(" * 3_000,
        "document.write([" + "[" * 15_000,
        "document.write(" + "'a'+" * 4_000,
        "a+=a;" * 3_000 + "mailto",
        "(" * MAX_SCRIPT,
        "document.write('" + "\\" * 9_000,
        "x" * 200_000 + "mailto",
        "document.write(atob('%%%'),atob('////'))",
    ],
    ids=lambda script: script[:16],
)
def test_hostile_scripts_end_within_a_bound(script: str) -> None:
    started = time.process_time()
    assert script_addresses(script) == []
    assert time.process_time() - started < 5


@given(st.text(alphabet="ab@.'\"+=;()[],\\ \n/*.join", max_size=120))
def test_any_script_is_read(text: str) -> None:
    assert all("@" in address for address in script_addresses(f"document.write({text}"))


@given(st.text(max_size=40))
def test_any_token_is_read(text: str) -> None:
    assert all("@" in address for address in (cloudflare(text), typo3(text)) if address)


HOSTILE = {
    "data attributes": "<p data-email='x@'>x" * 60_000,
    "pictures": "<img alt='@'>" * 60_000,
    "scripts": "<script>document.write('a@b.example')</script>" * 20_000,
    "backwards in backwards": "<b style='unicode-bidi:bidi-override'>" * 2_000,
    "links": "<a onclick='mailto(1+1)'>x</a>" * 40_000,
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_end_within_a_bound(markup: str) -> None:
    started = time.process_time()
    assert len(hidden(f"<html><body>{markup}")) <= 2_000
    assert time.process_time() - started < 10
