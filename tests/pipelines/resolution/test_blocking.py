"""Records of one person share a key; crowded keys are split the same way for everybody."""

from __future__ import annotations

import pytest

from crawler.items import MentionType
from pipelines.resolution import blocking
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record


def _person(name: str, **values: str) -> Record:
    return Record(name, MentionType.PERSON, (name,), **{key: (value,) for key, value in values.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (_person("Bill Sample"), _person("Sample, William")),
        (_person("Tůma Alexandr"), _person("Alexandr Tuma")),
        (_person("Иван Примеров"), _person("Ivan Primerov")),
        (_person("A. Voorbeeld"), _person("Ada Voorbeeld")),
        (_person("Ada Voorbeeld"), _person("Ada Voorbeeld-Ander")),
        (_person("Ada Vorbeeld", organisations="Acme"), _person("Ada Voorbeeld", organisations="Acme BV")),
        (_person("Ada Voorbeeld", emails="ada@a.example"), _person("A. Ander", emails="ada@a.example")),
        (_person("Ada Ander", telephones="+31207946001"), _person("Ada Voorbeeld", telephones="020 794 6001")),
    ],
)
def test_variants_meet(a: Record, b: Record) -> None:
    assert set(blocking.keys(prepare(a))) & set(blocking.keys(prepare(b)))


def test_strangers_do_not_meet() -> None:
    a = prepare(_person("Ada Voorbeeld", organisations="Acme", telephones="+31207946001"))
    b = prepare(_person("Zoë Muster", organisations="Bakkerij", telephones="+31207946002"))
    assert not set(blocking.keys(a)) & set(blocking.keys(b))


def test_organisations_meet_by_name_and_acronym() -> None:
    keys = [
        set(blocking.keys(prepare(Record(name, MentionType.ORGANISATION, (name,)))))
        for name in ("Voorbeeld Techniek Noord B.V.", "VTN", "Bakkerij Brood")
    ]
    assert keys[0] & keys[1]
    assert not keys[0] & keys[2]


def test_crowded_keys_get_a_second_one() -> None:
    crowd = [
        prepare(_person("Ada Voorbeeld", telephones="+31207946001", organisations=f"Firma{n % 3} Example"))
        for n in range(blocking.CROWDED + 2)
    ]
    crowded = blocking.find_crowded(crowd)
    assert crowded
    assert crowded == blocking.find_crowded(reversed(crowd))
    split = blocking.keys(crowd[0], crowded)
    assert not {blocking.digest(key) for key in split} & crowded
    assert any("|" in key for key in split)
    assert set(split) & set(blocking.keys(crowd[3], crowded))


def test_digests_hold_no_value() -> None:
    assert "voorbeeld" not in blocking.digest("m:ada@voorbeeld.example")
    assert blocking.digest("a") != blocking.digest("b")
