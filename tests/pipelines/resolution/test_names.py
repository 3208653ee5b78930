"""Person names are parsed into parts, whatever their order and script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.resolution import names
from pipelines.resolution.agreement import compare_names, given_level
from pipelines.resolution.names import formals, parse


@pytest.mark.parametrize(
    ("text", "first", "middles", "surname", "generation"),
    [
        ("Ada Voorbeeld", "ada", (), ("voorbeeld",), ""),
        ("VOORBEELD, Ada M.", "ada", ("m",), ("voorbeeld",), ""),
        ("Jan van der Voorbeeld", "jan", (), ("voorbeeld",), ""),
        ("Voorbeeld, Jan van der", "jan", (), ("voorbeeld",), ""),
        ("MUSTERMANN Erika", "erika", (), ("mustermann",), ""),
        ("Prof. Dr. Erika Müstermann, PhD", "erika", (), ("mustermann",), ""),
        ("J.W.P. Voorbeeld", "j", ("w", "p"), ("voorbeeld",), ""),
        ("JW Voorbeeld", "j", ("w",), ("voorbeeld",), ""),
        ("Voorbeeld Jan P.", "jan", ("p",), ("voorbeeld",), ""),
        ("Voorbeeld of Testdam", "", (), ("voorbeeld",), ""),
        ('"Ada" Voorbeeld', "ada", (), ("voorbeeld",), ""),
        ("J.-P. Exemple", "j", ("p",), ("exemple",), ""),
        ("Don Sample", "don", (), ("sample",), ""),
        ("Sample Jr., Peter", "peter", (), ("sample",), "second"),
        ("Peter Sample, Sr.", "peter", (), ("sample",), "first"),
        ("Peter Sample, Jr., PhD", "peter", (), ("sample",), "second"),
        ("Peter Sample III", "peter", (), ("sample",), "third"),
        ("Lena Muster-Beispiel", "lena", (), ("muster", "beispiel"), ""),
        ("Иван Примеров", "ivan", (), ("primerov",), ""),
        ("O'Sample, Pat", "pat", (), ("osample",), ""),
        ("Dr Sample", "", (), ("sample",), ""),
        ("", "", (), (), ""),
        ("!!! ---", "", (), (), ""),
    ],
)
def test_parts(text: str, first: str, middles: tuple[str, ...], surname: tuple[str, ...], generation: str) -> None:
    name = parse(text)
    assert (name.given, name.middles, name.surname, name.generation) == (first, middles, surname, generation)


def test_invisible_and_lookalike_letters_make_no_difference() -> None:
    disguised = "\u202eAd\u200bа Voоrbeeld\u200f"  # with a Cyrillic "а" and "о"
    assert parse(disguised) == parse("Ada Voorbeeld")


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("bill", "william", "variant"),
        ("kees", "cornelis", "variant"),
        ("kees", "cornelius", "variant"),
        ("martin", "martina", "different"),
        ("a", "ada", "initial"),
        ("b", "william", "initial"),
        ("x", "ada", "different"),
        ("a", "a", "initials"),
        ("sergey", "sergei", "variant"),
        ("emanuel", "emmanuel", "spelling"),
        ("mandela", "manuela", "rival"),
        ("yildirim", "yldrm", "spelling"),
        ("muller", "mller", "spelling"),
        ("michae", "michael", "spelling"),
        ("", "ada", "missing"),
        ("jay", "philip", "different"),
    ],
)
def test_given_names(a: str, b: str, level: str) -> None:
    assert given_level(a, b) == given_level(b, a) == level


@pytest.mark.parametrize(
    ("a", "b", "given_part", "surname_part"),
    [
        ("Tůma Alexandr", "Alexandr Tůma", "same", "same"),
        ("Edgardo Muster", "Edgardo Muster Ejemplo", "same", "part"),
        ("T. S. Voorbeeld", "Sanne Voorbeeld", "middle", "same"),
        ("Anna Muster", "Anna Beispiel", "same", "different"),
        ("Anna Muster", "Anna Muster-Beispiel", "same", "part"),
    ],
)
def test_orders_and_parts(a: str, b: str, given_part: str, surname_part: str) -> None:
    found = compare_names(parse(a), parse(b))
    assert (found.given, found.surname) == (given_part, surname_part)


def test_nicknames_lead_to_formal_names() -> None:
    assert "william" in formals("bill")
    assert formals("voorbeeld") == {"voorbeeld"}


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_compare_symmetrically(a: str, b: str) -> None:
    one, other = parse(a), parse(b)
    left, right = compare_names(one, other), compare_names(other, one)
    assert (left.given, left.surname) == (right.given, right.surname)


@given(st.data())
def test_a_plain_name_is_read_as_any_other(data: st.DataObject) -> None:
    special = ["Dr", "Don", "Mr", "Jr", "Van", "De", "Von", "Phd", "Msc", "Ii", "Third", "Senior", "Sir", "Bill"]
    word = st.sampled_from(special) | st.from_regex(r"[A-Z][a-z]{1,8}|[A-Z]\.|[IVX]{1,3}", fullmatch=True)
    parts = [data.draw(word) for _ in range(data.draw(st.integers(1, 4)))]
    text = data.draw(st.sampled_from([" ", ", "])).join(parts)
    assert names.parse(text) == names.read(text)
    assert names.plainly_read("Ada Voorbeeld") == names.read("Ada Voorbeeld")
