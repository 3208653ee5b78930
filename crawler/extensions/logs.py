"""Installs the log filter on every handler there is, before the first request."""

from __future__ import annotations

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.logformatter import ScrubbingFilter


class ScrubbedLogs:
    """Puts one `ScrubbingFilter` on each handler of the root logger.

    Twice: when the extension is built, and when the spider is opened, because Scrapy replaces its own handler in
    between by one without a filter.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Install the filter; a second crawl in the same process finds it there."""
        extension = cls()
        extension.install()
        crawler.signals.connect(extension.install, signal=signals.spider_opened)
        return extension

    def install(self) -> None:
        """Put the filter where it is missing."""
        for handler in logging.getLogger().handlers:
            if not any(isinstance(known, ScrubbingFilter) for known in handler.filters):
                handler.addFilter(ScrubbingFilter())
