"""A site of an organisation: its people and contact pages, best first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from crawler.links import Link, links, sitemap
from crawler.page import Page
from crawler.spider import ContactSpider, Output


class CompanySiteSpider(ContactSpider):
    """Starts at the start URLs and the sitemap and follows what stays on the site, people and contact pages first."""

    name = "company_site"

    async def start(self) -> AsyncIterator[Request]:
        """Yield the start URLs, then the sitemap of each of their hosts."""
        async for request in super().start():
            yield request
        for url in dict.fromkeys(urljoin(url, "/sitemap.xml") for url in self.source.start_urls):
            yield self._sitemap_request(url)

    def links(self, page: Page) -> Iterator[Link]:
        """Yield the page's links that stay on the site."""
        yield from links(page)

    def parse_sitemap(self, response: Response) -> Iterator[Output]:
        """Yield requests for what a sitemap lists, and for the sitemaps that it names."""
        pages, further = sitemap(self.page(response))
        yield from (self.request(link) for link in pages)
        yield from (self._sitemap_request(url) for url in further)

    def _sitemap_request(self, url: str) -> Request:
        # No errback: most sites have no sitemap and that is no failure.
        return Request(url, self.parse_sitemap, priority=40, errback=lambda _: None)
