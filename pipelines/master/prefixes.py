"""Finding rows by the beginning of their id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute

#: A hexadecimal prefix shorter than this would match by accident.
SHORTEST = 6
_DIGITS = frozenset("0123456789abcdef")


def is_prefix(text: str) -> bool:
    """Return whether a text, already lower-case, may be the beginning of an id."""
    return len(text) >= SHORTEST and _DIGITS.issuperset(text)


def begins(column: InstrumentedAttribute[Any], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a hexadecimal id begins so.

    As a range, because neither database uses an index for LIKE: SQLite's ignores case, PostgreSQL's depends on the
    collation. Nothing hexadecimal sorts behind "g".
    """
    return and_(column >= prefix, column < f"{prefix}g")
