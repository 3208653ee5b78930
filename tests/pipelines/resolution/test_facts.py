"""Facts in columns count what counting record by record gives."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.resolution.facts import Facts, facts, together

words_ = st.lists(st.sampled_from("abcd"), max_size=3).map(tuple)
records_ = st.lists(st.tuples(words_, words_), max_size=12)


def _of(listed: list[tuple[str, ...]]) -> Facts:
    values = sorted({(), *listed})
    codes = np.array([values.index(one) for one in listed], dtype=np.int32)
    return facts(values, codes, lambda value: value)


@given(records_)
def test_counts_are_those_of_records(records: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    left, right = _of([one for one, _ in records]), _of([other for _, other in records])
    counted = Counter(word for one, _ in records for word in set(one))
    assert left.counts() == {word: count for word, count in counted.items() if count > 1}
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in records:
        for word in one:
            beside[word].update(other)
    assert left.per(right) == {word: len(found) for word, found in beside.items() if len(found) > 1}


@given(records_)
def test_renamed_facts_are_said_once(records: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    found = _of([one for one, _ in records]).renamed(lambda word: "x" if word in "ab" else word)
    counted = Counter(word for one, _ in records for word in {"x" if word in "ab" else word for word in one})
    assert found.counts() == {word: count for word, count in counted.items() if count > 1}


@given(records_)
def test_two_kinds_are_told_apart(records: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    left, right = _of([one for one, _ in records]), _of([other for _, other in records])
    found = together(left, right)
    assert sorted(found.record.tolist()) == found.record.tolist()
    assert len(found.fact) == sum(len(one) + len(other) for one, other in records)
    pairs, one, other = left.with_others(right)
    said = {(left.texts[a], right.texts[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)}
    assert said == {(a, b) for mine, theirs in records for a in mine for b in theirs}
    assert len(pairs.texts) == len(said)
