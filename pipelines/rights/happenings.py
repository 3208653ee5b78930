"""What is announced to people beside their notices: events on record that have not been called off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from pipelines.master.answering import EventRow

#: How long before an event people are told at the latest: a month to object, as Article 12(3) gives for an answer.
AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Event:
    """An event that is ahead or was: `successor` has name, address and email, or nothing."""

    id: str
    kind: str
    on: date
    successor: Mapping[str, str]

    @property
    def purpose(self) -> str:
        """Under what a notice of it is recorded: who was told of it is not told again."""
        return f"event:{self.id}"

    @property
    def due_on(self) -> date:
        """The last day on which to tell people."""
        return self.on - AHEAD


def events(connection: Connection) -> list[Event]:
    """Return the events on record that were not called off, the earliest first."""
    query = select(EventRow.id, EventRow.kind, EventRow.on, EventRow.successor).where(EventRow.called_off_at.is_(None))
    rows = connection.execute(query.order_by(EventRow.on, EventRow.id))
    return [Event(row.id, row.kind, date.fromisoformat(row.on), row.successor) for row in rows]
