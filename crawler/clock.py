"""The time of day, asked for in one place, so that a test can set it and wait for nothing."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC, with its zone."""
    return datetime.now(UTC)
