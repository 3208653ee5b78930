"""Waiting for a database that is away: how long, how often, and whom to tell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.errors import StoreError

#: Seconds before the second attempt; each later one waits twice as long, up to `_LONGEST`. A deadlock's loser finds the
#: way free at once, a server that restarts needs some seconds.
_FIRST, _LONGEST = 0.05, 5.0
#: Seconds after which a trouble is told: a lost race for a lock is nothing to tell of.
_TELL_AFTER = 1.0


def _unlimited_by_others() -> float:
    return float("inf")


def _nobody(_error: StoreError | None, _seconds: float) -> None:
    """Tell nobody."""


@dataclass
class Patience:
    """How long one trouble may last, in seconds; trouble is over with the first success.

    `bound` may shorten it, asked anew each time: whoever is told to stop does not wait as long as whoever may go on.
    `tell` hears of a trouble once it lasts, with the seconds that it may still take, and with None when it is over.
    When the patience has run out, what fails after that fails at once.
    """

    seconds: float = 0.0
    bound: Callable[[], float] = _unlimited_by_others
    tell: Callable[[StoreError | None, float], None] = _nobody
    _since: float | None = field(default=None, init=False)
    _pause: float = field(default=_FIRST, init=False)
    _told: bool = field(default=False, init=False)

    async def lasts(self, error: StoreError) -> bool:
        """Wait a while and return True; False when the trouble has lasted too long."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        left = min(self.seconds, self.bound()) - (now - self._since)
        if left <= 0:
            return False
        if not self._told and now - self._since >= _TELL_AFTER:
            self._told = True
            self.tell(error, left)
        await asyncio.sleep(min(self._pause, left))
        self._pause = min(2 * self._pause, _LONGEST)
        return True

    def over(self) -> None:
        """Take note of a success."""
        if self._told and self._since is not None:
            self.tell(None, time.monotonic() - self._since)
        self._since, self._pause, self._told = None, _FIRST, False
