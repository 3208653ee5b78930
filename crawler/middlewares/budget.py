"""The page budget of a source."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK

from crawler.items import Source

SPENT = "cardfile/budget/spent"


class PageBudget:
    """Refuses requests once the source's pages are spent.

    It counts where requests leave the scheduler and not where links are found, so that the best links are read first
    and the budget cuts off the rest.
    """

    def __init__(self, crawler: Crawler, pages: int) -> None:
        self._crawler = crawler
        self._left = pages

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the budget from the spider's source; spiders without one have none."""
        source = getattr(crawler.spider, "source", None)
        if not isinstance(source, Source):
            raise NotConfigured("no source")
        return cls(crawler, source.budget.pages)

    def process_request(self, request: Request) -> None:
        """Let a request pass or raise IgnoreRequest; robots.txt and the like are not what the source asked for."""
        if request.callback is NO_CALLBACK:
            return
        if self._left <= 0:
            if self._crawler.stats:
                self._crawler.stats.inc_value(SPENT)
            raise IgnoreRequest("the source's page budget is spent")
        self._left -= 1
