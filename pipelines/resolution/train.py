"""Learn the weights of people's rules from labelled mentions: `make weights LABELLED=FILE.jsonl DATE=2026-11-22`.

Each line is a mention as `scrapy dedupe` reads it with its label `entity_id`; pairs with equal labels are matches. What
reviewers have judged can be learnt from as well (`--judgements`, see `read_judgements`). The weights are a
ridge-penalised logistic regression over the rules of `evidence` (Fellegi and Sunter's weights, learnt together so that
rules that come together share their bits). To keep them from fitting one collection's size, the pairs come from the
whole file and from parts of it, each with its own statistics. Folds hold whole surnames, so that namesakes are never
split between learning and testing; out of fold, the bits are calibrated and the threshold chosen. Organisations' rules
(`firm…`) are set by hand and kept: there are no labelled organisations. The same files, date and code give the same
weights, to the byte; their version is a hash of what they say.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from crawler.errors import DocumentError
from crawler.items import MentionType
from pipelines.resolution import blocking, clustering, comparison, engine, evidence
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.rows import record_of
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import WEIGHTS

FOLDS = 3
#: Strength of the ridge penalty, on weights in natural units.
RIDGE = 1.0
#: Out of fold, merging must stay at least this precise; among the thresholds that do, the best F1 wins. Folds are
#: small: from 5,000 to 17,000 mentions precision falls by .02, because more namesakes meet, so the floor stands above
#: the goal of .95.
PRECISION = 0.97
_WEIGHTS = Path(__file__).with_name("weights.json")
Floats = NDArray[np.float64]


@dataclass
class Part:
    """A collection with its statistics, candidate pairs, their findings and labels."""

    records: list[Prepared]
    labels: list[str]
    statistics: Statistics
    pairs: list[tuple[int, int]]
    findings: list[list[evidence.Finding]]
    closed: bool = False  # its pairs are all that is known of it: people judged these and no others

    @property
    def matches(self) -> NDArray[np.bool_]:
        """Which pairs have one label."""
        return np.array([self.labels[i] == self.labels[j] for i, j in self.pairs])

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Take pairs in that are not there yet."""
        known = set(self.pairs)
        for i, j in sorted(set(pairs) - known):
            self.pairs.append((i, j))
            self.findings.append(_findings(self.records[i], self.records[j], self.statistics))


def _findings(a: Prepared, b: Prepared, statistics: Statistics) -> list[evidence.Finding]:
    return evidence.person(a, b, statistics)


def part_of(records: Sequence[Prepared], labels: Sequence[str]) -> Part:
    """Block a collection and gather the findings of its pairs."""
    statistics = Statistics.from_prepared(records)
    part = Part(list(records), list(labels), statistics, [], [])
    part.add(blocking.pairs(records))
    return part


def matrix(findings: Sequence[list[evidence.Finding]], columns: dict[str, int]) -> csr_matrix:
    """Return findings as a sparse matrix, one row a pair; rules without a column are left out."""
    rows = [n for n, found in enumerate(findings) for rule, _ in found if rule in columns]
    places = [columns[rule] for found in findings for rule, _ in found if rule in columns]
    values = [strength for found in findings for rule, strength in found if rule in columns]
    return csr_matrix((values, (rows, places)), shape=(len(findings), len(columns)), dtype=np.float64)


def fit(parts: Sequence[Part]) -> tuple[dict[str, float], float]:
    """Return weights and prior in bits."""
    rules = sorted({rule for part in parts for found in part.findings for rule, _ in found})
    columns = {rule: n for n, rule in enumerate(rules)}
    table = matrix([found for part in parts for found in part.findings], columns)
    signs = np.where(np.concatenate([part.matches for part in parts]), 1.0, -1.0)

    def loss(theta: Floats) -> tuple[float, Floats]:
        margins = signs * (table @ theta[:-1] + theta[-1])
        slope = -signs / (1.0 + np.exp(np.clip(margins, -500, 500)))
        gradient = np.append(table.T @ slope + RIDGE * theta[:-1], slope.sum())
        return float(np.logaddexp(0.0, -margins).sum() + 0.5 * RIDGE * theta[:-1] @ theta[:-1]), gradient

    best = minimize(loss, np.zeros(len(rules) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 2000})
    bits = best.x / math.log(2.0)
    return dict(zip(rules, bits[:-1].tolist(), strict=True)), float(bits[-1])


def bits_of(part: Part, weights: dict[str, float], prior: float) -> Floats:
    """Return the bits of every pair of a part."""
    return np.array([prior + sum(weights.get(rule, 0.0) * x for rule, x in found) for found in part.findings])


def complete(part: Part, weights: dict[str, float], prior: float) -> None:
    """Take in the pairs inside the components, as clustering will ask for them."""
    links = [pair for pair, bits in zip(part.pairs, bits_of(part, weights, prior), strict=True) if bits > engine.LINK]
    for group in engine.components(len(part.records), links):
        if len(group) <= engine.LARGEST_COMPLETED:
            part.add(combinations(group, 2))


def learn(parts: Sequence[Part]) -> tuple[dict[str, float], float]:
    """Fit, take in the pairs inside components, and fit again."""
    weights, prior = fit(parts)
    for part in parts:
        if not part.closed:
            complete(part, weights, prior)
    return fit(parts)


