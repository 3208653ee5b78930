"""By what right the rest is here, until when, and who is kept out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import Select, case, func, select

from crawler.items import Source
from pipelines.master.choices import SuppressionRow
from pipelines.master.models import DisposalRow, MentionRow, SourceRow, StatementRow
from pipelines.reports.compliance.tables import Column, Facts, Section, small

#: How long before its end a balancing test or a value is worth a look.
SOON = timedelta(days=30)
_PEOPLE = func.count(MentionRow.entity_id.distinct())


def sources(facts: Facts) -> Section:
    """List the sources with purpose, legal basis, balancing test and its expiry; those without a valid one first."""
    declared = facts.register.sources if facts.register else {}
    query = select(SourceRow.__table__).order_by(SourceRow.id)
    if facts.source_id:
        query = query.where(SourceRow.id == facts.source_id)
    found = []
    for row in facts.connection.execute(query):
        state, until = _test(row.legal_basis, row.balancing_hash, declared.get(row.id), facts)
        found.append((
            row.id, row.publisher, row.purpose, row.legal_basis, PurePath(row.balancing_test).name,
            row.balancing_hash[:12], until, state,
        ))  # fmt: skip
    wrong = sum(row[-1] not in ("valid", "not needed", "not known") for row in found)
    return Section(
        "sources",
        "Sources and grounds",
        "Each source as it was declared when it was last read. Legitimate interest needs a balancing test that holds"
        " today; its hash shows that it is the text that was in force.",
        (
            Column("Source", "code"), Column("Publisher"), Column("Purpose"), Column("Legal basis"),
            Column("Balancing test"), Column("Hash", "code"), Column("Expires"), Column("State", "state"),
        ),
        sorted(found, key=lambda row: (row[-1] in ("valid", "not needed"), row[0])),
        "No source was read yet.",
        (("Sources", len(found), ""), ("Without a valid test", wrong, "of the sources read")),
    )  # fmt: skip


def _test(legal_basis: str, recorded: str, source: Source | None, facts: Facts) -> tuple[str, str]:
    """Return how a source's balancing test stands today, and when it expires."""
    expires: date | None = source.balancing_expires_on if source else None
    today = facts.now.date()
    states = (
        ("not needed", legal_basis != "legitimate-interest"),
        ("missing", not recorded),
        ("not known", facts.register is None),
        ("no longer registered", source is None),
        ("changed since", source is not None and source.balancing_hash != recorded),
        ("expired", expires is not None and today >= expires),
        ("expires soon", expires is not None and today + SOON >= expires),
    )
    return next((state for state, met in states if met), "valid"), expires.isoformat() if expires else ""


def retention(facts: Facts) -> Section:
    """Say per source how many people have values that are due to be deleted, now and within a month."""
    rows = []
    overdue = 0
    query = select(SourceRow.id, SourceRow.retention_days).order_by(SourceRow.id)
    if facts.source_id:
        query = query.where(SourceRow.id == facts.source_id)
    declared = [(row.id, row.retention_days) for row in facts.connection.execute(query)]
    ends = {days: facts.now - timedelta(days=days) for _, days in declared}
    held = {days: _held(facts, end) for days, end in ends.items()}
    first = _first_mentions(facts)
    for source_id, days in declared:
        due, soon = held[days].get(source_id, (0, 0))
        overdue += due
        began = first.get(source_id)
        if began and began <= ends[days] and not due:
            began = _earliest(facts, source_id)  # what came first is gone already
        oldest = (began + timedelta(days=days)).date().isoformat() if began else ""
        rows.append((source_id, days, small(due) if due else 0, small(soon - due) if soon - due else 0, oldest))
    return Section(
        "retention",
        "Retention",
        "A value must be gone when its source's period has passed since it was first read. Counted are people and"
        " organisations with at least one such value.",
        (
            Column("Source", "code"), Column("Days", "count"), Column("Due now", "count"),
            Column("Due within 30 days", "count"), Column("Next due"),
        ),
        rows,
        "No source was read yet.",
        (("Due for deletion", overdue, "past their period"),),
    )  # fmt: skip


def _earliest(facts: Facts, source_id: str) -> datetime | None:
    joined = select(func.min(StatementRow.first_seen)).join(MentionRow, MentionRow.id == StatementRow.mention_id)
    return facts.connection.scalar(joined.where(MentionRow.source_id == source_id))


def _first_mentions(facts: Facts) -> dict[str, datetime]:
    """Return by source when its first mention was read, which is when the first value of it was."""
    query: Any = select(MentionRow.source_id, func.min(MentionRow.first_seen))
    query = query.group_by(MentionRow.source_id)
    return {row[0]: row[1] for row in facts.connection.execute(_of_source(query, facts))}


def _held(facts: Facts, before: datetime) -> dict[str, tuple[int, int]]:
    """Count by source the people and organisations with a value first seen before a moment, and `SOON` after it.

    A mention is never first seen later than a value of it, so only the few old ones have their values looked at.
    """
    due = case((StatementRow.first_seen <= before, MentionRow.entity_id))
    query: Any = select(MentionRow.source_id, func.count(due.distinct()), _PEOPLE)
    query = (
        query.join(StatementRow, MentionRow.id == StatementRow.mention_id)
        .where(MentionRow.first_seen <= before + SOON, StatementRow.first_seen <= before + SOON)
        .group_by(MentionRow.source_id)
    )
    return {row[0]: (row[1], row[2]) for row in facts.connection.execute(_of_source(query, facts))}


def _of_source(query: Select[Any], facts: Facts) -> Select[Any]:
    return query.where(MentionRow.source_id == facts.source_id) if facts.source_id else query


def suppressed(facts: Facts) -> Section:
    """Count the entries of the suppression list by kind and reason, and how often they stopped somebody.

    An entry that its person has taken back keeps nobody out: it is counted apart.
    """
    columns = (SuppressionRow.kind, SuppressionRow.reason)
    holds = case((SuppressionRow.lifted_at.is_(None), 1))
    query: Any = select(
        *columns, func.count(holds), func.count(SuppressionRow.lifted_at), func.max(SuppressionRow.created_at)
    )
    query = query.group_by(*columns).order_by(*columns)
    rows = facts.connection.execute(query).all()
    stopped = facts.connection.scalar(select(func.sum(DisposalRow.count)).where(DisposalRow.stage == "suppress"))
    return Section(
        "suppression",
        "Kept out",
        "Entries of the suppression list: keyed hashes of what identifies a person who objected or was erased. One"
        " person has several. A lifted entry was taken back by its person and keeps nobody out.",
        (
            Column("Kind of identifier"), Column("Reason"), Column("Entries", "count"), Column("Lifted", "count"),
            Column("Latest"),
        ),
        [(kind, reason, count, lifted, latest.date().isoformat()) for kind, reason, count, lifted, latest in rows],
        "Nobody is on the suppression list.",
        (
            ("Suppression entries", sum(row[2] for row in rows), "keyed hashes that hold"),
            ("Readings stopped", int(stopped or 0), "of people on the list"),
        ),
    )  # fmt: skip
