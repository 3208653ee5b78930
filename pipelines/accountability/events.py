"""Events that people have to be told of before they happen: the sale of the company, the end of the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, insert, update

from pipelines.errors import UsageError
from pipelines.master.answering import EventRow
from pipelines.master.ids import content_id
from pipelines.rights.happenings import Event, events


def announce(
    connection: Connection, kind: str, on: date, successor: Mapping[str, str], *, now: datetime, by: str
) -> str:
    """Record an event and return its id; `successor` has name, address and email for a sale, nothing otherwise.

    Raises UsageError for a day that lies behind, a sale to nobody, and an event that is on record already.
    """
    if on <= now.date():
        raise UsageError(f"{on} is not ahead: people are told before it happens.")
    whole = all(successor.get(key) for key in ("name", "address", "email"))
    if not whole if kind == "sale" else bool(successor):
        raise UsageError("A sale names who takes over (--name, --address, --email); a withdrawal nobody.")
    found = content_id("event", kind, on.isoformat(), successor.get("name", ""))
    if any(one.id == found for one in events(connection)):
        raise UsageError("That is on record already; `scrapy event list` shows it.")
    row = {
        "id": found, "kind": kind, "on": on.isoformat(), "successor": dict(successor), "recorded_at": now,
        "called_off_at": None, "by": by,
    }  # fmt: skip
    connection.execute(insert(EventRow), [row])
    return found


def call_off(connection: Connection, wanted: str, now: datetime) -> Event:
    """Call an event off, named by its id or the beginning of it; nobody is told of it from then on."""
    found = [one for one in events(connection) if wanted and one.id.startswith(wanted)]
    if len(found) != 1:
        raise UsageError(f"{len(found)} events answer to {wanted!r}; `scrapy event list` names them.")
    connection.execute(update(EventRow).where(EventRow.id == found[0].id).values(called_off_at=now))
    return found[0]
