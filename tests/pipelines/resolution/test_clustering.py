"""Clusters are guarded, obey people first, and never depend on the order of arrival."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.resolution.clustering import FORBIDDEN, cluster

IDS = ("a", "b", "c", "d", "e", "f")
scores_ = st.dictionaries(
    st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([-30.0, -6.0, -1.0, 0.0, 0.5, 2.0, 2.0, 5.0, 9.0]),
    max_size=15,
)
pairs_ = st.lists(st.sampled_from([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("e", "f")]), max_size=3)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({}, [("a",), ("b",), ("c",)]),
        ({("a", "b"): 3.0}, [("a", "b"), ("c",)]),
        ({("a", "b"): 5.0, ("b", "c"): 5.0, ("a", "c"): 5.0}, [("a", "b", "c")]),
        # A chain: the two ends speak against each other more than the middle speaks for both.
        ({("a", "b"): 5.0, ("b", "c"): 4.0, ("a", "c"): -7.0}, [("a", "b"), ("c",)]),
        ({("a", "b"): 5.0, ("b", "c"): 3.0}, [("a", "b"), ("c",)]),
        # A veto between the ends holds however strong the middle is.
        ({("a", "b"): 9.0, ("b", "c"): 9.0, ("a", "c"): FORBIDDEN}, [("a", "b"), ("c",)]),
    ],
)
def test_guarded(scores: dict[tuple[str, str], float], expected: list[tuple[str, ...]]) -> None:
    assert cluster("abc", scores, threshold=0.0) == expected


def test_people_outrank_scores_and_vetoes() -> None:
    scores = {("a", "b"): FORBIDDEN, ("b", "c"): 8.0, ("a", "c"): 8.0}
    assert cluster("abc", scores, same=[("b", "a")]) == [("a", "b", "c")]
    assert cluster("abc", scores, different=[("c", "b")], same=[("a", "b")]) == [("a", "b"), ("c",)]


@given(
    st.sampled_from(IDS[:4]),
    st.lists(st.sampled_from([0.5, 2.0, 5.0, 9.0]), min_size=6, max_size=6),
    st.lists(st.sampled_from([-19.0, -5.6, -1.0, 3.0, None]), min_size=4, max_size=4),
)
def test_whom_a_person_adds_tears_nobody_from_the_others(
    judged: str, alike: list[float], unlike: list[float | None]
) -> None:
    scores = dict(zip(combinations(IDS[:4], 2), alike, strict=True))
    scores |= {(name, "e"): bits for name, bits in zip(IDS[:4], unlike, strict=True) if bits is not None}
    assert cluster(IDS[:5], scores, same=[(judged, "e")], threshold=0.0) == [IDS[:5]]


def test_two_whom_a_person_made_one_are_as_like_a_third_as_the_liker_of_them() -> None:
    scores = {("a", "c"): 3.0, ("b", "c"): -6.0, ("c", "d"): -3.0, ("b", "d"): 5.0}
    assert cluster("abcd", scores, same=[("a", "b")], threshold=0.0) == [("a", "b", "d"), ("c",)]
    assert cluster("abc", scores, same=[("a", "b")], threshold=0.0) == [("a", "b", "c")]
    assert cluster("abc", scores | {("b", "c"): FORBIDDEN}, same=[("a", "b")]) == [("a", "b"), ("c",)]


def test_contradicting_judgements_keep_apart_what_was_kept_apart() -> None:
    assert cluster("abc", {}, same=[("a", "b"), ("b", "c")], different=[("a", "c")]) == [("a", "b"), ("c",)]


@given(scores_, pairs_, pairs_, st.randoms(use_true_random=False))
def test_order_makes_no_difference(
    scores: dict[tuple[str, str], float],
    same: list[tuple[str, str]],
    different: list[tuple[str, str]],
    shuffler: random.Random,
) -> None:
    expected = cluster(IDS, scores, same, different)
    ids, items = list(IDS), [((b, a), bits) for (a, b), bits in scores.items()]
    shuffler.shuffle(ids)
    shuffler.shuffle(items)
    assert cluster(ids, dict(items), [(b, a) for a, b in reversed(same)], list(reversed(different))) == expected
    assert sorted(name for members in expected for name in members) == sorted(IDS)
    homes = {name: members for members in expected for name in members}
    assert all(homes[a] is not homes[b] for a, b in different)


@given(scores_)
def test_components_are_clustered_for_themselves(scores: dict[tuple[str, str], float]) -> None:
    left = {pair: bits for pair, bits in scores.items() if set(pair) <= set("abc")}
    right = {pair: bits for pair, bits in scores.items() if set(pair) <= set("def")}
    assert cluster(IDS, left | right) == cluster("abc", left) + cluster("def", right)
