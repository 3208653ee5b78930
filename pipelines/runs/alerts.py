"""Telling the operator that a source fails or drifts, and that it has recovered: once, and again after a day.

Through Apprise, whose URLs name a mailbox, a webhook or any of a hundred chat services, so that one variable is all the
configuration. Spidermon's actions were looked at and left: they run inside the crawl, so a killed crawl could tell
nobody and a plan of a hundred sources would send a hundred mails; its SMTP action needs a password even for a local
relay and builds on a Scrapy module that is being removed; and it has no webhook.

A message holds ids, words and numbers of the run ledger: no URL, nothing that a page said.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import URL, Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from crawler import clock
from crawler.extensions.outcome import Finding
from pipelines.master.database import connect, reading
from pipelines.master.faults import store_error
from pipelines.master.models import RunRow
from pipelines.master.operation import AlertRow

#: After this long, a trouble that goes on is told again.
REMINDER = timedelta(days=1)
#: Outcomes that somebody should know of. An interrupted run is one only when its process died.
TROUBLE = frozenset({"failed", "blocked", "refused", "empty", "expectation-missed"})


@dataclass(frozen=True, slots=True)
class Event:
    """How a source's run ended; `details` are sentences without personal values."""

    source_id: str
    outcome: str
    run_id: str = ""
    details: tuple[str, ...] = ()
    died: bool = False

    @property
    def trouble(self) -> bool:
        """Whether somebody should know of it."""
        return self.outcome in TROUBLE or (self.outcome == "interrupted" and self.died)


@dataclass(frozen=True, slots=True)
class Last:
    """What was last told about a source."""

    kind: str
    outcome: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a message: how many sources it told of, and sentences about channels that did not take it."""

    sources: int = 0
    troubles: tuple[str, ...] = ()


def due(event: Event, last: Last | None, now: datetime) -> str:
    """Return what to tell of an event: "trouble", "still", "recovered", or an empty string for nothing.

    Only a change of state is news; what goes on is told again after `REMINDER`, when the source has run again.
    """
    known = last is not None and last.kind != "recovered"
    if event.outcome == "interrupted" and not event.trouble:
        return ""  # whoever stopped it knows
    if not event.trouble:
        return "recovered" if known else ""
    if last is None or not known or last.outcome != event.outcome:
        return "trouble"
    return "still" if now - last.made_at >= REMINDER else ""


def tell(engine: Engine, configured: str, events: Sequence[Event]) -> Told:
    """Tell of what is due, in one message to every address in `configured` (Apprise URLs with spaces between them).

    What could not be delivered anywhere is not taken for told, so the next run tells it again. Never raises for a
    channel that fails: an alert must not fail a run.
    """
    if not configured.split() or not events:
        return Told()
    now = clock.now()
    with engine.begin() as connection:
        last = _last(connection, [event.source_id for event in events])
    news = [(event, kind) for event in events if (kind := due(event, last.get(event.source_id), now))]
    if not news:
        return Told()
    delivered, troubles = _send(configured.split(), *message(news))
    rows = [
        {"id": uuid.uuid4().hex, "source_id": event.source_id, "run_id": event.run_id, "kind": kind}
        | {"outcome": event.outcome, "made_at": now, "delivered": delivered}
        for event, kind in news
    ]
    with engine.begin() as connection:
        connection.execute(insert(AlertRow), rows)
    return Told(len(news), tuple(troubles))


def tell_of(url: URL, configured: str, source_id: str, outcome: str, remark: str = "") -> Told:
    """Tell of one crawl that has just ended; what it found is read from the run ledger."""
    engine = connect(url)
    try:
        with reading(engine) as connection:
            query = select(RunRow).where(RunRow.source_id == source_id, RunRow.ended_at.is_not(None))
            row = None if remark else connection.execute(query.order_by(RunRow.started_at.desc())).first()
        event = Event(source_id, outcome, row.id if row else "", details(row.counts if row else {}, remark))
        return tell(engine, configured, [event])
    except SQLAlchemyError as error:
        return Told(troubles=(f"Nobody could be told: {store_error(error, url)}",))
    finally:
        engine.dispose()


def details(counts: Mapping[str, Any], remark: str = "") -> tuple[str, ...]:
    """Return what a message says about a run: its findings, else its first numbers, then the remark."""
    findings = [str(Finding(**finding)) for finding in counts.get("findings", [])]
    turned_away = [
        f"{count} times {key.removeprefix('refusals/')}" for key, count in counts.items() if key.startswith("refusals/")
    ]
    numbers = [f"{counts.get('pages/read', 0)} pages read, {counts.get('people/found', 0)} people found"]
    return (*(findings or numbers if counts else ()), *turned_away, *([remark] if remark else []))


def message(news: Iterable[tuple[Event, str]]) -> tuple[str, str]:
    """Return title and text of a message."""
    listed = sorted(news, key=lambda one: (one[1] == "recovered", one[0].source_id))
    bad = sum(kind != "recovered" for _, kind in listed)
    parts = [f"{bad} in trouble"] * bool(bad) + [f"{len(listed) - bad} recovered"] * bool(len(listed) - bad)
    lines = [_line(event, kind) for event, kind in listed]
    return f"Cardfile: {', '.join(parts)}", "\n".join([*lines, "", "See: scrapy report runs"])


def _line(event: Event, kind: str) -> str:
    word = {"trouble": event.outcome, "still": f"still {event.outcome}", "recovered": "has recovered"}[kind]
    more = f" ({'; '.join(event.details)})" if event.details and kind != "recovered" else ""
    return f"- {event.source_id}: {word}{more}"


def _last(connection: Connection, source_ids: Sequence[str]) -> dict[str, Last]:
    query = select(AlertRow).where(AlertRow.source_id.in_(source_ids), AlertRow.delivered)
    rows = connection.execute(query.order_by(AlertRow.made_at))
    return {row.source_id: Last(row.kind, row.outcome, row.made_at) for row in rows}


def _send(addresses: Sequence[str], title: str, text: str) -> tuple[bool, list[str]]:
    """Send to every address; returns whether any took it, and a sentence for each that did not.

    The sentences number the addresses and do not quote them: they hold passwords.
    """
    from apprise import Apprise, NotifyType  # noqa: PLC0415  0.3 s that a run with nothing to tell need not spend

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it names mailboxes when it fails; we say so by number
    delivered, troubles = False, []
    for number, address in enumerate(addresses, 1):
        sender = Apprise()
        if not sender.add(address):
            troubles.append(f"CARDFILE_ALERTS: address {number} is none that Apprise knows; see docs/runs.md.")
        elif sender.notify(title=title, body=text, notify_type=NotifyType.WARNING):
            delivered = True
        else:
            troubles.append(f"CARDFILE_ALERTS: address {number} did not take the message; is its server reachable?")
    return delivered, troubles
