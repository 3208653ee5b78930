"""Decoding when the declaration is right, wrong or missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.encodings import decode

POLISH = "Żaneta Łąkowska, główna księgowa"
RUSSIAN = "Марфа Выдумкина, главный бухгалтер"
FRENCH = "Zoé Imaginaire, déléguée générale"
JAPANESE = "架空 花子、広報部長、東京都"


def meta(charset: str, text: str) -> str:
    return f'<html><head><meta charset="{charset}"></head><p>{text}</p>'


@pytest.mark.parametrize(
    ("text", "written_as", "charset", "language"),
    [
        (POLISH, "utf-8", "utf-8", ""),
        (POLISH, "utf-8", "", ""),
        (POLISH, "utf-8", "iso-8859-1", ""),
        (POLISH, "utf-8-sig", "windows-1252", ""),
        (POLISH, "utf-16", "", ""),
        (meta("utf-16", FRENCH), "utf-16-le", "", ""),
        (meta("utf-16", FRENCH), "utf-16-be", "", ""),
        (POLISH, "cp1250", "windows-1250", ""),
        (POLISH, "cp1250", "utf-8", "pl"),
        (POLISH, "cp1250", "", "pl-PL"),
        (f'<html lang="pl">{POLISH}', "cp1250", "", ""),
        (RUSSIAN, "cp1251", "", "ru"),
        (RUSSIAN, "koi8-r", "koi8-r", "ru"),
        (meta("windows-1251", RUSSIAN), "cp1251", "", ""),
        (meta("windows-1251", RUSSIAN), "utf-8", "", ""),
        (meta("utf-8", FRENCH), "cp1252", "", ""),
        (FRENCH, "cp1252", "", ""),
        (FRENCH, "cp1252", "no-such-encoding", ""),
        (JAPANESE, "shift_jis", "Shift_JIS", "ja"),
        (JAPANESE, "euc_jp", "", "ja"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", "ja"),
    ],
)
def test_decodes(text: str, written_as: str, charset: str, language: str) -> None:
    assert decode(text.encode(written_as), "text/html", charset, language) == text


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "punycode", "base64", "idna", "zip", "\x00", "é" * 99])
def test_encodings_that_are_none_are_ignored(charset: str) -> None:
    assert decode(FRENCH.encode(), "text/html", charset) == FRENCH
    assert decode(b"+ADw-b+AD4- \\x41", "text/html", charset) == "+ADw-b+AD4- \\x41"


def test_a_few_broken_bytes_do_not_garble_the_rest() -> None:
    assert decode((POLISH * 20).encode() + b"\xff", "text/html", "windows-1252") == POLISH * 20 + "\ufffd"


def test_a_character_cut_in_two_is_dropped() -> None:
    assert decode("Zoé".encode()[:-1]) == "Zo"


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "utf-8", "utf-16", "gb18030", "x", "iso-2022-kr"]),
    st.text(max_size=5),
)
def test_never_raises(body: bytes, charset: str, language: str) -> None:
    assert isinstance(decode(body, "text/html", charset, language), str)


@given(st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20), min_size=1))
def test_utf8_is_read_as_such_whatever_is_declared(text: str) -> None:
    body = ("ä" + text).encode()
    assert decode(body, "text/html", "iso-8859-1") == "ä" + text
