"""A batch proposes, scores and clusters exactly as one pair at a time would, in any order."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.items import MentionType
from pipelines.resolution import batch, blocking, candidates, clustering, engine, scoring
from pipelines.resolution.candidates import Candidates, propose
from pipelines.resolution.collection import Collection
from pipelines.resolution.many_statistics import learn
from pipelines.resolution.many_weighings import weigh_all
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.rows import COLUMNS, record_of
from pipelines.resolution.scoring import Scores
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weighing import weigh
from tests.bench.resolution import mentions

NAMES = [
    "Ada Voorbeeld", "A. Voorbeeld", "VOORBEELD, Ada", "Adam Voorbeeld Jr.", "Ada Vorbeeld", "Voorbeeld", "",
    "Voorbeeld Ada", "Ada Ander", "Ander Ada", "Adda Anders", "Ada M. Voorbeeld", "Ada Maria Voorbeeld-Ander", "A Bo",
    "Bo A", "B. Oom", "Bob (Rob) Voorbeeld", "Robert Voorbeld", "Ada & Bob", "Xi Li", "Li Xi", "Lia Xia",
]  # fmt: skip
FIRMS = [
    "", "Acme BV", "Acme", "Acme Noord", "Acmee Noord", "Bakkerij Brood", "BB", "Bakkerij Broot", "Ohio Senate",
    "Ohio House", "Techniek Noord Zuid", "Techniek Noord West", "Oost Techniek",
]  # fmt: skip
MAILS = [
    "", "ada.voorbeeld@acme.example", "info@acme.example", "ada@brood.example", "adda@brood.example",
    "a.ander@acme.example", "ada.voorbeeld@brood.example", "info@brood.example", "bob2@brood.example",
]  # fmt: skip
PHONES = ["", "+31207946001", "020 794 6001", "+31207946002", "020 794 6001 ext 12", "020 794 6001 ext 13"]
PROFILES = ["", "profiles.example/in/ada-voorbeeld-1a2b3", "profiles.example/in/ada-voorbeeld-9f8e7", "a.example/12"]
PLACES = [
    "",
    "Dorpsstraat 1, 1000 AB",
    "Dorpsstraat 2, 1000 AB",
    "Dorpsstraat 1",
    "Kerkplein",
    "Dorpsplein 1 Kerkplein",
]
TITLES = ["CFO", "Bakker", "", "Hoofd Inkoop"]
rows_ = st.lists(
    st.tuples(*map(st.sampled_from, (NAMES, FIRMS, MAILS, PHONES, PROFILES, TITLES, ["", "page"], PLACES, NAMES))),
    max_size=14,
)


def _record(place: int, row: tuple[str, ...], kind: MentionType = MentionType.PERSON) -> Record:
    listed = [(text,) if text else () for text in row]
    names = listed[0] + (listed[8] if place % 4 == 3 else ())
    return Record(
        f"{place:05}", kind, names, listed[1], listed[5], listed[2], listed[3], listed[7], urls=listed[4], page=row[6]
    )


@settings(deadline=None, max_examples=60)
@given(rows_, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_clusters(rows: list[tuple[str, ...]], shuffler: random.Random) -> None:
    records = [_record(place, row) for place, row in enumerate(rows)]
    expected = batch.dedupe(Collection(records))
    shuffler.shuffle(records)
    assert batch.dedupe(Collection(records)) == expected


@settings(deadline=None, max_examples=150)
@given(rows_, st.sampled_from(MentionType), st.booleans())
def test_a_batch_scores_like_a_pair(rows: list[tuple[str, ...]], kind: MentionType, learnt: bool) -> None:
    records = [_record(place, row, kind if place % 3 else MentionType.PERSON) for place, row in enumerate(rows)]
    collection = Collection(records)
    statistics = Statistics.from_prepared(collection) if learnt else Statistics()
    pairs = np.array(list(combinations(range(len(rows)), 2)), dtype=np.int64).reshape(-1, 2)
    found = Scores(collection, statistics).bits(pairs[:, 0], pairs[:, 1])
    prepared = [prepare(record) for record in records]
    assert found.tolist() == [engine.bits_of(prepared[a], prepared[b], statistics) for a, b in pairs.tolist()]
    assert found.tolist() == [engine.bits_of(prepared[b], prepared[a], statistics) for a, b in pairs.tolist()]


@settings(deadline=None, max_examples=100)
@given(rows_)
def test_a_batch_learns_what_records_teach(rows: list[tuple[str, ...]]) -> None:
    kinds = MentionType.PERSON, MentionType.PERSON, MentionType.ORGANISATION
    collection = Collection(_record(place, row, kinds[place % 3]) for place, row in enumerate(rows))
    assert learn(collection) == Statistics.from_prepared(iter(collection), frozenset())
    some = collection.chosen(np.arange(0, len(collection), 2))
    assert learn(some) == Statistics.from_prepared(iter(some), frozenset())


def test_a_large_batch_scores_like_a_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "CHUNK", 700)
    collection = Collection(record for record, _ in mentions(900)).in_order()
    found, crowded = propose(collection)
    statistics = learn(collection, crowded)
    assert statistics == Statistics.from_prepared(iter(collection), crowded)
    bits = Scores(collection, statistics).bits(found[:, 0], found[:, 1])
    assert bits.tolist() == [engine.bits_of(collection[a], collection[b], statistics) for a, b in found.tolist()]


def test_weighing_many_is_weighing_each() -> None:
    prepared = {record.id: prepare(record) for record, _ in mentions(300)}
    statistics = Statistics.from_prepared(prepared.values())
    pairs = list(combinations(sorted(prepared), 2))[::13]
    expected = {pair: found for pair in pairs if (found := weigh(prepared, pair, statistics))}
    assert len(expected) > 10
    assert weigh_all(prepared, pairs, statistics) == expected
    assert weigh_all(prepared, pairs[:400], statistics).items() <= expected.items()


@settings(deadline=None, max_examples=60)
@given(rows_, st.integers(1, 4), st.integers(1, 3), st.sampled_from([1, 1 << 21]))
def test_columns_block_what_records_block(rows: list[tuple[str, ...]], limit: int, parts: int, at_once: int) -> None:
    kinds = MentionType.PERSON, MentionType.PERSON, MentionType.ORGANISATION
    collection = Collection(_record(place, row, kinds[place % 3]) for place, row in enumerate(rows))
    found = Candidates(collection)
    crowded = found.crowded(limit, parts)
    assert crowded == blocking.find_crowded(collection, limit, parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "_SLICE", at_once)
        assert set(map(tuple, found.pairs(crowded).tolist())) == blocking.pairs(collection, crowded=crowded)


def test_columns_propose_what_records_propose() -> None:
    records = [record for record, _ in mentions(1500)]
    firm = ("Acme", "", "", "+31207946001", "", "", "", "", "")
    records += [_record(90000 + n, firm, MentionType.ORGANISATION) for n in (1, 2)]
    collection = Collection(records).in_order()
    columns = Candidates(collection)
    crowded = columns.crowded(6, 4)
    assert crowded == blocking.find_crowded(collection, 6, 4)
    found = set(map(tuple, columns.pairs(crowded).tolist()))
    assert found == blocking.pairs(collection, crowded=crowded)
    small = collection.chosen(np.arange(300))
    assert Candidates(small).pairs(crowded).tolist() == propose(small, crowded)[0].tolist()


def test_a_batch_clusters_like_the_pairs_of_its_blocks() -> None:
    collection = Collection(record for record, _ in mentions(150)).in_order()
    statistics = Statistics.from_prepared(collection)
    scores = {
        (collection.ids[a], collection.ids[b]): engine.bits_of(collection[a], collection[b], statistics)
        for a, b in combinations(range(len(collection)), 2)
    }
    expected = {name: members[0] for members in clustering.cluster(collection.ids, scores) for name in members}
    assert batch.resolve(collection, statistics).clusters == expected


def test_a_collection_keeps_every_value_once() -> None:
    said = ("Acme BV", "", "+31207946001", "", "CFO", "page", "", "")
    records = [_record(n, (NAMES[n % 2], *said)) for n in range(50)]
    collection = Collection(records)
    assert [len(column.values) for column in collection.columns.values()] == [3, 2, 2, 1, 2, 1, 1]
    assert list(collection) == [prepare(record) for record in records]
    assert list(Collection.of(collection)) == list(collection)
    assert [one.id for one in collection.chosen(np.array([3, 1]))] == ["00003", "00001"]


values_: st.SearchStrategy[object] = st.sampled_from(
    [None, "", " ", "Ada Voorbeeld", "a.example/in/ada-voorbeeld", ["Acme BV", "", 7], [], 31207946001, {}]
)
columns_ = st.sampled_from(["type", "page", "source", *(column for listed in COLUMNS.values() for column in listed)])


@settings(deadline=None)
@given(st.lists(st.dictionaries(columns_, values_ | st.just("organisation"), max_size=8), max_size=6))
def test_rows_are_read_as_their_records(rows: list[dict[str, object]]) -> None:
    listed = [(f"{place:05}", row) for place, row in enumerate(rows)]
    assert list(Collection.of_rows(listed)) == [prepare(record_of(row, name)) for name, row in listed]
