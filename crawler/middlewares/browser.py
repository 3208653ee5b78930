"""Pages that are drawn by script: fetched over HTTP like any other, then drawn by a Chromium that has no network.

So there is one gate for both: the document and each sub-request go through the same middlewares, slots, delays and
limits. `request.meta["render"] = True` asks for it; a page that turns out to be empty without its scripts is drawn
without being asked for, from the document that has arrived, as often as the source's budget allows.
"""

from __future__ import annotations

import logging
from typing import Protocol, Self, runtime_checkable

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawler import clock
from crawler.errors import UsageError
from crawler.items import Source
from crawler.middlewares.chromium import NoBrowser
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.renderer import Renderer, RenderError
from crawler.middlewares.signals import NOINDEX, Signals
from crawler.middlewares.view import View
from crawler.navigation.emptiness import is_empty_without_scripts
from crawler.page import Page
from crawler.parts import engine_of, stats_of

logger = logging.getLogger(__name__)

#: Seconds and bytes that one sub-request may take.
_SUBREQUEST_TIMEOUT, _SUBREQUEST_MAXSIZE = 15.0, 4 * 1024 * 1024
#: Bytes of scripts that are kept for the next page of the site, so that they are fetched once a run.
_KEPT_BYTES = 32 * 1024 * 1024
#: How often a page is drawn before it is taken as it was sent.
_ATTEMPTS = 2


#: Where a request holds the page that its answer was read as, for its spider to go on with.
LOOKED_AT = "looked_at"


@runtime_checkable
class _Reader(Protocol):
    """A spider that says how a response is read as a page."""

    def page(self, response: Response) -> Page: ...


class Browser:
    """Downloader middleware: draws the documents for which `request.meta["render"]` is set, and those that are empty.

    A document that cannot be drawn arrives as it was sent, with `rendered` False, and is counted:
    `cardfile/browser/<word>` with `rendered`, `deadline`, `memory`, `crashed`, `none`, `subrequests`; `on-demand`
    counts those that nobody asked to be drawn, `over-budget` those that were left as they were sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self._deadline = crawler.settings.getfloat("CARDFILE_RENDER_TIMEOUT")
        self._renderer: Renderer | None = None
        self._missing = False
        self._scripts: dict[str, Response] = {}
        self._kept = 0
        self._on_demand = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware; the browser itself starts with the first page that needs it."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.close, signals.engine_stopped)
        return middleware

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the drawn document where one is asked for and the page may be stored at all."""
        if response.status != 200 or not isinstance(response, HtmlResponse):
            return response
        asked = bool(request.meta.get("render"))
        if not asked and not self._is_empty(request, response):
            return response
        found = self._gate.read_signals(response, clock.now())
        if NOINDEX in found.directives or not (asked or self._spend()):
            return response
        if self._missing:
            self._stats.inc_value("cardfile/browser/none")
            return response
        view = View(response, self._fetch, budget=self._deadline / 2)
        body = await self._draw(view)
        if body is None:
            return response
        for answer in view.answers:
            found |= self._gate.read_signals(answer, clock.now())
        # What the document said before its scripts ran still holds.
        request.meta["source_signals"] = Signals(found.directives, found.seen)
        request.meta["rendered"] = True
        self._stats.inc_value("cardfile/browser/rendered")
        self._stats.inc_value("cardfile/browser/subrequests", view.asked)
        headers = response.headers.copy()
        headers["Content-Type"] = "text/html; charset=utf-8"
        return response.replace(headers=headers, body=body, encoding="utf-8")

    async def close(self) -> None:
        """Close the browser at the end of the crawl."""
        if self._renderer is not None:
            await self._renderer.close()

    def _is_empty(self, request: Request, response: HtmlResponse) -> bool:
        """Tell whether a page, as against what a page or a robots.txt look-up asks for, says nothing as it was sent.

        It is the page as the spider will read it, and is left for the spider: parsing it is half the cost of the look.
        """
        if request.callback is NO_CALLBACK:
            return False
        if isinstance(self._crawler.spider, _Reader):
            page = request.meta[LOOKED_AT] = self._crawler.spider.page(response)
        else:
            page = Page(response.url, response.body, charset=response.encoding)
        return is_empty_without_scripts(page)

    def _spend(self) -> bool:
        """Take one page of the budget for pages that nobody asked to be drawn; False when it is spent."""
        source = getattr(self._crawler.spider, "source", None)
        allowed = source.budget.browser_pages if isinstance(source, Source) else 0
        self._stats.inc_value(f"cardfile/browser/{'on-demand' if self._on_demand < allowed else 'over-budget'}")
        self._on_demand += 1
        return self._on_demand <= allowed

    async def _draw(self, view: View) -> bytes | None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if self._renderer is None:
                    self._renderer = Renderer(self._crawler, self._gate.agent, self._deadline)
                return await self._renderer.render(view)
            except RenderError as error:
                self._stats.inc_value(f"cardfile/browser/{error}")
                view = View(view.document, self._fetch, view.budget)
            except (NoBrowser, UsageError) as error:
                if attempt < _ATTEMPTS:
                    continue
                self._stats.inc_value("cardfile/browser/none")
                if not self._missing:
                    logger.warning("%s", error)
                self._missing = True
                return None
        return None

    async def _fetch(self, url: str, headers: dict[str, str]) -> Response:
        """Fetch a sub-request through the gate, at the pace of its host; scripts once a run."""
        if url in self._scripts:
            return self._scripts[url]
        meta = {
            "dont_retry": True,
            "handle_httpstatus_all": False,
            "download_timeout": _SUBREQUEST_TIMEOUT,
            "download_maxsize": _SUBREQUEST_MAXSIZE,
        }
        request = Request(url, headers=headers, callback=NO_CALLBACK, meta=meta)
        response = await engine_of(self._crawler).download_async(request)
        self._keep(url, response)
        return response

    def _keep(self, url: str, response: Response) -> None:
        kind = response.headers.get("Content-Type") or b""
        if response.status == 200 and b"script" in kind and self._kept + len(response.body) <= _KEPT_BYTES:
            self._scripts[url] = response
            self._kept += len(response.body)

    @property
    def _gate(self) -> SiteRights:
        gate = self._crawler.get_downloader_middleware(SiteRights)
        if gate is None:
            raise RuntimeError("The site-rights gate is not among DOWNLOADER_MIDDLEWARES.")
        return gate
