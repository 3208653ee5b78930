"""The arithmetic of learning weights: what a labelled pair is, and the regression that weighs its rules.

The weights are a ridge-penalised logistic regression over the rules of `evidence` (Fellegi and Sunter's weights, learnt
together so that rules that come together share their bits). The penalty draws each weight to its `centre`: to nothing
where there is much to learn from, to what experts hold true where there is little (maximum a posteriori, with a normal
prior on every weight).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

from pipelines.resolution import blocking, engine, evidence
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics

#: Strength of the ridge penalty, on weights in natural units.
RIDGE = 1.0
Floats = NDArray[np.float64]
Findings = list[evidence.Finding]


@dataclass(frozen=True)
class Centre:
    """Where the penalty draws the weights of the rules to, in bits, and where the search for the prior begins."""

    rules: dict[str, float] = field(default_factory=dict)
    prior: float = 0.0


NOTHING = Centre()


@dataclass
class Part:
    """A collection with its statistics, candidate pairs, their findings and labels."""

    records: list[Prepared]
    labels: list[str]
    statistics: Statistics
    pairs: list[tuple[int, int]] = field(default_factory=list)
    findings: list[Findings] = field(default_factory=list)

    @property
    def matches(self) -> NDArray[np.bool_]:
        """Which pairs have one label."""
        return np.array([self.labels[i] == self.labels[j] for i, j in self.pairs], dtype=np.bool_)

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Take pairs in that are not there yet."""
        known = set(self.pairs)
        for i, j in sorted(set(pairs) - known):
            self.pairs.append((i, j))
            self.findings.append(evidence.pair(self.records[i], self.records[j], self.statistics))


@dataclass
class Judged:
    """Pairs that people judged and no others: what they found and whether they are matches.

    People are asked what is hard to tell, so their answers say how much a rule counts and not how common matches are:
    in learning such pairs have a prior of their own, which is forgotten.
    """

    findings: list[Findings]
    matches: NDArray[np.bool_]


def part_of(records: Sequence[Prepared], labels: Sequence[str]) -> Part:
    """Block a collection of one type and gather the findings of its pairs."""
    part = Part(list(records), list(labels), Statistics.from_prepared(records))
    part.add(blocking.pairs(records))
    return part


def matrix(findings: Sequence[Findings], columns: dict[str, int]) -> csr_matrix:
    """Return findings as a sparse matrix, one row a pair; rules without a column are left out."""
    rows = [n for n, found in enumerate(findings) for rule, _ in found if rule in columns]
    places = [columns[rule] for found in findings for rule, _ in found if rule in columns]
    values = [strength for found in findings for rule, strength in found if rule in columns]
    return csr_matrix((values, (rows, places)), shape=(len(findings), len(columns)), dtype=np.float64)


def fit(parts: Sequence[Part | Judged], centre: Centre = NOTHING) -> tuple[dict[str, float], float]:
    """Return weights and prior in bits.

    Newton's steps go on until the slope is gone: a search that stops early would leave the last decimals to the order
    of sums, and so to the machine.
    """
    rules = sorted({rule for part in parts for found in part.findings for rule, _ in found} | set(centre.rules))
    own = [f"prior.{n}" if isinstance(part, Judged) else "prior" for n, part in enumerate(parts)]
    columns = [*rules, *dict.fromkeys(["prior", *own])]
    table = matrix(
        [[*found, (prior, 1.0)] for part, prior in zip(parts, own, strict=True) for found in part.findings],
        {name: n for n, name in enumerate(columns)},
    )
    signs = np.where(np.concatenate([part.matches for part in parts]), 1.0, -1.0)
    drawn_to = np.array([centre.rules.get(name, 0.0) for name in rules] + [centre.prior] * (len(columns) - len(rules)))
    drawn_to *= math.log(2.0)
    ridge = np.full(len(columns), RIDGE)
    ridge[len(rules)] = 0.0 if "prior" in own else RIDGE

    def loss(theta: Floats) -> tuple[float, Floats]:
        margins = signs * (table @ theta)
        away = ridge * (theta - drawn_to)
        value = np.logaddexp(0.0, -margins).sum() + 0.5 * away @ (theta - drawn_to)
        return float(value), table.T @ (-signs * expit(-margins)) + away

    def curvature(theta: Floats) -> Floats:
        said = expit(table @ theta)
        steep: Floats = (table.T @ table.multiply((said * (1.0 - said))[:, None])).toarray()
        return steep + np.diag(ridge)

    best = minimize(loss, drawn_to, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-6})
    bits = best.x / math.log(2.0)
    return dict(zip(rules, bits.tolist(), strict=False)), float(bits[len(rules)])


def bits_of(part: Part | Judged, weights: dict[str, float], prior: float) -> Floats:
    """Return the bits of every pair of a part."""
    return np.array([prior + sum(weights.get(rule, 0.0) * x for rule, x in found) for found in part.findings])


def complete(part: Part, weights: dict[str, float], prior: float) -> None:
    """Take in the pairs inside the components, as clustering will ask for them."""
    links = [pair for pair, bits in zip(part.pairs, bits_of(part, weights, prior), strict=True) if bits > engine.LINK]
    for group in engine.components(len(part.records), links):
        if len(group) <= engine.LARGEST_COMPLETED:
            part.add(combinations(group, 2))


def learn(parts: Sequence[Part | Judged], centre: Centre = NOTHING) -> tuple[dict[str, float], float]:
    """Fit, take in the pairs inside components, and fit again."""
    weights, prior = fit(parts, centre)
    for part in parts:
        if isinstance(part, Part):
            complete(part, weights, prior)
    return fit(parts, centre)
