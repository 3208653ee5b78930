"""Statistics are versioned, independent of order, and hold nothing that one person alone carries."""

from __future__ import annotations

import random

from crawler.items import MentionType
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics


def _people() -> list[Record]:
    rows = [
        ("Ada Voorbeeld", "Voorbeeld Techniek Noord BV", "+31207946001", "ada@techniek.example"),
        ("Bob Ander", "VTN", "+31207946000", "info@techniek.example"),
        ("Cor Derde", "Voorbeeld Techniek Noord", "+31207946000", "cor@techniek.example"),
        ("Ada Voorbeeld", "Bakkerij Brood", "", ""),
        ("Arie Voorbeeld", "Voorbeeld Techniek Noord", "", ""),
    ]
    return [
        Record(str(n), MentionType.PERSON, (name,), (firm,), telephones=(phone,), emails=(mail,))
        for n, (name, firm, phone, mail) in enumerate(rows)
    ]


def test_learns_what_groups_share() -> None:
    found = Statistics.from_records(_people())
    assert found.people == 5
    assert found.surnames == {"voorbeeld": 3}
    assert found.initials == {"a voorbeeld": 2}
    assert found.namesakes == {"ada voorbeeld": 2}
    assert found.telephones == {"207946000": 2}
    assert found.mailboxes == {}
    assert found.aliases == {"vtn": "noord technology voorbeeld"}


def test_order_makes_no_difference() -> None:
    people = _people()
    expected = Statistics.from_records(people)
    for seed in range(5):
        random.Random(seed).shuffle(people)
        assert Statistics.from_records(people).to_json() == expected.to_json()


def test_json_round_trip_and_version() -> None:
    found = Statistics.from_records(_people())
    assert Statistics.from_json(found.to_json()) == found
    assert Statistics.from_json(found.to_json()).version == found.version
    assert found.version != Statistics().version


def test_one_persons_values_are_not_kept() -> None:
    text = Statistics.from_records(_people()).to_json()
    assert "207946001" not in text
    assert "ada@" not in text
    assert "derde" not in text


def test_a_prior_stands_in_before_anything_was_learnt() -> None:
    name = prepare(_people()[0]).names[0]
    assert 0 < Statistics().rarity(name) < 10
    assert Statistics.from_records(_people()).rarity(name) <= Statistics().rarity(name)
