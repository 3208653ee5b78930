"""A batch proposes, scores and clusters exactly as one pair at a time would, in any order."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.items import MentionType
from pipelines.resolution import batch, blocking, clustering, engine, scoring
from pipelines.resolution.candidates import Candidates, propose
from pipelines.resolution.collection import Collection
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics
from tests.bench.resolution import mentions

NAMES = ["Ada Voorbeeld", "A. Voorbeeld", "VOORBEELD, Ada", "Adam Voorbeeld Jr.", "Ada Vorbeeld", "Voorbeeld", ""]
FIRMS = ["", "Acme BV", "Acme", "Acme Noord", "Bakkerij Brood"]
MAILS = ["", "ada.voorbeeld@acme.example", "info@acme.example", "ada@brood.example"]
PHONES = ["", "+31207946001", "020 794 6001", "+31207946002"]
PROFILES = ["", "profiles.example/in/ada-voorbeeld-1a2b3", "profiles.example/in/ada-voorbeeld-9f8e7"]
rows_ = st.lists(
    st.tuples(*map(st.sampled_from, (NAMES, FIRMS, MAILS, PHONES, PROFILES, ["CFO", "Bakker", ""], ["", "page"]))),
    max_size=12,
)


def _record(place: int, row: tuple[str, ...], kind: MentionType = MentionType.PERSON) -> Record:
    listed = [(text,) if text else () for text in row]
    return Record(
        f"{place:05}", kind, listed[0], listed[1], listed[5], listed[2], listed[3], urls=listed[4], page=row[6]
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(rows_, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_clusters(rows: list[tuple[str, ...]], shuffler: random.Random) -> None:
    records = [_record(place, row) for place, row in enumerate(rows)]
    expected = batch.dedupe(Collection(records))
    shuffler.shuffle(records)
    assert batch.dedupe(Collection(records)) == expected


@settings(deadline=None, max_examples=60)
@given(rows_, st.sampled_from(MentionType))
def test_a_batch_scores_like_a_pair(rows: list[tuple[str, ...]], kind: MentionType) -> None:
    records = [_record(place, row, kind if place % 3 else MentionType.PERSON) for place, row in enumerate(rows)]
    collection = Collection(records)
    statistics = Statistics.from_prepared(collection)
    pairs = np.array(list(combinations(range(len(rows)), 2)), dtype=np.int64).reshape(-1, 2)
    found = scoring.bits_of(collection, statistics, pairs[:, 0], pairs[:, 1])
    prepared = [prepare(record) for record in records]
    assert found.tolist() == [engine.bits_of(prepared[a], prepared[b], statistics) for a, b in pairs.tolist()]
    assert found.tolist() == [engine.bits_of(prepared[b], prepared[a], statistics) for a, b in pairs.tolist()]


def test_duckdb_proposes_what_python_proposes() -> None:
    records = [record for record, _ in mentions(1500)]
    records += [
        _record(90000 + n, ("Acme", "", "", "+31207946001", "", "", ""), MentionType.ORGANISATION) for n in (1, 2)
    ]
    collection = Collection(records).in_order()
    with Candidates(collection) as candidates:
        crowded = candidates.crowded(6, 4)
        assert crowded == blocking.find_crowded(collection, 6, 4)
        found = set(map(tuple, candidates.pairs(crowded).tolist()))
    assert found == blocking.pairs(collection, crowded=crowded)
    small = collection.chosen(np.arange(300))
    with Candidates(small) as candidates:
        assert candidates.pairs(crowded).tolist() == propose(small, crowded)[0].tolist()


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
    records = [_record(n, (NAMES[n % 2], "Acme BV", "", "+31207946001", "", "CFO", "page")) for n in range(50)]
    collection = Collection(records)
    assert [len(column.values) for column in collection.columns.values()] == [3, 2, 2, 1, 2, 1, 1]
    assert list(collection) == [prepare(record) for record in records]
    assert list(Collection.of(collection)) == list(collection)
    assert [one.id for one in collection.chosen(np.array([3, 1]))] == ["00003", "00001"]
