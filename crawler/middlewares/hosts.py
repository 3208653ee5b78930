"""What is known about hosts during a run: their pace, their cool-offs, and a record of how we behaved.

One instance a crawl. Statistics under `cardfile/host/<host>/` are the record that a run report shows: `requests`,
`min_gap` (seconds between the starts of two requests in a row), `max_concurrency`, `refused/<rule>`, `cooloff/<rule>`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from scrapy.statscollectors import StatsCollector

from crawler.middlewares.turns import HostTurns
from crawler.network import Targets
from crawler.refusal import refuse

#: Seconds between two requests to one public host, whatever the settings say: the pace of a patient reader.
MIN_DELAY = 1.0

#: Seconds of a cool-off that are waited for; a longer one ends the requests to its host.
PATIENCE = 30.0


@dataclass(slots=True)
class _Host:
    line: asyncio.Semaphore
    asked: float = 0.0
    active: int = 0
    last_start: float | None = None
    last_end: float = -math.inf
    cool_until: float = 0.0
    cool_rule: str = ""
    cooled: int = 0


class Hosts:
    """The hosts of one crawl. `turns` shares them with other processes and later runs; `clock` is monotonic (seconds).

    Hosts that the operator names as his own are his business: they wait for no turn, leave no trace, and take
    `own_concurrency` requests at a time.
    """

    def __init__(
        self,
        known: Targets,
        stats: StatsCollector,
        turns: HostTurns,
        clock: Callable[[], float] = time.monotonic,
        own_concurrency: int = 1,
    ) -> None:
        self._known = known
        self._stats = stats
        self._turns = turns
        self._clock = clock
        self._own_concurrency = own_concurrency
        self._hosts: dict[str, _Host] = {}

    def floor(self, host: str) -> float:
        """Return the seconds between two requests that may not be undercut: ours, or the host's own wish when longer.

        A host that the operator names as his own (CARDFILE_ALLOWED_PRIVATE_HOSTS) is bound by its own wish only.
        """
        return max(0.0 if self.is_own(host) else MIN_DELAY, self._of(host).asked)

    def is_own(self, host: str) -> bool:
        """Tell whether the operator has named this host as one that may be private."""
        return self._known.may_be_private(host)

    def ask(self, host: str, seconds: float) -> None:
        """Note the delay that a host asks for (Crawl-delay, Request-rate); the longest one counts."""
        state = self._of(host)
        state.asked = max(state.asked, seconds)

    @asynccontextmanager
    async def connected(self, host: str) -> AsyncIterator[None]:
        """Wait for the host's turn, and record one exchange with it for as long as the block runs.

        The pause runs from the end of one exchange to the start of the next: counted from start to start, what a
        server sees could be shorter than what it asked for.
        """
        state = self._of(host)
        async with AsyncExitStack() as stack:
            # Without a delay, Scrapy's slot lets a burst pass before it counts the first of it.
            await stack.enter_async_context(state.line)
            if not self.is_own(host):
                await stack.enter_async_context(self._turns.turn(host, self.floor(host)))
            await asyncio.sleep(max(0.0, state.last_end + self.floor(host) - self._clock()))
            await asyncio.sleep(self.patience(host))  # it may have asked for time while this request stood in line
            self._begin(host)
            try:
                yield
            finally:
                state.active -= 1
                state.last_end = self._clock()

    def _begin(self, host: str) -> None:
        state, now = self._of(host), self._clock()
        prefix = f"cardfile/host/{host}"
        if state.last_start is not None:
            self._stats.min_value(f"{prefix}/min_gap", round(now - state.last_start, 3))
        state.last_start = now
        state.active += 1
        self._stats.inc_value(f"{prefix}/requests")
        self._stats.max_value(f"{prefix}/max_concurrency", state.active)

    def cool(self, host: str, seconds: float, rule: str) -> None:
        """Leave a host alone for some seconds, in this run and in later ones, because of `rule`."""
        state = self._of(host)
        state.cooled += 1
        until = self._clock() + seconds
        if until > state.cool_until:
            state.cool_until, state.cool_rule = until, rule
            if not self.is_own(host):
                self._turns.cool(host, seconds, rule, state.cooled)
        self._stats.inc_value(f"cardfile/host/{host}/cooloff/{rule}")

    def cooling(self, host: str) -> tuple[float, str]:
        """Return the seconds for which a host is still left alone, and the rule; `(0, "")` when it is not."""
        state = self._of(host)
        left = state.cool_until - self._clock()
        return (left, state.cool_rule) if left > 0 else (0.0, "")

    def patience(self, host: str) -> float:
        """Return the seconds to wait before a request; raises Refused when the host wants to be left alone longer."""
        left, rule = self.cooling(host)
        if left > PATIENCE:
            raise refuse(self._stats, "cool-off", host, f"left alone after {rule}; ask again in a later run")
        return left

    def times_cooled(self, host: str) -> int:
        """Return how often a host was left alone in a row, earlier runs included: the exponent of the next back-off."""
        return self._of(host).cooled

    def _of(self, host: str) -> _Host:
        if host not in self._hosts:
            left, rule = (0.0, "") if self.is_own(host) else self._turns.cooling(host)
            times = 0 if self.is_own(host) else self._turns.times_cooled(host)
            line = asyncio.Semaphore(self._own_concurrency if self.is_own(host) else 1)
            until = self._clock() + left if left else 0.0
            self._hosts[host] = _Host(line, cool_until=until, cool_rule=rule, cooled=times)
        return self._hosts[host]
