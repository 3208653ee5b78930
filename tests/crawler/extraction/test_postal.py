"""The grammar of printed addresses: postal codes, streets, and what only looks like them. All places are invented."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import postal

_CODES = tomllib.loads(resources.files("crawler.lexicon").joinpath("postal_codes.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("segment", "near", "code", "sure"),
    [
        ("1234 AB Westmark", "", "1234 AB", True),
        ("1234AB Westmark", "nl", "1234AB", True),
        ("12345 Westmark", "de", "12345", True),
        ("12345 Westmark", "", "12345", False),
        ("D-12345 Westmark am See", "", "12345", True),
        ("9000 Westmark", "be", "9000", True),
        ("A-1090 Westmark", "de", "1090", True),
        ("CH-8001 Westmark", "", "8001", True),
        ("75000 Westmark Cedex 9", "fr", "75000", True),
        ("00-001 Westmark", "", "00-001", True),
        ("1200-001 Westmark", "", "1200-001", True),
        ("111 22 Westmark", "se", "111 22", True),
        ("1165 Westmark K", "dk", "1165", True),
        ("28000 Westmark (Northshire)", "es", "28000", True),
        ("WM1 2DX", "", "WM1 2DX", True),
        ("Westmark WM1A 2DX", "", "WM1A 2DX", True),
        ("D02 X285", "", "D02 X285", True),
        ("Westmark (Québec) H2X 1Y4", "", "H2X 1Y4", True),
        ("PA 15000", "", "15000", True),
        ("Westmark PA 15000-1234", "", "15000-1234", True),
        ("Westmark NSW 2000", "", "2000", True),
        ("CEP: 01.000-000", "", "01.000-000", True),
    ],
)
def test_a_postal_code_is_known_by_its_country(segment: str, near: str, code: str, *, sure: bool) -> None:
    found = postal.town(segment, frozenset({near}))
    assert found is not None
    assert (found.code, found.sure) == (code, sure)


@pytest.mark.parametrize(
    "segment",
    [
        "1500 members",
        "12000 Euro",
        "2025 Westmark",  # a year, where no country of four digits is spoken of
        "123 Westmark",
        "Westmark 12345",  # no region before it
        "12345",
        "1234 ab",
        "Tel. 12345 67890",
        "",
        "X" * 200 + " 12345 Westmark",
    ],
)
def test_other_numbers_are_no_postal_codes(segment: str) -> None:
    assert postal.town(segment, frozenset({"de"})) is None


@pytest.mark.parametrize(
    ("segment", "kind"),
    [
        ("Seestraße 12", "known"),
        ("Seestr. 12a", "known"),
        ("Am Alten Hafen 9", "known"),
        ("Dijkstraat 12-14", "known"),
        ("12 High Street", "known"),
        ("12 bis rue du Port", "known"),
        ("Via del Porto 12", "known"),
        ("ul. Morska 12", "known"),
        ("Calle del Puerto s/n", "known"),
        ("Storgatan 1", "known"),
        ("High Street", "named"),
        ("Calle Mayor", "named"),
        ("Morska 64", "shaped"),
        ("12 Riverside", "shaped"),
        ("Postbus 123", "box"),
        ("P.O. Box 1234", "box"),
        ("Postfach 12 34 56", "box"),
        ("BP 12345", "box"),
        ("Apartado 12", "box"),
        ("jane@street.example 12", ""),
        ("Westmark", ""),
        ("1234567890 Street", ""),
        ("12", ""),
    ],
)
def test_a_street_is_known_by_its_words_and_number(segment: str, kind: str) -> None:
    assert postal.street(segment) == kind


@pytest.mark.parametrize(
    ("segment", "street"),
    [
        ("Jane Holloway Seestr. 12", "Seestr. 12"),
        ("Jane Holloway 12 High Street", "12 High Street"),
        ("Seestr. 12", "Seestr. 12"),
        ("12 High Street", "12 High Street"),
        ("Jane-Holloway-Straße 12", "Jane-Holloway-Straße 12"),
        ("Jane Holloway Straße 12", "Jane Holloway Straße 12"),
        ("rue Jane Holloway 12", "rue Jane Holloway 12"),
        ("Via Holloway 12", "Via Holloway 12"),
    ],
)
def test_a_street_begins_behind_what_is_no_part_of_it(segment: str, street: str) -> None:
    assert segment[postal.street_start(segment) :] == street


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Our office address:", "label", True),
        ("Siège social", "label", True),
        ("Veranstaltungsort", "venue", True),
        ("Zuständige Aufsichtsbehörde:", "other", True),
        ("Website by Ostlicht", "other", True),
        ("Addressing the board", "label", False),
        ("", "label", False),
    ],
)
def test_words_around_an_address_are_found_whole(text: str, kind: str, *, expected: bool) -> None:
    assert postal.said(text, kind) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Seestr. 12, 12345 Westmark", ["Seestr. 12", "12345 Westmark"]),
        ("Seestr. 12 · 12345 Westmark | Tel. 030", ["Seestr. 12", "12345 Westmark", "Tel. 030"]),
        ("8 rue du Port, BP 123 - 75000 Westmark", ["8 rue du Port", "BP 123", "75000 Westmark"]),
        ("12345 Westmark Tel. 030", ["12345 Westmark", "Tel. 030"]),
        ("12-14 High Street", ["12-14 High Street"]),
        (" , ;", []),
    ],
)
def test_a_line_is_cut_where_its_signs_part_it(line: str, expected: list[str]) -> None:
    assert [line[start:end] for start, end in postal.segments(line)] == expected


@pytest.mark.parametrize("country", _CODES)
def test_every_form_of_the_lexicon_is_one_that_the_hint_lets_through(country: str) -> None:
    """A code that the cheap question overlooks would never be read."""
    examples = {
        "[1-9]\\d{3}": "1234", "\\d{4}": "0155", "\\d{5}": "12345", "[0-5]\\d{4}": "28000", "\\d{2} \\d{3}": "75 000",
        "[1-9]\\d{3} ?[A-Z]{2}": "1234 AB", "\\d{2}-\\d{3}": "00-001", "\\d{4}-\\d{3}": "1200-001", "\\d{3}": "101",
        "[1-7]\\d{2} ?\\d{2}": "110 00", "[1-9]\\d{2} ?\\d{2}": "111 22", "[089]\\d{2} ?\\d{2}": "811 01",
        "94[89]\\d": "9490",
        "\\d{2}\\.?\\d{3}-\\d{3}": "01000-000", "[ABCEGHJ-NPRSTVXY]\\d[A-Z] ?\\d[A-Z]\\d": "H2X 1Y4",
        "(?:GIR ?0AA|[A-Z]{1,2}\\d[A-Z\\d]? ?\\d[A-Z]{2})": "WM1 2DX", "\\d{5}(?:-\\d{4})?": "15000",
        "[AC-FHKNPRTV-Y]\\d[\\dW] ?[\\dAC-FHKNPRTV-Y]{4}": "D02 X285",
    }  # fmt: skip
    forms = [form for kind in ("before", "after", "region") for form in _CODES[country].get(kind, ())]
    assert forms
    for form in forms:
        assert re.fullmatch(form, examples[form])
        before = form in _CODES[country].get("before", ())
        line = f"Dock Street 12, {examples[form]} Westmark" if before else f"12 Dock Street, Westmark {examples[form]}"
        assert postal.hint().search(line)


@given(st.text(max_size=120), st.sampled_from(["", "de", "nl", "gb", "us"]))
def test_any_text_has_segments_within_it_and_no_reading_fails(text: str, near: str) -> None:
    spans = postal.segments(text)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    found = postal.town(text, frozenset({near}))
    assert found is None or (found.code in text and found.countries)
    assert postal.street(text) in {"", "known", "named", "shaped", "box"}
