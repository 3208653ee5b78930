"""How merging stands, in counts: what waits for a person, and how often people and the rules agreed."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.orm import aliased

from pipelines.master.models import JudgementRow, MentionRow, OrganisationRow, PersonRow
from pipelines.reports.quality.figures import DAYS, Decisions
from pipelines.resolution.judgements import COPY, DIFFERENT, SAME, UNSURE
from pipelines.review.conflicts import conflicts
from pipelines.review.queue import open_pairs
from pipelines.rights import apart

#: What a person and the rules said of one pair, and how that is counted.
_BOTH = {
    (SAME, SAME): "agreed",
    (SAME, COPY): "agreed",
    (DIFFERENT, SAME): "undone",
    (DIFFERENT, COPY): "undone",
    (SAME, UNSURE): "joined",
    (DIFFERENT, UNSURE): "parted",
}


def decisions(connection: Connection, source_id: str, now: datetime) -> Decisions:
    """Count what is decided, undone and open; of the pairs with a reading of one source where that is named."""
    entries, readings = _entries(connection, source_id)
    ages = [0] * (len(DAYS) + 1)
    oldest: datetime | None = None
    for asked_at in open_pairs(connection, source_id):
        ages[bisect_right(DAYS, (now - asked_at).days)] += 1
        oldest = min(oldest or asked_at, asked_at)
    both = _both(connection, source_id)
    return Decisions(
        entries=entries,
        readings=readings,
        open=sum(ages),
        ages=ages,
        oldest=oldest,
        judged=sum(both.values()),
        same=both["agreed"] + both["joined"] + both[SAME],
        agreed=both["agreed"],
        undone=both["undone"],
        joined=both["joined"],
        parted=both["parted"],
        conflicts=0 if source_id else len(conflicts(connection)),
        namesakes=0 if source_id else apart.counts(connection)[apart.NAMESAKE],
    )


def _entries(connection: Connection, source_id: str) -> tuple[int, int]:
    """Count the entries and their readings."""
    if source_id:
        query = select(func.count(MentionRow.entity_id.distinct()), func.count(MentionRow.entity_id))
        row: Any = connection.execute(query.where(MentionRow.source_id == source_id)).one()
        return int(row[0]), int(row[1])
    found = [
        connection.execute(select(func.count(), func.coalesce(func.sum(table.mentions), 0))).one()
        for table in (PersonRow, OrganisationRow)
    ]
    return sum(row[0] for row in found), sum(int(row[1]) for row in found)


def _both(connection: Connection, source_id: str) -> Counter[str]:
    """Count the pairs that people judged by what they and, at last, the rules said; else by what people said."""
    rules = aliased(JudgementRow)
    opinion = (
        select(rules.verdict)
        .where(rules.left_id == JudgementRow.left_id, rules.right_id == JudgementRow.right_id, rules.human.is_(False))
        .order_by(rules.made_at.desc(), rules.id)
        .limit(1)
        .scalar_subquery()
    )
    query: Select[Any] = select(JudgementRow.verdict, opinion).where(
        JudgementRow.human.is_(True), JudgementRow.superseded_at.is_(None), *_about(source_id)
    )
    return Counter(_BOTH.get((said, other), said) for said, other in connection.execute(query))


def _about(source_id: str) -> tuple[ColumnElement[bool], ...]:
    if not source_id:
        return ()
    own = select(MentionRow.id).where(MentionRow.source_id == source_id)
    return (JudgementRow.left_id.in_(own) | JudgementRow.right_id.in_(own),)
