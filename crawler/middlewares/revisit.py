"""Known pages: those that no link leads to any more are asked for too, and every page says where it led."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response

from crawler import clock
from crawler.extensions import find
from crawler.items import Source
from crawler.links import Link
from crawler.marks import Marks
from crawler.memory import FetchMemory, Known, Look, Sight, mark
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.incremental import IN_FULL, SAME_BYTES, Incremental
from crawler.middlewares.signals import NOINDEX
from crawler.parts import engine_of, stats_of

#: The part of the page budget that known pages may take before any link is followed: new pages need the other.
_SHARE = 2


class Revisit:
    """Spider middleware: starts from known pages that are due, and tells the memory what was read.

    At the start, due pages are asked for, the one that waited longest first, for up to half of the page budget. Of all
    others the site is asked whether they may still be read, which costs no page. At the end, a page that had not
    changed is asked for in full when it alone led to pages that nobody has asked for. Statistics:
    `cardfile/revisit/due`, `cardfile/revisit/reserved`, `cardfile/revisit/for-links`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self._asked = Marks()
        self._read_for_links: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware and listen to what is asked for."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.request_scheduled, signals.request_scheduled)
        crawler.signals.connect(middleware.spider_idle, signals.spider_idle)
        return middleware

    @cached_property
    def _memory(self) -> FetchMemory | None:
        return find(self._crawler, FetchMemory)

    @property
    def _source(self) -> Source | None:
        source = getattr(self._crawler.spider, "source", None)
        return source if isinstance(source, Source) else None

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield the spider's own start, then the known pages that are due."""
        own = set()
        async for request in start:
            own.add(getattr(request, "url", ""))
            yield request
        memory, source = self._memory, self._source
        if memory is None or source is None or source.acquisition:  # what came as a file is on no site
            return
        pages = [page for page in memory.known() if page.url not in own]
        due = [page for page in pages if page.due][: max(1, source.budget.pages // _SHARE)]
        for page in due:
            self._stats.inc_value("cardfile/revisit/due")
            yield self._request(page)
        chosen = {page.url for page in due}
        for page in pages:
            if page.url not in chosen:
                await self._ask_rights(memory, page.url)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Pass on what a callback yields; when it has yielded all, tell the memory that its page was read."""
        links = []
        async for one in result:
            if isinstance(one, Request):
                links.append(mark(one.url))
            yield one
        if memory := self._memory:
            self._note(memory, response, tuple(dict.fromkeys(links)))

    def request_scheduled(self, request: Request) -> None:
        """Remember what was asked for, also where the budget or the site forbade it."""
        self._asked.add(mark(request.url))

    def spider_idle(self) -> None:
        """Ask in full for the confirmed page that alone leads to most pages that nobody has asked for, if there is one.

        One at a time: its links may be all that the others miss.
        """
        memory = self._memory
        confirmed = self._crawler.get_downloader_middleware(Incremental)
        if memory is None or confirmed is None:
            return
        missing = {
            url: left
            for url, links in confirmed.confirmed.items()
            if url not in self._read_for_links and (left := sum(link not in self._asked for link in links))
        }
        page = memory.recall(min(missing, key=lambda url: (-missing[url], url))) if missing else None
        if page is None:
            return
        self._read_for_links.add(page.url)
        self._stats.inc_value("cardfile/revisit/for-links")
        engine_of(self._crawler).crawl(self._request(page, **{IN_FULL: True}).replace(dont_filter=True))
        raise DontCloseSpider

    def _note(self, memory: FetchMemory, response: Response, links: tuple[str, ...]) -> None:
        meta = response.meta
        if NOINDEX in meta.get("directives", ()):
            memory.look(Look(response.url, Sight.RESERVED, meta["fetched_at"], "noindex"))
        elif capture := meta.get("capture"):
            sight = Sight.SAME if meta.get(SAME_BYTES) else Sight.SHOWN
            depth, priority = meta.get("depth", 0), response.request.priority if response.request else 0
            memory.look(Look(response.url, sight, capture.fetched_at, "", capture, links, depth, priority))

    async def _ask_rights(self, memory: FetchMemory, url: str) -> None:
        gate = self._crawler.get_downloader_middleware(SiteRights)
        if gate and (rule := await gate.reservation(url)):
            self._stats.inc_value("cardfile/revisit/reserved")
            memory.look(Look(url, Sight.RESERVED, clock.now(), rule))

    def _request(self, page: Known, **meta: Any) -> Request:
        request: Request = self._crawler.spider.request(Link(page.url, page.priority))  # type: ignore[union-attr]
        request.meta.update(depth=page.depth, **meta)
        return request
