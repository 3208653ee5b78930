"""Conditional requests: a page that has not changed is confirmed, not read again (RFC 9110, section 13).

It also tells the memory what became of each known page that did not come: which status, which refusal, no answer.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler import clock
from crawler.extensions import find
from crawler.extensions.stopping import Stopping
from crawler.items import Capture, Source
from crawler.memory import BY_STATUS, NOT_ASKED, PERMANENT, RESERVATIONS, FetchMemory, Known, Look, Sight, mark
from crawler.middlewares.gate import SiteRights, with_signals
from crawler.middlewares.origin import FAILURES
from crawler.middlewares.signals import NOINDEX
from crawler.network import host_of
from crawler.parts import stats_of
from crawler.refusal import Refused, Unchanged, refuse

_HEADERS = ("If-None-Match", "If-Modified-Since")
#: In the meta of a request for a page whose links are wanted: it must come in full.
IN_FULL = "in_full"
#: In the meta of a response whose body is the one that was read last time.
SAME_BYTES = "same_bytes"


class Incremental:
    """Downloader middleware: asks for what changed, and confirms what did not.

    A 304 raises Unchanged (an IgnoreRequest) with the known pages that the page led to; a body that is the same byte
    for byte arrives with `same_bytes` in its meta, so that it is not read again. `cardfile/fetch/conditional` and
    `cardfile/fetch/unchanged` count. Pages drawn by script are asked for in full: their document says nothing about
    their data. A 304 that now forbids storing (X-Robots-Tag) confirms nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self._memory: FetchMemory | None = None
        #: The pages that were confirmed by a 304, with the marks of the links that they led to.
        self.confirmed: dict[str, frozenset[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware; the memory is looked up once all extensions stand."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_opened, signals.spider_opened)
        return middleware

    def spider_opened(self) -> None:
        """Find the extension that remembers."""
        self._memory = find(self._crawler, FetchMemory)

    def process_request(self, request: Request) -> None:
        """Add the validators of the last capture to a page request."""
        request.meta.pop(SAME_BYTES, None)
        if request.meta.pop("conditional", False):
            for name in _HEADERS:  # a redirect or a retry carries them along; the last capture may be another now
                request.headers.pop(name, None)
        known = self._known(request)
        if known is None or not known.conditional or request.meta.get(IN_FULL) or request.meta.get("render"):
            return
        if any(name in request.headers for name in _HEADERS):
            return
        validators = zip(_HEADERS, (known.etag, known.last_modified), strict=True)
        found = {name: value for name, value in validators if value and value.isascii() and value.isprintable()}
        if found:
            request.headers.update(found)
            request.meta["conditional"] = True
            self._stats.inc_value("cardfile/fetch/conditional")

    async def process_response(self, request: Request, response: Response) -> Response:
        """Let a response pass, or confirm the last capture and end the request."""
        if self._memory is None or request.callback is NO_CALLBACK:
            return response
        if response.status == 304 and request.meta.get("conditional"):
            raise await self._unchanged(request, response)
        if response.status >= 400:
            self._missed(request, BY_STATUS.get(response.status, Sight.UNREACHABLE), str(response.status))
        elif 200 <= response.status < 300:
            self._moved(request)
            known = self._memory.recall(response.url)
            if known and known.same_bytes and known.same_bytes == sha256(response.body).hexdigest():
                request.meta[SAME_BYTES] = True
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note what kept a known page from coming; whoever handles the exception goes on with it."""
        stopping = self._crawler.get_extension(Stopping)
        if self._memory is None or request.callback is NO_CALLBACK or (stopping and stopping.begun):
            return
        if isinstance(exception, Refused):
            if exception.rule not in NOT_ASKED:
                reserved = exception.rule in RESERVATIONS
                self._missed(request, Sight.RESERVED if reserved else Sight.UNREACHABLE, exception.rule)
        elif not isinstance(exception, IgnoreRequest):  # the budget says nothing about the page
            why = next((why for kind, why in FAILURES.items() if isinstance(exception, kind)), "no answer")
            self._missed(request, Sight.UNREACHABLE, why)

    async def _unchanged(self, request: Request, response: Response) -> Unchanged | Refused:
        assert self._memory is not None
        now, host = clock.now(), host_of(request.url)
        gate = self._crawler.get_downloader_middleware(SiteRights)
        found = gate.read_signals(response, now) if gate else None
        if gate is None or found is None or NOINDEX in found.directives:
            self._missed(request, Sight.RESERVED, "noindex")
            return refuse(self._stats, "noindex", host, "unchanged, but no longer to be stored")
        known = self._memory.recall(request.url)
        source = getattr(self._crawler.spider, "source", None)
        if known and isinstance(source, Source):
            capture = Capture(
                source_id=source.id,
                url=request.url,
                fetched_at=now,
                content_hash=known.same_bytes,
                permission=with_signals(request.meta["permission"], found.seen),
                status=304,
                media_type="",
                etag=known.etag,
                last_modified=known.last_modified,
            )
            self._memory.look(Look(request.url, Sight.SAME, now, capture=capture))
        self._moved(request)
        self._stats.inc_value("cardfile/fetch/unchanged")
        return Unchanged(f"{host}: unchanged since the last capture", await self._led_to(request.url))

    async def _led_to(self, url: str) -> list[Known]:
        """Return the known pages that a page led to when it was read, those that promise most first."""
        assert self._memory is not None
        links = (await self._memory.links([url])).get(url, frozenset())
        self.confirmed[url] = links
        found = [known for known in self._memory.known() if mark(known.url) in links]
        return sorted(found, key=lambda known: (-known.priority, known.url))

    def _known(self, request: Request) -> Known | None:
        if self._memory is None or request.method != "GET" or request.callback is NO_CALLBACK:
            return None
        return self._memory.recall(request.url)

    def _missed(self, request: Request, sight: Sight, reason: str) -> None:
        """Note for a page, and for those that led to it by redirects, that it did not come."""
        assert self._memory is not None
        now = clock.now()
        for url in (*request.meta.get("redirect_urls", ()), request.url):
            self._memory.look(Look(url, sight, now, reason))

    def _moved(self, request: Request) -> None:
        """Note the pages that led here by redirects: their values stand or fall with what stands here."""
        assert self._memory is not None
        reasons = request.meta.get("redirect_reasons", ())
        for url, reason in zip(request.meta.get("redirect_urls", ()), reasons, strict=False):
            if url != request.url:
                sight = Sight.GONE if reason in PERMANENT else Sight.MISSING
                self._memory.look(Look(url, sight, clock.now(), str(reason)))
