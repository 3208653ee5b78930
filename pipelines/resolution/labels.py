"""What weights are learnt from: labelled mentions, and pairs that people have judged.

A judged pair is an object a line with the `verdict` "same" or "different" and either

- `a` and `b`, two mentions with the columns of `scrapy dedupe`, or
- `type` and `findings`, as `scrapy review --judged` prints them: the rules that held, and nothing about whom.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crawler.errors import DocumentError
from crawler.items import MentionType
from pipelines.resolution import evidence
from pipelines.resolution.learning import Findings, Judged
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.rows import record_of
from pipelines.resolution.statistics import Statistics

#: Mentions of one type with their labels, side by side.
Mentions = tuple[list[Prepared], list[str]]


@dataclass(frozen=True)
class Judgement:
    """What somebody said of a pair: two mentions, or what had been found about two that are not told."""

    type: MentionType
    same: bool
    pair: tuple[Prepared, Prepared] | None = None
    findings: tuple[tuple[str, float], ...] = ()

    def found(self, statistics: Statistics) -> Findings:
        """Return the findings about the pair; a store's own, where it told them, come from its own statistics."""
        return evidence.pair(*self.pair, statistics) if self.pair else list(self.findings)


@dataclass(frozen=True)
class Labelled:
    """What there is to learn from: labelled mentions by type, pairs that people judged, and a hash of the files."""

    mentions: Mapping[MentionType, Mentions]
    judgements: list[Judgement]
    digest: str

    def judged(self, kind: MentionType, statistics: Statistics) -> Judged:
        """Return the judged pairs of one type."""
        said = [one for one in self.judgements if one.type is kind]
        return Judged([one.found(statistics) for one in said], np.array([one.same for one in said], dtype=np.bool_))


def read(labelled: Path, judgements: Path | None = None) -> Labelled:
    """Read labelled mentions and, where there are, judged pairs.

    Raises DocumentError for a line of either file that is not what it should be.
    """
    mentions: dict[MentionType, Mentions] = {kind: ([], []) for kind in MentionType}
    for number, row in _rows(labelled):
        try:
            record, label = prepare(record_of(row, str(row["id"]))), str(row["entity_id"])
        except (TypeError, KeyError, AttributeError):
            raise DocumentError(
                f"{labelled.name}, line {number}: expected an object with id, entity_id and the columns of a mention."
            ) from None
        mentions[record.type][0].append(record)
        mentions[record.type][1].append(label)
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in (labelled, judgements) if file)).hexdigest()[:16]
    return Labelled(mentions, read_judgements(judgements) if judgements else [], digest)


def read_judgements(file: Path) -> list[Judgement]:
    """Read what people judged; a pair of two types, and any verdict but "same" and "different", is left out.

    Raises DocumentError with the number of a line that is no judged pair.
    """
    found = []
    for number, row in _rows(file):
        try:
            verdict = row["verdict"]
            one = _told(row, verdict) if "findings" in row else _shown(row, verdict, number)
        except (TypeError, KeyError, AttributeError, ValueError):
            raise DocumentError(
                f"{file.name}, line {number}: expected an object with a verdict and either the mentions a and b, or "
                "type and findings as `scrapy review --judged` prints them."
            ) from None
        if one and verdict in {"same", "different"}:
            found.append(one)
    return found


def _rows(file: Path) -> list[tuple[int, Any]]:
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        try:
            found += [(number, json.loads(line))] if line.strip() else []
        except json.JSONDecodeError:
            raise DocumentError(f"{file.name}, line {number}: this is no JSON.") from None
    return found


def _shown(row: Mapping[str, Any], verdict: str, number: int) -> Judgement | None:
    a, b = (prepare(record_of(row[side], f"{number}{side}")) for side in "ab")
    return Judgement(a.type, verdict == "same", (a, b)) if a.type is b.type else None


def _told(row: Mapping[str, Any], verdict: str) -> Judgement:
    findings = tuple((str(rule), float(strength)) for rule, strength in row["findings"])
    if not all(math.isfinite(strength) for _, strength in findings):
        raise ValueError("a strength is a number")
    return Judgement(MentionType(row["type"]), verdict == "same", findings=findings)
