"""One page in the browser: what it asks for while it is drawn, and what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.async_api import Request as PlaywrightRequest
from scrapy.http import HtmlResponse, Response

from crawler.middlewares.origin import FAILURES
from crawler.network import origin_of

#: Kinds of sub-requests that can change the text of a page. All others are not loaded.
_NEEDED = frozenset({"script", "xhr", "fetch"})
#: Seconds without a sub-request after which a page counts as drawn.
QUIET = 0.5
_STEP = 0.05
#: Sub-requests of one page. What a person's contact page needs is far below.
MOST_SUBREQUESTS = 60
#: Headers of a sub-request that a site needs to answer a script. Nothing that would identify or log in anybody.
_FORWARDED = ("accept", "x-requested-with", "referer")
_KEPT = ("content-type", "cache-control", "link")
#: How a sub-request may end without an answer; the page then goes on without it.
_ENDED: tuple[type[Exception], ...] = (TimeoutError, *FAILURES)

Fetch = Callable[[str, dict[str, str]], Awaitable[Response]]


@dataclass
class View:
    """Draws one document. `fetch` gets a sub-request through the gate; `budget` is in seconds.

    The first navigation is answered from memory; scripts and data are fetched; style sheets are answered empty (a
    script may wait for them); frames, images, fonts, media, posts and further navigations are not loaded.
    """

    document: HtmlResponse
    fetch: Fetch
    budget: float
    pending: int = 0
    asked: int = 0
    answers: list[Response] = field(default_factory=list)
    _started: float = 0.0
    _served: bool = False

    async def attach(self, page: Page, _request: object) -> None:
        """Take over every request of a page, before it is opened."""
        self._started = asyncio.get_running_loop().time()
        await page.route("**", self._route)

    async def settle(self, page: Page) -> None:
        """Wait until the page has asked for nothing and computed nothing for a moment, or its budget is spent."""
        quiet = 0.0
        while quiet < QUIET and self._left() > 0:
            await asyncio.sleep(_STEP)
            await page.evaluate("0")  # comes back when the scripts that run have ended
            quiet = 0.0 if self.pending else quiet + _STEP

    async def _route(self, route: Route, request: PlaywrightRequest) -> None:
        self.pending += 1
        try:
            await self._answer(route, request)
        except PlaywrightError:
            return  # the page has gone: there is nobody left to answer
        finally:
            self.pending -= 1

    async def _answer(self, route: Route, request: PlaywrightRequest) -> None:
        kind = request.resource_type
        if self._is_document(request):
            self._served = True
            body = self.document.text.encode("utf-8", "replace")
            await route.fulfill(status=200, content_type="text/html; charset=utf-8", body=body)
        elif kind == "stylesheet":
            await route.fulfill(status=200, content_type="text/css", body="")
        elif kind in _NEEDED and request.method == "GET" and (response := await self._fetch(request)) is not None:
            await route.fulfill(status=response.status, headers=self._headers(response), body=response.body)
        else:
            # Any other reason than "aborted" would put an error page in place of the document.
            await route.abort("aborted")

    def _is_document(self, request: PlaywrightRequest) -> bool:
        return not self._served and request.is_navigation_request() and request.frame.parent_frame is None

    async def _fetch(self, request: PlaywrightRequest) -> Response | None:
        self.asked += 1
        if self.asked > MOST_SUBREQUESTS or self._left() <= 0:
            return None
        headers = {name: value for name, value in request.headers.items() if name in _FORWARDED}
        try:
            response = await asyncio.wait_for(self.fetch(request.url, headers), self._left())
        except _ENDED:
            return None
        if request.resource_type != "script":
            self.answers.append(response)
        return response

    def _headers(self, response: Response) -> dict[str, str]:
        """What a script may see of an answer. It may read all: nobody is logged in, so there is nothing to guard."""
        kept = {
            name: (response.headers.get(name) or b"").decode("latin-1") for name in _KEPT if name in response.headers
        }
        return {
            **kept,
            "access-control-allow-origin": origin_of(self.document.url),
            "access-control-allow-credentials": "true",
        }

    def _left(self) -> float:
        return self._started + self.budget - asyncio.get_running_loop().time()
