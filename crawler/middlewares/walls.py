"""Log-in walls: recognised when they arrive, counted, and never worked around."""

from __future__ import annotations

import re
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from crawler.navigation.walls import is_login, is_login_wall
from crawler.network import host_of
from crawler.page import Page
from crawler.parts import stats_of
from crawler.refusal import refuse

_RULE = "login-wall"
_PASSWORD = re.compile(rb"type\s*=\s*[\"']?password", re.IGNORECASE)


class Walls:
    """Downloader middleware: ends a request that is sent on to a log-in, or answered by one.

    The places that are closed by name are refused earlier, at the gate. Here it is the shape that tells: a redirect to
    a log-in is not followed, and a page with a password field and no text of its own is not read. Both raise Refused
    and count under `cardfile/rights/login-wall`.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = stats_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for a crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let a request pass, unless a redirect leads from a page to a log-in."""
        came_from = request.meta.get("redirect_urls")
        if came_from and is_login(request.url) and not is_login(came_from[0]):
            raise refuse(self._stats, _RULE, host_of(request.url), "the page sends readers to a log-in")

    def process_response(self, request: Request, response: Response) -> Response:
        """Let a response pass, unless it is a log-in in place of a page."""
        if isinstance(response, HtmlResponse) and response.status == 200 and _PASSWORD.search(response.body):
            page = Page(response.url, response.body, charset=response.encoding)
            if is_login_wall(page):
                raise refuse(self._stats, _RULE, host_of(request.url), "a log-in stands in place of the page")
        return response
