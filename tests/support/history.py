"""What years leave in a filled store: decisions, requests, notices, exports, opt-outs, runs, and values that went.

`python -m tests.support.history URL` puts it into a store that `tests.support.filled` has filled.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, Column, Connection, insert, select, text, update
from sqlalchemy.engine import make_url

from crawler.items import Property
from pipelines.master.database import open_store
from pipelines.master.ids import content_id
from pipelines.master.models import Base, CaptureRow, DocumentRow, MentionRow, PersonRow, SourceRow, StatementRow
from pipelines.master.types import UtcDateTime
from pipelines.master.upsert import chunks

#: Restricted people and decisions of people: a handful in a store of any size.
FEW = 5
_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
_REASONS = [{"rule": "name.exact", "bits": 9.2, "sentence": "The names are equal."}]
_PURPOSE = "business-directory"


def add(connection: Connection) -> None:
    """Add to a filled store what grows with its people, in rows of every table that people's rights are kept in."""
    people = list(connection.scalars(select(PersonRow.id).order_by(PersonRow.id)))
    sources = list(connection.scalars(select(SourceRow.id).order_by(SourceRow.id)))
    for rows in (_decided(people), _told(people), _chosen(people, sources), _ran(sources)):
        for name, found in rows:
            _put(connection, name, found)
    _put(connection, "disclosed", _disclosed(connection))
    _age(connection)
    _read_again(connection)


def _put(connection: Connection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    table = Base.metadata.tables[name]
    for chunk in chunks(rows):
        whole = [{column.name: row.get(column.name, _blank(column)) for column in table.columns} for row in chunk]
        connection.execute(table.insert(), whole)


def _blank(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return {}
    return _AT if isinstance(column.type, UtcDateTime) else column.type.python_type()


def _decided(people: list[str]) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    def judged(kind: str, step: int, apart: int, **values: Any) -> Iterator[dict[str, Any]]:
        for place in range(0, len(people) - apart, step):
            left, right = sorted((people[place], people[place + apart]))
            yield {"id": _id(kind, left), "left_id": left, "right_id": right, "reasons": _REASONS, **values}

    yield "judgement", judged("open", 50, 1, verdict="review", probability=0.6, bits=1.0, by="learnt")
    yield "judgement", judged("no", 3, 2, verdict="different", probability=0.01, bits=-8.0, by="learnt")
    step = max(1, len(people) // FEW)
    yield "judgement", judged("human", step, 3, verdict="different", probability=0.0, bits=0.0, by="Ada", human=True)
    yield "redirect", ({"id": _id("merged", one), "target_id": one} for one in people[::7])
    yield "restriction", ({"mention_id": one, "request_id": _id("request", one), "ground": "accuracy"}
                          for one in people[4 :: len(people) // FEW])  # fmt: skip


def _told(people: list[str]) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    told = people[::2]
    yield "notice", ({"id": _id("notice", one), "purpose": _PURPOSE, "due_on": "2026-07-01", "clock": "month",
                      "template": "en-1", "recipients": [], "channel": "file"} for one in told)  # fmt: skip
    yield "notice_mention", ({"notice_id": _id("notice", one), "mention_id": one} for one in told)
    yield "disclosure", [{"id": _id("disclosure"), "recipient_id": "acme", "purpose": _PURPOSE, "format": "csv",
                          "people": len(people)}]  # fmt: skip
    asked = people[::50]
    dates = {"received_on": "2026-06-01", "due_on": "2026-07-01", "closed_at": _AT}
    yield "request", ({"id": _id("request", one), "kind": "access", **dates, "identity": "known", "outcome": "done",
                       "by": "Ada"} for one in asked)  # fmt: skip
    yield "request_subject", ({"request_id": _id("request", one), "hash": _hash("request", one), "kind": "email"}
                              for one in asked)  # fmt: skip


def _chosen(people: list[str], sources: list[str]) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    some = people[::20]
    yield "suppression", ({"hash": _hash("out", one), "kind": "email", "reason": "objection", "scope": scope}
                          for one in some for scope in ("all", "channel:email"))  # fmt: skip
    yield "consent", ({"id": _id("consent", one), "hash": _hash("consent", one), "kind": "email", "act": "given",
                       "purpose": _PURPOSE, "channel": "email"} for one in some)  # fmt: skip
    yield "screening", [{"id": _id("screening"), "register": "nl", "screened_on": "2026-06-01", "listed": len(some)}]
    yield "screened", ({"screening_id": _id("screening"), "hash": _hash("number", one), "listed": True} for one in some)
    yield "expiry", ({"hash": _hash("ended", one), "source_id": sources[place % len(sources)]}
                     for place, one in enumerate(people[::5]))  # fmt: skip


def _ran(sources: list[str]) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    runs = [(source, day) for source in sources for day in range(5)]
    yield "run", ({"id": _id("run", source, str(day)), "source_id": source, "spider": "company_site",
                   "started_at": _AT + timedelta(days=day), "ended_at": _AT + timedelta(days=day, hours=1),
                   "outcome": "finished", "counts": {"items": 10, "pages": 5}} for source, day in runs)  # fmt: skip
    yield "disposal", ({"run_id": _id("run", source, str(day)), "host": "firm.example", "stage": "minimise",
                        "category": "health", "location": "text", "rule": "word", "action": "dropped", "count": 3}
                       for source, day in runs)  # fmt: skip


def _disclosed(connection: Connection) -> Iterator[dict[str, Any]]:
    left = select(StatementRow.id, StatementRow.mention_id).where(StatementRow.property == Property.EMAIL.value)
    for statement, mention in connection.execute(left).all():
        yield {"disclosure_id": _id("disclosure"), "statement_id": statement, "mention_id": mention}


def _age(connection: Connection) -> None:
    """Let some values leave their pages, some be retired, and some pages be missing: by their ids, so a fixed share."""
    left = update(StatementRow).where(StatementRow.id.startswith("0"))
    at = {"last_seen": StatementRow.first_seen, "last_capture_id": StatementRow.first_capture_id}
    connection.execute(left.values(left_at=_AT, **at))
    gone = StatementRow.id.startswith("0"), StatementRow.property == Property.JOB_TITLE.value
    connection.execute(update(StatementRow).where(*gone).values(retired_at=_AT))
    missing = update(DocumentRow).where(DocumentRow.content_hash.startswith("0"))
    connection.execute(missing.values(state="missing", lost_since=_AT, missing_since=_AT))


def _read_again(connection: Connection) -> None:
    """Let `RUN` have read a few pages that say what they said."""
    first = select(CaptureRow.__table__).where(CaptureRow.source_id == "source-0").order_by(CaptureRow.url).limit(FEW)
    for row in connection.execute(first).mappings().all():
        again = {**row, "id": _id("again", row["url"]), "run_id": RUN, "fetched_at": _AT}
        connection.execute(insert(CaptureRow), again)
        shown = update(MentionRow).where(MentionRow.url == row["url"])
        connection.execute(shown.values(last_seen=_AT, last_capture_id=again["id"]))


def _id(*parts: str) -> str:
    return content_id("history", *parts)


def _hash(*parts: str) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()


#: A run that read a few pages.
RUN = _id("run", "source-0", "4")


if __name__ == "__main__":
    store = open_store(make_url(sys.argv[1]))
    with store.begin() as opened:
        add(opened)
        if opened.dialect.name == "postgresql":
            opened.execute(text("ANALYZE"))
    store.dispose()
