"""Recording decisions about pairs, and reading them back. A decision is superseded, never deleted."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, or_, select, update

from pipelines.master.ids import content_id
from pipelines.master.models import JudgementRow
from pipelines.master.upsert import chunks, upsert
from pipelines.resolution.comparison import MATCH, REVIEW, RULES_VERSION, Comparison

#: Two mention ids, the smaller first.
Pair = tuple[str, str]

SAME, DIFFERENT, UNSURE = "same", "different", "review"


class _Verdict(NamedTuple):
    """What the rules say of a pair; `reasons` is a list of {rule, bits, sentence}."""

    verdict: str
    probability: float
    bits: float
    reasons: list[dict[str, Any]]


_COPY = _Verdict(
    SAME, 1.0, 0.0, [{"rule": "copy", "bits": 0.0, "sentence": "Another page of the same site says exactly the same."}]
)


def record(
    connection: Connection,
    changed: Collection[str],
    compared: Mapping[Pair, Comparison],
    copies: Mapping[str, str],
    now: datetime,
) -> None:
    """Record what the rules say of the compared pairs and of copies; supersede what they said of `changed` before.

    A pair that nobody would take for one person is not recorded, or the table would hold every pair of a block.
    """
    rows = {row["id"]: row for pair, found in compared.items() if (row := _row(pair, found, now))}
    for copy, original in copies.items():
        pair = (copy, original) if copy < original else (original, copy)
        row = _machine(pair, _COPY, now)
        rows[row["id"]] = row
    known: dict[str, bool] = {}
    for chunk in chunks(sorted(changed)):
        touched = or_(JudgementRow.left_id.in_(chunk), JudgementRow.right_id.in_(chunk))
        machine = and_(touched, JudgementRow.human.is_(False))
        stored = connection.execute(select(JudgementRow.id, JudgementRow.superseded_at.is_(None)).where(machine))
        known.update((key, live) for key, live in stored)
    outdated = [key for key, live in known.items() if live and key not in rows]
    revived = [key for key, live in known.items() if not live and key in rows]
    for keys, values in ((outdated, {"superseded_at": now}), (revived, {"superseded_at": None, "made_at": now})):
        for chunk in chunks(sorted(keys)):
            connection.execute(update(JudgementRow).where(JudgementRow.id.in_(chunk)).values(values))
    upsert(connection, JudgementRow, [row for key, row in rows.items() if key not in known])


def linked(connection: Connection, mentions: Collection[str]) -> set[str]:
    """Return the mentions that a live judgement ties to one of these: "same", or for the rules also "review".

    Clustering looks at the mean of a group, so a pair of which nobody is sure may still belong to it.
    """
    found: set[str] = set()
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(
            select(JudgementRow.left_id, JudgementRow.right_id).where(
                or_(JudgementRow.left_id.in_(chunk), JudgementRow.right_id.in_(chunk)),
                JudgementRow.verdict != DIFFERENT,
                JudgementRow.superseded_at.is_(None),
            )
        )
        found.update(mention for pair in rows for mention in pair)
    return found


def human(connection: Connection, mentions: Collection[str]) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs among these mentions that people have judged the same, and different."""
    verdicts: dict[str, set[Pair]] = {SAME: set(), DIFFERENT: set()}
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(
            select(JudgementRow.left_id, JudgementRow.right_id, JudgementRow.verdict).where(
                JudgementRow.left_id.in_(chunk), JudgementRow.human, JudgementRow.superseded_at.is_(None)
            )
        )
        for left, right, verdict in rows:
            if right in mentions and verdict in verdicts:
                verdicts[verdict].add((left, right))
    return verdicts[SAME], verdicts[DIFFERENT]


def _row(pair: Pair, found: Comparison, now: datetime) -> dict[str, Any] | None:
    if found.veto or found.probability < REVIEW:
        return None
    reasons = [{"rule": item.rule, "bits": round(item.bits, 3), "sentence": item.sentence} for item in found.evidence]
    verdict = SAME if found.probability >= MATCH else UNSURE
    return _machine(pair, _Verdict(verdict, round(found.probability, 6), round(found.bits, 3), reasons), now)


def _machine(pair: Pair, found: _Verdict, now: datetime) -> dict[str, Any]:
    return {
        "id": content_id("judgement", *pair, RULES_VERSION, found.verdict, json.dumps(found.reasons)),
        "left_id": pair[0],
        "right_id": pair[1],
        **found._asdict(),
        "by": RULES_VERSION,
        "human": False,
        "made_at": now,
        "superseded_at": None,
    }