def judged_part(pairs: Sequence[tuple[Prepared, Prepared, bool]], statistics: Statistics) -> Part:
    """Return judged pairs as a part of their own: each pair is two records that no other pair is compared with."""
    records = [one for a, b, _ in pairs for one in (a, b)]
    labels = [label for n, (_, _, same) in enumerate(pairs) for label in (f"{n}a", f"{n}a" if same else f"{n}b")]
    places = [(2 * n, 2 * n + 1) for n in range(len(pairs))]
    return Part(records, labels, statistics, places, [_findings(a, b, statistics) for a, b, _ in pairs], closed=True)


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
        weights, prior = learn(_parts([records[n] for n in inside], [labels[n] for n in inside]))
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


def _parts(records: Sequence[Prepared], labels: Sequence[str]) -> list[Part]:
    """Return the whole collection and its halves by surname, so that weights hold in a smaller one too."""
    halves = folds_of(records, labels, 2)
    parts = [part_of(records, labels)]
    for half in (0, 1):
        chosen = [n for n, place in enumerate(halves) if place == half]
        parts.append(part_of([records[n] for n in chosen], [labels[n] for n in chosen]))
    return parts


@dataclass
class Labelled:
    """What there is to learn from: people with their labels, pairs that people judged, and a hash of the files."""

    records: list[Prepared]
    labels: list[str]
    judged: list[tuple[Prepared, Prepared, bool]]
    digest: str


def train(given: Labelled, date: str) -> tuple[str, Validation]:
    """Return the weights file's text and the validation behind it; `date` is only written down."""
    checked = validate(given.records, given.labels)
    parts = _parts(given.records, given.labels)
    weights, prior = learn([*parts, judged_part(given.judged, parts[0].statistics)] if given.judged else parts)
    by_hand = {rule: bits for rule, bits in WEIGHTS.rules.items() if rule.startswith("firm")}
    learnt = {rule: round(bits * checked.scale, 3) for rule, bits in weights.items() if abs(bits) >= 0.001}
    table = {
        "match": round(comparison.probability(checked.threshold), 4),
        "review": WEIGHTS.review,
        "prior": {"organisation": WEIGHTS.prior["organisation"], "person": round(prior * checked.scale, 3)},
        "workplace_cap": WEIGHTS.workplace_cap,
        "rules": dict(sorted((learnt | by_hand).items())),
    }
    figures = {name: round(getattr(checked, name), 4) for name in ("f1", "precision", "recall", "brier", "log_loss")}
    learned = {
        "on": date, "from": given.digest, "mentions": len(given.records), "judgements": len(given.judged),
        "out_of_fold": figures,
    }  # fmt: skip
    version = hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:12]
    return json.dumps({"version": version, "learned": learned} | table, indent=1) + "\n", checked


def read(labelled: Path, judgements: Path | None = None) -> Labelled:
    """Read labelled mentions and, where there are, judged pairs."""
    files = [labelled, *([judgements] if judgements else [])]
    rows = [json.loads(line) for line in labelled.read_text("utf-8").splitlines() if line.strip()]
    records = [prepare(record_of(row, str(row["id"]))) for row in rows]
    people = [
        (one, str(row["entity_id"])) for one, row in zip(records, rows, strict=True) if one.type is MentionType.PERSON
    ]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    judged = read_judgements(judgements) if judgements else []
    return Labelled([one for one, _ in people], [label for _, label in people], judged, digest)


def read_judgements(file: Path) -> list[tuple[Prepared, Prepared, bool]]:
    """Read what reviewers judged: JSONL with `a` and `b`, mentions with the columns of `scrapy dedupe`, and `verdict`.

    "same" and "different" count; a pair of organisations, and any other verdict, is left out. A line that is no such
    object is a DocumentError that names it.
    """
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            a, b = (prepare(record_of(row[side], f"{number}{side}")) for side in "ab")
            verdict = row["verdict"]
        except (json.JSONDecodeError, TypeError, KeyError, AttributeError):
            raise DocumentError(
                f"{file.name}, line {number}: expected an object with the mentions a and b and a verdict."
            ) from None
        if verdict in {"same", "different"} and a.type is b.type is MentionType.PERSON:
            found.append((a, b, verdict == "same"))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the labels, write the weights file and print what the folds say."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.resolution.train", description=__doc__)
    parser.add_argument("file", type=Path, help="JSONL of mentions with entity_id")
    parser.add_argument("--date", required=True, help="the day to write down, YYYY-MM-DD")
    parser.add_argument("--judgements", type=Path, help="JSONL of judged pairs: a, b, verdict")
    parser.add_argument("--output", type=Path, default=_WEIGHTS, help="where the weights go (default: the project's)")
    options = parser.parse_args(arguments)
    text, checked = train(read(options.file, options.judgements), options.date)
    options.output.write_text(text, "utf-8")
    lines = [
        f"version {json.loads(text)['version']}",
        f"out of fold: F1 {checked.f1:.4f}, precision {checked.precision:.4f}, recall {checked.recall:.4f}",
        f"Brier {checked.brier:.4f}, log loss {checked.log_loss:.4f} bits a pair",
        f"calibration factor {checked.scale:.2f}, threshold {checked.threshold:+.2f} bits",
        "stated  observed  pairs",
        *(f"{said:.3f}   {seen:.3f}     {count}" for said, seen, count in checked.reliability),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
