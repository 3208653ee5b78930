"""When a page showed what: the readings of one mention drawn together, in any order, each once. Pure.

A statement that the latest reading shows carries no last sight of its own: it is that of its mention. So a page that
says what it always said moves one row of each mention and none of the statements, which are ten times as many. What
the latest reading lacks keeps the capture that showed it last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

#: A row of `statement` by column.
Row = dict[str, Any]


class Sight(NamedTuple):
    """When something was shown and by which capture; the later one counts, of two at one time the greater id."""

    at: datetime
    capture_id: str


class Stored(NamedTuple):
    """A mention as it is stored: its last sight, and the rows of its statements."""

    sight: Sight
    rows: list[Row]


class Change(NamedTuple):
    """What readings change of a mention: rows to write, statements new to the master, how many left it at once."""

    rows: list[Row]
    fresh: set[str]
    retired: int


def changed(stored: Stored | None, latest: Sight, offered: Mapping[str, Row], *, looked_at: bool) -> Change:
    """Draw what is stored of a mention together with readings of it, the last of which was `latest`.

    `offered` holds one row for each statement that they show, by id, with its own last sight (`united` makes one of
    several). `looked_at` says that one of them looked at the mention itself and was not the first: what it answers
    otherwise is retired at once. What a page only no longer says leaves after a grace period, see `pipelines.revisits`.
    """
    sight, said = stored or (latest, [])
    before = {row["id"]: row for row in said}
    known = {row["id"]: _seen(row, sight) for row in said}
    now = max(sight, latest)
    rows = {**known, **{key: _merged(known.get(key), row) for key, row in offered.items()}}
    fresh = {key for key in offered if key not in known or not _is_live(known[key])}
    retired = _retire(rows, now.at) if looked_at else 0
    written = (_standing(row) if (row["last_seen"], row["last_capture_id"]) == now else row for row in rows.values())
    return Change([row for row in written if row != before.get(row["id"])], fresh, retired)


def united(one: Row, other: Row) -> Row:
    """Return two readings of one statement as one: the latest and surest reading, the earliest first sight."""
    latest, earlier = (one, other) if _rank(one) >= _rank(other) else (other, one)
    first = min(one, other, key=_first)
    return {
        **latest,
        "confidence": max(latest["confidence"], earlier["confidence"]),
        "first_seen": first["first_seen"],
        "first_capture_id": first["first_capture_id"],
    }


_rank = itemgetter("last_seen", "last_capture_id", "confidence", "method", "locator", "original", "evidence")
_first = itemgetter("first_seen", "first_capture_id")
#: When a statement was found to be gone; a later sight of it takes them back.
_ENDS = ("left_at", "retired_at", "quarantined_at")


def _merged(stored: Row | None, offered: Row) -> Row:
    if stored is None:
        return offered
    ends = {name: None if (end := stored[name]) and offered["last_seen"] >= end else end for name in _ENDS}
    return {**united(stored, offered), **ends}


def _retire(rows: dict[str, Row], now: datetime) -> int:
    """Put rows that are retired in the place of those whose question another statement answers now; return how many."""
    answered = {row["property"] for row in rows.values() if row["last_seen"] == now}
    gone = [row for row in rows.values() if row["retired_at"] is None and row["last_seen"] < now]
    gone = [row for row in gone if row["property"] in answered]
    for row in gone:
        left = row["left_at"] or now
        rows[row["id"]] = {**row, "left_at": left, "retired_at": left}
    return len(gone)


def _is_live(row: Row) -> bool:
    return row["retired_at"] is None and row["quarantined_at"] is None


def _seen(row: Row, sight: Sight) -> Row:
    """Return a row with a last sight, that of its mention where it has none of its own."""
    return row if row["last_seen"] else {**row, "last_seen": sight.at, "last_capture_id": sight.capture_id}


def _standing(row: Row) -> Row:
    return {**row, "last_seen": None, "last_capture_id": None}
