"""The time of day, asked for in one place, so that a test can set it and wait for nothing.

Clocks are set back: by hand, by a machine that woke up, by a server that was wrong before. What was seen later must
still be stored as later, or an old value would outrank a new one. So time never runs backwards within a process, and a
crawl does not start before what its source showed last.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGINNING = datetime.min.replace(tzinfo=UTC)


class _Clock:
    """Gives out times that never decrease."""

    def __init__(self) -> None:
        self._latest = _BEGINNING

    def now(self) -> datetime:
        self._latest = max(self._latest, _system())
        return self._latest

    def hold(self, moment: datetime) -> timedelta:
        self._latest = max(self._latest, moment)
        return max(moment - _system(), timedelta())

    def let_go(self) -> None:
        self._latest = _BEGINNING


_CLOCK = _Clock()


def now() -> datetime:
    """Return the present moment in UTC, with its zone; never an earlier one than before."""
    return _CLOCK.now()


def hold(moment: datetime) -> timedelta:
    """Give out no time before a moment, until the system's clock has passed it; return by how much that is behind."""
    return _CLOCK.hold(moment)


def let_go() -> None:
    """Trust the system's clock again, as a later crawl of this process may."""
    _CLOCK.let_go()


def _system() -> datetime:
    return datetime.now(UTC)
