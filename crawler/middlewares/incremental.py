"""Conditional requests: a page that has not changed is confirmed, not read again (RFC 9110, section 13)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol, Self, runtime_checkable

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.extensions import find
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.signals import NOINDEX
from crawler.network import host_of
from crawler.parts import stats_of
from crawler.refusal import Unchanged, refuse

_HEADERS = ("If-None-Match", "If-Modified-Since")


@runtime_checkable
class FetchMemory(Protocol):
    """What remembers earlier fetches: the store, when a crawl has one."""

    async def validators(self, url: str) -> tuple[str, str] | None:
        """Return the ETag and Last-Modified of the last capture of a URL, either perhaps empty; None without one."""

    async def unchanged(self, url: str, fetched_at: datetime) -> None:
        """Note that the last capture of a URL still held at a time (UTC)."""


class Incremental:
    """Downloader middleware: asks for what changed, and confirms what did not.

    A 304 raises Unchanged (an IgnoreRequest) once the memory has noted it; `cardfile/fetch/conditional` and
    `cardfile/fetch/unchanged` count. Pages drawn by script are asked for in full: their document says nothing about
    their data. A 304 that now forbids storing (X-Robots-Tag) confirms nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self._memory: FetchMemory | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware; the memory is looked up once all extensions stand."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_opened, signals.spider_opened)
        return middleware

    def spider_opened(self) -> None:
        """Find the extension that remembers."""
        self._memory = find(self._crawler, FetchMemory)

    async def process_request(self, request: Request) -> None:
        """Add the validators of the last capture to a page request."""
        if request.meta.pop("conditional", False):
            for name in _HEADERS:  # a redirect or a retry carries them along; the last capture may be another now
                request.headers.pop(name, None)
        if self._memory is None or request.method != "GET" or request.callback is NO_CALLBACK:
            return
        if request.meta.get("render") or any(name in request.headers for name in _HEADERS):
            return
        found = [
            (name, value)
            for name, value in zip(_HEADERS, await self._memory.validators(request.url) or (), strict=False)
            if value and value.isascii() and value.isprintable()
        ]
        if found:
            request.headers.update(dict(found))
            request.meta["conditional"] = True
            self._stats.inc_value("cardfile/fetch/conditional")

    async def process_response(self, request: Request, response: Response) -> Response:
        """Let a response pass, or confirm the last capture and end the request."""
        if response.status != 304 or self._memory is None or not request.meta.get("conditional"):
            return response
        now = datetime.now(UTC)
        host = host_of(request.url)
        gate = self._crawler.get_downloader_middleware(SiteRights)
        if gate is None or NOINDEX in gate.read_signals(response, now).directives:
            raise refuse(self._stats, "noindex", host, "unchanged, but no longer to be stored")
        await self._memory.unchanged(request.url, now)
        self._stats.inc_value("cardfile/fetch/unchanged")
        raise Unchanged(f"{host}: unchanged since the last capture")
