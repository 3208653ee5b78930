"""The regression: what it is drawn to, and what judged pairs say and do not say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.resolution.learning import Centre, Findings, Judged, Part, fit
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.validation import in_order

LIKE: Findings = [("name.same", 1.0)]
UNLIKE: Findings = [("name.different", 1.0)]


def collection(matches: int, others: int, findings: Findings) -> Part:
    """Return pairs of one kind, so many of them matches."""
    labels = [str(n) for pair in range(matches) for n in (pair, pair)]
    labels += [str(matches + n) for n in range(2 * others)]
    places = [(n, n + 1) for n in range(0, len(labels), 2)]
    return Part([], labels, Statistics(), places, [findings for _ in places])


def judged(same: int, different: int, findings: Findings) -> Judged:
    return Judged([findings] * (same + different), np.array([True] * same + [False] * different))


SEEN = [collection(300, 100, LIKE), collection(50, 750, UNLIKE)]


def test_a_collection_says_how_common_matches_are() -> None:
    weights, prior = fit(SEEN)
    assert weights["name.same"] > 0 > weights["name.different"]
    assert prior + weights["name.same"] == pytest.approx(math.log2(300 / 100), abs=0.1)
    assert prior + weights["name.different"] == pytest.approx(math.log2(50 / 750), abs=0.1)


def test_judged_pairs_say_what_a_rule_counts_and_not_how_common_matches_are() -> None:
    _, before = fit(SEEN)
    answers = judged(60, 2, [("name.odd", 1.0)])
    weights, after = fit([*SEEN, answers])
    assert weights["name.odd"] > 0
    assert after == pytest.approx(before, abs=1e-6)
    as_a_collection = collection(60, 2, [("name.odd", 1.0)])
    assert abs(fit([*SEEN, as_a_collection])[1] - before) > 1e-3


def test_a_rule_leaves_its_centre_as_far_as_there_are_pairs_to_say_so() -> None:
    centre = Centre({"name.same": 1.0, "name.different": 1.0, "name.rare": 3.0}, -6.0)
    apart = []
    for pairs in (4, 40, 400):
        answers = Judged([LIKE] * pairs + [UNLIKE] * pairs, np.array([True] * pairs + [False] * pairs))
        weights, prior = fit([answers], centre)
        assert weights["name.rare"] == pytest.approx(3.0)
        assert prior == pytest.approx(-6.0)
        apart.append(weights["name.same"] - weights["name.different"])
    assert 0.0 < apart[0] < apart[1] < apart[2]


@pytest.mark.parametrize(
    ("bits", "matches", "share"),
    [
        ([3.0, 1.0, -2.0], [True, True, False], 1.0),
        ([3.0, 1.0, -2.0], [False, True, True], 0.0),
        ([1.0, 1.0], [True, False], 0.5),
        ([1.0, 1.0], [True, True], math.nan),
    ],
)
def test_in_order(bits: list[float], matches: list[bool], share: float) -> None:
    assert in_order(np.array(bits), np.array(matches)) == pytest.approx(share, nan_ok=True)
