"""Pages that were read under another URL in this run."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawler.marks import Marks
from crawler.middlewares.incremental import IN_FULL
from crawler.navigation.canonical import canonical, key
from crawler.network import host_of


class Duplicate(IgnoreRequest):
    """A page that was read under another URL."""


class Duplicates:
    """Downloader middleware: ends a request whose answer is a page that was read before, by its canonical URL.

    It stands behind the browser, so that nothing is drawn twice.
    """

    def __init__(self) -> None:
        self._read = Marks()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware for a crawl."""
        return cls()

    def process_response(self, request: Request, response: Response) -> Response:
        """Let a page pass that was not read before."""
        own = key(response.url)
        if response.status == 304:  # it is as it was when it was read
            self._read.add(own)
        if request.callback is NO_CALLBACK or response.status != 200 or not isinstance(response, HtmlResponse):
            return response
        if request.meta.get(IN_FULL):  # confirmed, and asked for once more for its links
            return response
        named = canonical(response.url, response.text)
        names = {own, key(named)} if named else {own}
        if any(name in self._read for name in names):
            raise Duplicate(f"{host_of(request.url)}: read before, under its canonical URL")
        for name in names:
            self._read.add(name)
        return response
