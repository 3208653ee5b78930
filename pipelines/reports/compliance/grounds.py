"""By what right the rest is here, until when, and who is kept out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import PurePath

from sqlalchemy import func, select

from crawler.items import Source
from pipelines.master.models import DisposalRow, MentionRow, SourceRow, StatementRow, SuppressionRow
from pipelines.reports.compliance.tables import Column, Facts, Section, small

#: How long before its end a balancing test or a value is worth a look.
SOON = timedelta(days=30)


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
    for source_id, days in facts.connection.execute(query):
        kept = timedelta(days=days)
        first = _earliest(facts, source_id)
        due, soon = (_held(facts, source_id, before) for before in (facts.now - kept, facts.now - kept + SOON))
        overdue += due
        oldest = (first + kept).date().isoformat() if first else ""
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


def _held(facts: Facts, source_id: str, before: datetime) -> int:
    """Count the people and organisations of a source with a value that was first seen before a moment."""
    joined = select(func.count(MentionRow.entity_id.distinct())).join(
        StatementRow, MentionRow.id == StatementRow.mention_id
    )
    conditions = (MentionRow.source_id == source_id, StatementRow.first_seen <= before)
    return facts.connection.scalar(joined.where(*conditions)) or 0


def suppressed(facts: Facts) -> Section:
    """Count the entries of the suppression list by kind and reason, and how often they stopped somebody."""
    columns = (SuppressionRow.kind, SuppressionRow.reason)
    query = select(*columns, func.count(), func.max(SuppressionRow.created_at)).group_by(*columns).order_by(*columns)
    rows = facts.connection.execute(query).all()
    stopped = facts.connection.scalar(select(func.sum(DisposalRow.count)).where(DisposalRow.stage == "suppress"))
    return Section(
        "suppression",
        "Kept out",
        "Entries of the suppression list: keyed hashes of what identifies a person who objected or was erased. One"
        " person has several.",
        (Column("Kind of identifier"), Column("Reason"), Column("Entries", "count"), Column("Latest")),
        [(kind, reason, count, latest.date().isoformat()) for kind, reason, count, latest in rows],
        "Nobody is on the suppression list.",
        (
            ("Suppression entries", sum(row[2] for row in rows), "keyed hashes"),
            ("Readings stopped", int(stopped or 0), "of people on the list"),
        ),
    )
