"""What a source used to give, read from the run ledger, and what became of runs that died."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from crawler import clock
from crawler.extensions.outcome import MOST_RUNS, Past
from crawler.items import MentionType, Property
from pipelines.master.models import MentionRow, RunRow, StatementRow
from pipelines.runs.lease import held

#: Earlier runs that are read: among them the comparable ones are looked for.
_LOOK_BACK = 4 * MOST_RUNS


@dataclass(frozen=True, slots=True)
class Died:
    """A run whose process went away without a word."""

    id: str
    source_id: str


def source_lease(source_id: str) -> str:
    """Return the name of the lease that a crawl of a source holds."""
    return f"source:{source_id}"


def previous(connection: Connection, source_id: str) -> list[Past]:
    """Return the earlier runs of a source that have ended, newest first."""
    query = (
        select(RunRow.outcome, RunRow.counts)
        .where(RunRow.source_id == source_id, RunRow.ended_at.is_not(None))
        .order_by(RunRow.started_at.desc(), RunRow.id)
        .limit(_LOOK_BACK)
    )
    return [Past(outcome, counts) for outcome, counts in connection.execute(query)]


def people_seen(connection: Connection, source_id: str, since: datetime) -> int:
    """Count the distinct people whom pages of a source showed, or were confirmed to show, since a time (UTC)."""
    query = (
        select(func.count(func.lower(StatementRow.normalised).distinct()))
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(
            MentionRow.source_id == source_id,
            MentionRow.type == MentionType.PERSON,
            StatementRow.property == Property.NAME,
            StatementRow.seen() >= since,
        )
    )
    return connection.scalar(query) or 0


def interrupt_dead(
    connection: Connection, sources: Collection[str] | None = None, mine: Collection[str] = ()
) -> list[Died]:
    """Classify as `interrupted` the open runs whose process no longer lives; of some sources, or of all.

    A living crawl holds the lease of its source, unless that is one of `mine`: a lease that the caller has just taken
    proves that nobody else holds it. Nothing is known of when a killed run ended, so it ends now.
    """
    now = clock.now()
    names = None if sources is None else [source_lease(source) for source in sources]
    alive = held(connection, names) - set(mine)
    query = select(RunRow.id, RunRow.source_id).where(RunRow.ended_at.is_(None))
    if sources is not None:
        query = query.where(RunRow.source_id.in_(sources))
    dead = [Died(*row) for row in connection.execute(query) if source_lease(row.source_id) not in alive]
    for run in dead:
        connection.execute(
            update(RunRow).where(RunRow.id == run.id).values(ended_at=now, outcome="interrupted", counts={"died": 1})
        )
    return dead
