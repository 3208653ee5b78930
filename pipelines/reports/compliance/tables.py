"""What a section is made of, and the rule for small counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from crawler.sources import SourceRegister

#: A count below this may be one person's: it is shown as "fewer than 5" (the usual threshold of official statistics).
LEAST_COUNT = 5
FEW = f"< {LEAST_COUNT}"

Cell = str | int
Kind = Literal["text", "code", "count", "state"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a section may ask: the store, today's register, the source that the report is narrowed to, and the time."""

    connection: Connection
    register: SourceRegister | None
    source_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how its cells are shown."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """A table: `id` names it in JSON and CSV and as an anchor; `tiles` are (label, number, remark) for the head."""

    id: str
    title: str
    lead: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str
    tiles: Sequence[tuple[str, int, str]] = field(default=())


def small(count: int) -> Cell:
    """Return a count of people as it may be shown."""
    return count if count >= LEAST_COUNT else FEW
