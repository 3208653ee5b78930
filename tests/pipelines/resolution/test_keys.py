"""Which records of a store are compared: by a strong key, by two weak ones that differ; how large ones are split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.engine import make_url

from crawler.items import MentionType
from pipelines.master.database import open_store
from pipelines.master.models import BlockKeyRow, MentionRow
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.master.upsert import insert_all
from pipelines.resolution import blocking, keys
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.record import Record
from tests.support.readings import reading, source

NAMES = [f"Person{letter}" for letter in "ABCDEF"]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        declare_source(connection, source())
        yield connection
    engine.dispose()


def person(identity: str, name: str = "Jane Roe", **values: str) -> Prepared:
    listed: dict[str, Any] = {field: (value,) for field, value in values.items()}
    return prepare(Record(identity, MentionType.PERSON, (name,), **listed))


def ids(connection: Connection, count: int) -> list[str]:
    """Store some mentions, for keys to refer to, and return their ids in order."""
    readings = [reading(f"{name} Roe") for name in NAMES[:count]]
    write_readings(connection, readings)
    return sorted(mention_ids(one.mention)[-1] for one in readings)


@pytest.mark.parametrize(
    ("shared", "proposed"),
    [
        ({1: keys.STRONG}, True),
        ({1: 1}, False),
        ({1: 1, 2: 2}, True),
        ({1: 1, 2: 1}, False),
        ({1: 1, 2: 1, 3: keys.STRONG}, True),
        ({}, False),
    ],
    ids=["a strong key", "a weak key", "two weak keys", "two that tell the same", "these and a strong key", "none"],
)
def test_what_two_records_must_share(connection: Connection, shared: Mapping[int, int], proposed: bool) -> None:
    one, other = ids(connection, 2)
    rows = [{"key": key, "mention_id": mention} for mention in (one, other) for key in shared]
    insert_all(connection, BlockKeyRow, rows)
    sizes = keys.sizes_of(connection, shared.keys())
    assert sizes == dict.fromkeys(shared, 2)
    assert keys.pairs(connection, keys.Blocks({one: shared}, sizes)) == ([(one, other)] if proposed else [])


def test_sizes_are_counted_no_further_than_they_tell(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "LARGEST", 3)
    rows = [{"key": 7, "mention_id": one} for one in ids(connection, 6)]
    insert_all(connection, BlockKeyRow, rows)
    assert keys.sizes_of(connection, [7, 8]) == {7: 4, 8: 0}
    assert keys.sizes_of(connection, [7], beyond=1) == {7: 5}
    assert keys.too_large(connection) == [7]
    assert keys.holders(connection, [7]) == {row["mention_id"] for row in rows}


@pytest.mark.parametrize(
    ("values", "strong"),
    [
        ({}, set()),
        ({"same_as": "https://profiles.example/in/jane-roe"}, {True}),
        ({"organisations": "Noord NV"}, {False}),
        ({"emails": "jane.roe@noord.example"}, {False, True}),
    ],
    ids=["a name", "a profile", "parts of a name at an employer", "a mailbox, and parts of a name at its domain"],
)
def test_what_keys_tell(values: dict[str, str], strong: set[bool]) -> None:
    bare = keys.numbers(person("a"))
    assert {told == keys.STRONG for told in bare.values()} == {True, False}
    more = [told for key, told in keys.numbers(person("a", **values)).items() if key not in bare]
    assert {told == keys.STRONG for told in more} == strong
    weak = [told for told in [*bare.values(), *more] if told != keys.STRONG]
    assert len(set(weak)) == len(weak)  # each tells something of its own
    assert all(0 < told < 1 << 31 for told in weak)


def test_keys_of_one_kind_split_by_facts_of_one_kind_tell_the_same() -> None:
    one = person("a", organisations="Noord NV", telephones="+442079460141")
    large = set(keys.numbers(one))
    told = Counter(keys.splits(one, frozenset(), large).values())
    kinds = Counter(
        f"{kind}|{split.rpartition('|')[2][0]}"
        for key, kind in blocking.kinded(one).items()
        for split in blocking.refined(key, kind, one)
    )
    assert sorted(told.values()) == sorted(kinds.values())
    assert keys.STRONG not in told


def _split(people: Sequence[Prepared]) -> list[set[int]]:
    large = set(keys.numbers(people[0]))
    return [set(keys.splits(one, frozenset(), large)) for one in people]


def test_a_key_that_is_too_large_is_split_by_what_else_two_records_share() -> None:
    at_one, at_same, elsewhere, bare = _split(
        [
            person("a", organisations="Noord NV"),
            person("b", organisations="Noord NV"),
            person("c", organisations="Zuid BV"),
            person("d"),
        ]
    )
    assert at_one == at_same
    assert not at_one & elsewhere
    assert len(bare) < len(at_one)


def test_when_a_key_becomes_too_large_its_records_are_split_and_looked_at_again(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "LARGEST", 3)
    listed = ids(connection, 5)
    people = {
        one: person(one, organisations="Noord NV" if number < 2 else f"Firm{number} BV")
        for number, one in enumerate(listed)
    }

    def read(mentions: object) -> dict[str, Prepared]:
        assert isinstance(mentions, (set, list, frozenset))
        return {one: people[one] for one in mentions}

    first = keys.write(connection, (), set(listed[:3]), read, frozenset())
    assert keys.pairs(connection, first) == [(a, b) for a in listed[:3] for b in listed[:3] if a < b]
    settle(connection, listed)
    then = keys.write(connection, (), set(listed[3:]), read, frozenset())
    assert set(then.keys) == set(listed)
    assert keys.pairs(connection, then) == [(listed[0], listed[1])]
    gone = keys.write(connection, set(listed[3:]), set(), read, frozenset())
    assert set(gone.keys) == set(listed[:3])
    assert keys.pairs(connection, gone) == keys.pairs(connection, first)
    held = {row.key for row in connection.execute(select(BlockKeyRow.key))}
    assert held == {key for one in listed[:3] for key in keys.numbers(people[one])}


def settle(connection: Connection, mentions: Sequence[str]) -> None:
    """Take mentions for resolved."""
    connection.execute(update(MentionRow).where(MentionRow.id.in_(mentions)).values(pending=False))
