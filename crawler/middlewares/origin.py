"""The rules of an origin, fetched once and kept: robots.txt, and its reservation of text and data mining.

A failed fetch is an answer too ("nothing may be fetched"), which holds for a growing while before we ask again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.middlewares import robots, tdm
from crawler.network import host_of, url_refusal
from crawler.refusal import Refused

#: RFC 9309, 2.4: a cached robots.txt should not be used for more than 24 hours.
KEEP = 24 * 3600.0
#: Seconds before an unreachable robots.txt is asked for again, doubled each time up to an hour.
BACK_OFF, LONGEST_BACK_OFF = 60.0, 3600.0

#: What a failed download raises, and the word for it.
FAILURES: dict[type[Exception], str] = {
    CannotResolveHostError: "host not found",
    DownloadCancelledError: "too long",
    DownloadConnectionRefusedError: "connection refused",
    DownloadTimeoutError: "timeout",
    DownloadFailedError: "connection lost",
    ResponseDataLossError: "cut short",
    ConnectError: "connection failed",
    ConnectionClosed: "connection lost",
    IgnoreRequest: "too long",  # the decompression limit
    OSError: "undecodable",  # a broken compressed body
}

Fetch = Callable[[str], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What an origin says: its robots.txt, and its reservations. `private` names a refused target, if it was one."""

    robots: robots.Robots
    reservations: tdm.Reservations = tdm.NONE


@dataclass(slots=True)
class _Entry:
    """The rules of an origin, or the task that fetches them; one that failed is kept to fail again."""

    held: Rules | asyncio.Future[Rules]
    until: float = float("inf")
    failures: int = 0


class Origins:
    """Fetches and keeps the rules of origins.

    `fetch` gets one URL without following redirects, whatever the status. `heard` is told the host and the delay in
    seconds that it asks for, before anything else is fetched there.
    """

    def __init__(
        self, fetch: Fetch, heard: Callable[[str, float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._heard = heard
        self._clock = clock
        self._entries: dict[str, _Entry] = {}

    async def rules(self, origin: str) -> Rules:
        """Return the rules of `http://host[:port]`; all who ask at once share one fetch.

        Raises Refused when the origin leads to a place that may not be reached.
        """
        entry = self._entries.get(origin)
        if entry is None or self._clock() >= entry.until:
            failures = entry.failures if entry else 0
            task = asyncio.ensure_future(self._load(origin))
            task.add_done_callback(lambda task: self._keep(origin, task))
            entry = self._entries[origin] = _Entry(task, failures=failures)
        return entry.held if isinstance(entry.held, Rules) else await asyncio.shield(entry.held)

    def _keep(self, origin: str, task: asyncio.Future[Rules]) -> None:
        entry = self._entries[origin]
        failed = task.cancelled() or task.exception()
        if not failed:
            entry.held = task.result()  # a finished task takes twice the room of what it found
        if failed or task.result().robots.unreachable:
            entry.until = self._clock() + min(BACK_OFF * 2**entry.failures, LONGEST_BACK_OFF)
            entry.failures += 1
        else:
            entry.until, entry.failures = self._clock() + KEEP, 0

    async def _load(self, origin: str) -> Rules:
        answer = await self._robots(f"{origin}/robots.txt")
        self._heard(host_of(origin), answer.delay)
        place = f"{origin}{tdm.PATH}"
        if answer.unreachable or not answer.verdict(place).allowed:
            return Rules(answer)
        try:
            response = await self._follow(place)
        except tuple(FAILURES):
            return Rules(answer, tdm.UNKNOWN)
        return Rules(answer, tdm.read(origin, response.status, response.body))

    async def _robots(self, url: str) -> robots.Robots:
        try:
            response = await self._follow(url)
        except tuple(FAILURES) as error:
            if isinstance(error, Refused):
                raise
            return robots.Robots(
                url, 0, unreachable=next(why for kind, why in FAILURES.items() if isinstance(error, kind))
            )
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return robots.read(url, response.status, response.body, content_type)

    async def _follow(self, url: str) -> Response:
        """Fetch a URL and follow up to five redirects; the last answer stands, a redirect too many included."""
        response = await self._fetch(url)
        for _ in range(robots.MAX_REDIRECTS):
            location = response.headers.get("Location")
            if not 300 <= response.status < 400 or not location:
                break
            url = urljoin(url, location.decode("latin-1").strip())
            if url_refusal(url):
                break
            response = await self._fetch(url)
        return response
