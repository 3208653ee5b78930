"""The base of our spiders: a registered source in, mentions out."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler import clock, extraction, sources
from crawler.errors import DocumentError, UsageError
from crawler.extensions import Tally, find
from crawler.extensions.ledger import PAGES, REFUSED, UNCHANGED
from crawler.items import Capture, Disposal, Mention, Source
from crawler.links import Link, links, list_mark, same_site, sitemap
from crawler.memory import FetchMemory, Look, Sight
from crawler.middlewares import conduct
from crawler.middlewares.browser import LOOKED_AT
from crawler.middlewares.duplicates import Duplicate
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.incremental import SAME_BYTES
from crawler.navigation.roles import Role
from crawler.navigation.traps import MOST_TURNS
from crawler.page import Page
from crawler.refusal import Refused, Unchanged

logger = logging.getLogger(__name__)

Output = Mention | Request
#: Kinds whose pages name the publisher's own people, so that the publisher is the employer when a page names none.
OWN_PEOPLE = frozenset({"company-site", "annual-report", "press-release", "blog", "newsletter"})
#: A start URL is read first, and the list of all pages after the pages that promise most.
_FIRST, _SITEMAP = 100, 40
#: Answers by which a site says no, as against having nothing there.
_REFUSALS = frozenset({401, 403, 429, 451})


class ContactSpider(Spider):
    """Reads one registered source (`-a source=ID`) and yields its mentions.

    A subclass is named as its module and declares its shape: `kinds`, the kinds of source that it is made for; `worth`,
    what each role of a link is worth as a priority (a role that is missing is not followed); `reads_sitemaps`; `render`
    where every page has to be drawn by a browser. Where that does not say it, `links` does. Fetching, permission,
    extraction, budget and receipts are done here. Raises UsageError for an unknown argument and SourceError or
    RightsError when the source is not registered or may not be read.
    """

    kinds: ClassVar[frozenset[str]] = frozenset()
    worth: ClassVar[Mapping[Role, int]] = {}
    reads_sitemaps: ClassVar[bool] = False
    render: ClassVar[bool] = False
    source: Source

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Look the source up and give the crawl its budget."""
        source_id = kwargs.pop("source", None)
        if args or kwargs:
            unknown = ", ".join(sorted(kwargs)) or "positional"
            raise UsageError(f"Spider {cls.name} does not know the argument {unknown}; it takes -a source=ID.")
        if not source_id:
            raise UsageError(f"Spider {cls.name} needs a registered source: scrapy crawl {cls.name} -a source=ID.")
        source = sources.load(crawler.settings["CARDFILE_SOURCES"]).get(source_id)
        if source.spider != cls.name:
            raise UsageError(f"Source {source.id!r} is read by spider {source.spider!r}, not by {cls.name!r}.")
        conduct.check(crawler)
        sources.require_current(source, clock.now().date())
        source = replace(source, budget=source.budget.within(crawler.settings.getdict("CARDFILE_BUDGET")))
        crawler.settings.set("DEPTH_LIMIT", source.budget.depth, priority="spider")
        crawler.settings.set("CLOSESPIDER_TIMEOUT", source.budget.seconds, priority="spider")
        spider = super().from_crawler(crawler)
        spider.source = source
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Yield the start URLs, then the sitemaps of their hosts: those that robots.txt names, else the usual one."""
        for url in self.source.start_urls:
            yield self.request(Link(url, _FIRST), start_url=True)
        for url in await self._sitemaps() if self.reads_sitemaps else ():
            yield self._sitemap_request(url)

    def request(self, link: Link, *, start_url: bool = False) -> Request:
        """Return the request for a link, in the browser when the source or the spider asks for it."""
        meta = {"start_url": start_url, "render": self.source.render or self.render}
        return Request(link.url, self.parse, priority=link.priority, errback=self.failed, meta=meta)

    def links(self, page: Page) -> Iterator[Link]:
        """Yield where to go from a page: what `worth` finds worth it."""
        yield from links(page, self.worth, self.source.start_urls) if self.worth else ()

    def parse(self, response: Response) -> Iterator[Output]:
        """Yield the mentions and the onward requests of one response, as far as the page's directives allow."""
        directives = response.meta.get("directives", frozenset())
        same = response.meta.get(SAME_BYTES)
        try:
            page = self.page(response)
            found = list(self.mentions(page, response)) if "noindex" not in directives and not same else []
        except DocumentError as error:
            self._count("cardfile/pages/unreadable")
            self._count(f"cardfile/pages/unreadable/{error.reason}")
            logger.warning("A document of %s was not read: %s", self._host(response.url), error)
            return
        self._count(UNCHANGED if same else PAGES)
        response.meta["capture"] = self.capture(page, response)  # what the page says is known: see Revisit
        yield from found
        if "nofollow" not in directives:
            yield from self._onward(page, response)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Yield requests for what a sitemap lists, and for the sitemaps that it names."""
        if not self.source.budget.depth:
            return
        pages, further = sitemap(self.page(response), self.worth, self.source.start_urls)
        yield from (self.request(link) for link in sorted(pages, key=lambda link: -link.priority))
        yield from (self._sitemap_request(url) for url in further)

    def _onward(self, page: Page, response: Response) -> Iterator[Request]:
        """Yield the requests that a page leads to; turning the page of a list goes no deeper, but not for ever."""
        turns, mark = response.meta.get("turns", 0), response.meta.get("list_mark", "")
        # Sorted, because the first to leave may be on their way before the last is in the queue.
        for link in sorted(self.links(page), key=lambda link: -link.priority):
            if not (link.turns or self.source.budget.depth):
                continue  # to Scrapy a depth of 0 is no limit
            request = self.request(link)
            if link.turns:
                if turns == MOST_TURNS or list_mark(page) == mark:
                    self._count("cardfile/links/list-ended")
                    continue
                request.meta.update(turns=turns + 1, list_mark=list_mark(page), depth_reset=True)
            yield request

    async def _sitemaps(self) -> list[str]:
        gate = self.crawler.get_downloader_middleware(SiteRights)
        found: dict[str, None] = {}
        for origin in dict.fromkeys(urljoin(url, "/") for url in self.source.start_urls):
            named = [urljoin(origin, url) for url in (await gate.sitemaps(origin) if gate else ())]
            own = [url for url in named if same_site(url, Page(origin, b"").host)]
            found.update(dict.fromkeys(own or [urljoin(origin, "/sitemap.xml")]))
        return list(found)

    def _sitemap_request(self, url: str) -> Request:
        return Request(url, self.parse_sitemap, priority=_SITEMAP, errback=self.no_sitemap)

    def no_sitemap(self, failure: Failure) -> None:
        """Leave it at that: most sites have no sitemap. A method, because a job folder can keep nothing else."""

    def page(self, response: Response) -> Page:
        """Narrow a response to what an extractor may see, once: a middleware may have looked at it."""
        looked_at = response.request.meta.pop(LOOKED_AT, None) if response.request else None
        if isinstance(looked_at, Page) and looked_at.url == response.url and looked_at.body is response.body:
            return looked_at
        media_type, _, charset = _content_type(response).partition(";")
        return Page(
            url=response.url,
            body=response.body,
            media_type=media_type.strip().lower(),
            charset=charset.partition("charset=")[2].strip(" \"'"),
            country=self.source.country,
            language=self.source.language,
            publisher=self.source.publisher if self.source.kind in OWN_PEOPLE else "",
        )

    def mentions(self, page: Page, response: Response) -> Iterator[Mention]:
        """Yield the page's mentions, each with the capture it stands on."""
        disposals: list[Disposal] = []
        found = extraction.mentions(page, disposals=disposals)
        if disposals and (tally := find(self.crawler, Tally)):
            tally.tally(page.host, disposals)
        capture = self.capture(page, response)
        for mention in found:
            mention.capture = capture
            mention.country = mention.country or self.source.country
            yield mention

    def capture(self, page: Page, response: Response) -> Capture:
        """Return the receipt of this fetch; the rights gate has put the permission into the response's meta.

        A drawn page keeps no validators: they would vouch for its document, and what it shows comes from elsewhere.
        """
        drawn = response.meta.get("rendered", False)
        return Capture(
            source_id=self.source.id,
            url=response.url,
            fetched_at=response.meta["fetched_at"],
            content_hash=page.content_hash,
            permission=response.meta["permission"],
            status=response.status,
            media_type=page.media_type,
            etag="" if drawn else _header(response, "ETag"),
            last_modified="" if drawn else _header(response, "Last-Modified"),
            rendered=drawn,
        )

    def failed(self, failure: Failure) -> Iterator[Request]:
        """Count a page that did not come; say so when it was a start URL, for then the source is lost.

        A page that has not changed leads where it led when it was read.
        """
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        error = failure.value
        if isinstance(error, Unchanged):
            self._count(UNCHANGED)
            for known in error.links:
                onward = self.request(Link(known.url, known.priority))
                onward.meta["depth"] = known.depth
                yield onward
            return
        if isinstance(error, Duplicate):
            self._count("cardfile/pages/duplicate")
            if memory := find(self.crawler, FetchMemory):  # what it said before is said by the page that stands for it
                memory.look(Look(request.url, Sight.GONE, clock.now(), "duplicate"))
            return
        reason = str(error) if isinstance(error, IgnoreRequest) else type(error).__name__
        refused = isinstance(error, Refused)
        if isinstance(error, HttpError):
            reason = f"HTTP status {error.response.status}"
            refused = error.response.status in _REFUSALS
        self._count(REFUSED if refused else "cardfile/pages/failed")
        if request.meta.get("start_url"):
            logger.error(
                "Source %s: its start URL on %s was not read (%s); check it in the source register.",
                self.source.id,
                self._host(request.url),
                reason,
            )

    def _count(self, key: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(key)

    @staticmethod
    def _host(url: str) -> str:
        return Page(url, b"").host


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name) if response.headers else None
    return value.decode("latin-1") if value else ""


def _content_type(response: Response) -> str:
    return _header(response, "Content-Type") or "application/octet-stream"
