"""Pages that are drawn by script: fetched over HTTP like any other, then drawn by a Chromium that has no network.

So there is one gate for both: the document and each sub-request go through the same middlewares, slots, delays and
limits. `request.meta["render"] = True` asks for it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawler.errors import UsageError
from crawler.middlewares.chromium import NoBrowser
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.renderer import Renderer, RenderError
from crawler.middlewares.signals import NOINDEX, Signals
from crawler.middlewares.view import View
from crawler.parts import engine_of, stats_of

logger = logging.getLogger(__name__)

#: Seconds and bytes that one sub-request may take.
_SUBREQUEST_TIMEOUT, _SUBREQUEST_MAXSIZE = 15.0, 4 * 1024 * 1024
#: Bytes of scripts that are kept for the next page of the site, so that they are fetched once a run.
_KEPT_BYTES = 32 * 1024 * 1024
#: How often a page is drawn before it is taken as it was sent.
_ATTEMPTS = 2


class Browser:
    """Downloader middleware: draws the documents for which `request.meta["render"]` is set.

    A document that cannot be drawn arrives as it was sent, with `rendered` False, and is counted:
    `cardfile/browser/<word>` with `rendered`, `deadline`, `crashed`, `none`, `subrequests`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self._deadline = crawler.settings.getfloat("CARDFILE_RENDER_TIMEOUT")
        self._renderer: Renderer | None = None
        self._missing = False
        self._scripts: dict[str, Response] = {}
        self._kept = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware; the browser itself starts with the first page that needs it."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.close, signals.engine_stopped)
        return middleware

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the drawn document where one is asked for and the page may be stored at all."""
        if not request.meta.get("render") or response.status != 200 or not isinstance(response, HtmlResponse):
            return response
        found = self._gate.read_signals(response, datetime.now(UTC))
        if NOINDEX in found.directives or self._missing:
            return response
        view = View(response, self._fetch, budget=self._deadline / 2)
        body = await self._draw(view)
        if body is None:
            return response
        for answer in view.answers:
            found |= self._gate.read_signals(answer, datetime.now(UTC))
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
