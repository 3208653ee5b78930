"""E-mail addresses as people write them to hide them from harvesters."""

from __future__ import annotations

import base64
import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import decode

JANE = "jane@firma.example"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("jane@firma.example", ""),
        ("Write to jane@firma.example.", ""),
        ("jane@firma.example.Next sentence", ""),
        ("<jane@firma.example>", ""),
        ("jane＠firma.example", ""),
        ("jane★firma.example", "ja"),
        ("jane (at) firma (dot) example", ""),
        ("jane (at) firma.example", ""),
        ("jane[at]firma[dot]example", ""),
        ("jane{AT}firma{DOT}example", ""),
        ("jane <at> firma <dot> example", ""),
        ("jane((at))firma((dot))example", ""),
        ("jane[@]firma.example", ""),
        ("jane(a)firma.example", "fi"),
        ("jane [ät] firma.example", "de"),
        ("jane[at]firma[punkt]example", "de"),
        ("jane (Klammeraffe) firma (Punkt) example", "de"),
        ("jane [apenstaartje] firma [punt] example", "nl"),
        ("jane (arobase) firma (point) example", "fr"),
        ("jane(arroba)firma(punto)example", "es"),
        ("jane [chiocciola] firma [punto] example", "it"),
        ("jane (arroba) firma (ponto) example", "pt"),
        ("jane[małpa]firma[kropka]example", "pl"),
        ("jane małpa firma kropka example", "pl"),
        ("jane (zavináč) firma.example", "cs"),
        ("jane (kukac) firma (pont) example", "hu"),
        ("jane (snabel-a) firma (punktum) example", "da"),
        ("jane (собака) firma (точка) example", "ru"),
        ("jane собака firma точка example", "ru"),
        ("jane [παπάκι] firma.example", "el"),
        ("jane【at】firma.example".replace("【", "[").replace("】", "]"), "zh"),
        ("jane(골뱅이)firma.example", "ko"),
        ("jane at firma dot example", "en"),
        ("jane AT firma DOT example", ""),
        ("jane_at_firma_dot_example", ""),
        ("E-mail: jane at firma.example", ""),
        ("jane AT firma.example", ""),
        ("jane at firma.example", ""),
        ("jane&#64;firma.example", ""),
        ("jane&#x40;firma&#46;example", ""),
        ("".join(f"&#{ord(letter)};" for letter in JANE), ""),
        ("jane@NOSPAM.firma.example", ""),
        ("jane@NOSPAMfirma.example", ""),
        ("jane.REMOVE-THIS@firma.example", ""),
        ("janeNOSPAM@firma.example", ""),
        ("jane@firma.nospam.example", ""),
        ("jane@firma.example.invalid", ""),
        ("jane@ENTFERNEN.firma.example", "de"),
        ("jane-sinspam@firma.example", "es"),
    ],
)
def test_spelt_addresses(text: str, language: str) -> None:
    found = decode.addresses(text, language)
    assert [one.address for one in found] == [JANE]
    assert text[found[0].start : found[0].end].startswith(("jane", "&#106;"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Meet Jane at firma.example today",
        "We are at firma.example",
        "Jane at firma.example",
        "shop at firma.example",
        "Follow us @firma",
        "Follow us @ firma.example",
        "logo@2x.png",
        "Docs (en) www.firma.example",
        "see (a) foo.bar",
        "Jane Roe (at) Example NV",
        "at dot at dot at dot",
        "look_at_this.php",
        "100 % at 3.5",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert decode.addresses(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.example, c@d.example", ["a@b.example", "c@d.example"]),
        ("jane.roe@firma.example / Tel", ["jane.roe@firma.example"]),
        ("jane.roe @ firma.example", ["jane.roe@firma.example"]),
        ("j.o'neil+work@a-b.firma.example", ["j.o'neil+work@a-b.firma.example"]),
        ("jane[at]firma.example or joe[at]firma.example", [JANE, "joe@firma.example"]),
        ("spam@spamlab.example", ["spam@spamlab.example"]),
        ("remove@firma.example", ["remove@firma.example"]),
        ("jane@nospam.example", ["jane@nospam.example"]),
        ("info@münchen.example", ["info@münchen.example"]),
        ("JANE@FIRMA.EXAMPLE", ["JANE@FIRMA.EXAMPLE"]),
    ],
)
def test_addresses_are_kept_as_they_are_meant(text: str, expected: list[str]) -> None:
    assert [one.address for one in decode.addresses(text)] == expected


@pytest.mark.parametrize(
    ("value", "rotated"),
    [
        (JANE, False),
        ("mailto:jane@firma.example?subject=Hello", False),
        ("mailto%3Ajane%40firma.example", False),
        ("jane[at]firma.example", False),
        (JANE[::-1], False),
        (base64.b64encode(JANE.encode()).decode(), False),
        (base64.b64encode(b"mailto:" + JANE.encode()).decode(), False),
        (codecs.encode(JANE, "rot13"), True),
        ("wnar[at]svezn.rknzcyr", True),
    ],
)
def test_hidden_in_an_attribute(value: str, rotated: bool) -> None:
    assert decode.hidden_address(value, rotated=rotated) == JANE


@pytest.mark.parametrize("value", ["", "true", "a" * 5000, "amFuZQ==", "{}", "42", "x@y"])
def test_attributes_that_hide_nothing(value: str) -> None:
    assert decode.hidden_address(value) == ""


@pytest.mark.parametrize(
    "text",
    [
        "@" * 20_000,
        "a@" * 20_000,
        "a@b." * 20_000,
        "(at)" * 20_000,
        " at " * 20_000,
        "&#64;" * 20_000,
        ". dot " * 20_000,
        "x" * 500_000,
        "a.b-c_" * 20_000 + "@",
    ],
    ids=lambda text: text[:6],
)
def test_time_is_linear_in_the_text(text: str) -> None:
    started = time.process_time()
    decode.addresses(text)
    assert time.process_time() - started < 10


@given(st.text(alphabet="jane@firma.xp (at)[dot]&#64;AT _-\n", max_size=80))
def test_spans_are_in_order_and_inside_the_text(text: str) -> None:
    end = 0
    for found in decode.addresses(text):
        assert end <= found.start < found.end <= len(text)
        assert found.address.count("@") == 1
        end = found.end
