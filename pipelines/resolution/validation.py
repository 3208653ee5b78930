"""How well learnt weights do on people whom they have not seen: folds by surname, calibration, threshold."""

from __future__ import annotations

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipelines.resolution import clustering, comparison, engine
from pipelines.resolution.learning import Centre, Floats, Judged, Part, bits_of, complete, fit, learn, part_of
from pipelines.resolution.preparation import Prepared

FOLDS = 3
#: Out of fold, merging must stay at least this precise; among the thresholds that do, the best F1 wins. Folds are
#: small: from 5,000 to 17,000 mentions precision falls by .02, because more namesakes meet, so the floor stands above
#: the goal of .95.
PRECISION = 0.97


def folds_of(records: Sequence[Prepared], labels: Sequence[str], count: int) -> list[int]:
    """Return a fold for each record: people by their commonest surname, so that namesakes stay together."""
    surnames: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one, label in zip(records, labels, strict=True):
        surnames[label].update(name.family for name in one.names)
    chosen = {
        label: min(counted.items(), key=lambda item: (-item[1], item[0]))[0] if counted else label
        for label, counted in surnames.items()
    }
    return [zlib.crc32(chosen[label].encode()) % count for label in labels]


def pairwise(part: Part, bits: Floats, threshold: float) -> tuple[float, float, float]:
    """Cluster a part and return F1, precision and recall over pairs."""
    scores: dict[tuple[int, int], float] = {}
    for (i, j), value, found in zip(part.pairs, bits.tolist(), part.findings, strict=True):
        veto = comparison.veto_of(part.records[i], part.records[j], found)
        scores[i, j] = comparison.VETO_BITS if veto else value
    clusters: dict[int, int] = {}
    for group in engine.components(len(part.records), [pair for pair, value in scores.items() if value > threshold]):
        names = {str(i): i for i in group}
        inside = {(str(i), str(j)): scores[i, j] for i, j in combinations(group, 2) if (i, j) in scores}
        for members in clustering.cluster(names, inside, threshold=threshold):
            clusters.update((names[name], names[members[0]]) for name in members)
    home = [clusters.get(i, i) for i in range(len(part.records))]
    true, said = Counter(part.labels), Counter(home)
    both = Counter(zip(part.labels, home, strict=True))
    hits, wanted, found_ = (sum(n * (n - 1) // 2 for n in counted.values()) for counted in (both, true, said))
    precision, recall = hits / max(1, found_), hits / max(1, wanted)
    return 2 * precision * recall / max(1e-9, precision + recall), precision, recall


@dataclass
class Validation:
    """What the folds say: the calibrating factor, the threshold in bits, its scores, and a reliability table."""

    scale: float
    threshold: float
    f1: float
    precision: float
    recall: float
    brier: float
    log_loss: float
    reliability: list[tuple[float, float, int]]


def validate(records: Sequence[Prepared], labels: Sequence[str]) -> Validation:
    """Learn on all folds but one, test on that one, and pool."""
    folds = folds_of(records, labels, FOLDS)
    tested: list[tuple[Part, Floats]] = []
    for fold in range(FOLDS):
        inside, outside = (
            [n for n, place in enumerate(folds) if (place == fold) is chosen] for chosen in (False, True)
        )
        weights, prior = learn(parts_of([records[n] for n in inside], [labels[n] for n in inside]))
        held = part_of([records[n] for n in outside], [labels[n] for n in outside])
        complete(held, weights, prior)
        tested.append((held, bits_of(held, weights, prior)))
    scale = _calibrate(tested)
    tested = [(part, bits * scale) for part, bits in tested]
    best = max(
        (_mean([pairwise(part, bits, threshold) for part, bits in tested]), threshold)
        for threshold in np.arange(-1.5, 2.01, 0.1).round(2).tolist()
    )
    (_, f1, precision, recall), threshold = best
    said, true = _said(tested)
    chance = np.where(true, said, 1.0 - said)
    return Validation(
        scale, threshold, f1, precision, recall,
        brier=float(((said - true) ** 2).mean()),
        log_loss=float(-np.log2(np.maximum(chance, 1e-12)).mean()),
        reliability=_reliability(said, true),
    )  # fmt: skip


def _mean(scores: list[tuple[float, float, float]]) -> tuple[float, float, float, float]:
    f1, precision, recall = (sum(column) / len(scores) for column in zip(*scores, strict=True))
    return (f1 if precision >= PRECISION else precision - 1.0), f1, precision, recall


def _calibrate(tested: list[tuple[Part, Floats]]) -> float:
    """Return the factor for which out-of-fold bits are honest log odds (Platt scaling without a shift)."""
    signs = np.concatenate([np.where(part.matches, 1.0, -1.0) for part, _ in tested])
    nats = np.concatenate([bits for _, bits in tested]) * math.log(2.0)
    grid = np.arange(0.5, 1.3, 0.01)
    return float(round(min(grid, key=lambda factor: float(np.logaddexp(0.0, -signs * nats * factor).sum())), 2))


def _said(tested: list[tuple[Part, Floats]]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the stated probability of every pair tested, and which are matches."""
    said = np.concatenate([1.0 / (1.0 + np.exp2(-np.clip(bits, -60, 60))) for _, bits in tested])
    return said, np.concatenate([part.matches for part, _ in tested])


def _reliability(said: Floats, true: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Return, per tenth of the stated probability, its mean, the share of matches and the number of pairs."""
    bins = np.minimum((said * 10).astype(int), 9)
    return [
        (float(said[bins == n].mean()), float(true[bins == n].mean()), int((bins == n).sum()))
        for n in range(10)
        if (bins == n).any()
    ]


def parts_of(records: Sequence[Prepared], labels: Sequence[str]) -> list[Part]:
    """Return the whole collection and its halves by surname, so that weights hold in a smaller one too."""
    halves = folds_of(records, labels, 2)
    parts = [part_of(records, labels)]
    for half in (0, 1):
        chosen = [n for n, place in enumerate(halves) if place == half]
        parts.append(part_of([records[n] for n in chosen], [labels[n] for n in chosen]))
    return parts


def order_out_of_fold(samples: Sequence[Part | Judged], centre: Centre) -> tuple[float, float]:
    """Return `in_order` of all pairs of the samples: as the centre weighs them, and out of fold as the rest teaches.

    The folds take pairs as they come: a few rules are learnt, and none of them is about whom a pair is.
    """
    findings = [found for sample in samples for found in sample.findings]
    matches = np.concatenate([sample.matches for sample in samples])
    folds = np.arange(len(findings)) % FOLDS
    learnt = np.zeros(len(findings))
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        weights, _ = fit([Judged([findings[n] for n in inside], matches[inside])], centre)
        learnt[outside] = bits_of(Judged([findings[n] for n in outside], matches[outside]), weights, 0.0)
    before = bits_of(Judged(findings, matches), centre.rules, 0.0)
    return in_order(before, matches), in_order(learnt, matches)


def in_order(bits: Floats, matches: NDArray[np.bool_]) -> float:
    """Return the share of pairs of a match and a non-match in which the match has more bits; a tie counts half.

    It is the area under the ROC curve (Hanley and McNeil 1982), which no prior can change; not a number without both.
    """
    ones = int(matches.sum())
    others = len(matches) - ones
    ranks = float(rankdata(bits)[matches].sum())
    return (ranks - ones * (ones + 1) / 2) / (ones * others) if ones and others else math.nan
