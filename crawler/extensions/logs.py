"""Installs the log filter before the first request, on every handler there is."""

from __future__ import annotations

import logging
from typing import Self

from scrapy.crawler import Crawler

from crawler.logformatter import ScrubbingFilter


class ScrubbedLogs:
    """Puts one `ScrubbingFilter` on each handler of the root logger."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Install the filter; a second crawl in the same process finds it there."""
        for handler in logging.getLogger().handlers:
            if not any(isinstance(known, ScrubbingFilter) for known in handler.filters):
                handler.addFilter(ScrubbingFilter())
        return cls()
