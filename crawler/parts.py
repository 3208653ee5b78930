"""The parts of a running crawl that Scrapy declares optional because they do not exist yet while it is being set up."""

from __future__ import annotations

from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector


def stats_of(crawler: Crawler) -> StatsCollector:
    """Return the statistics of a crawl; RuntimeError before it is set up."""
    if crawler.stats is None:
        raise RuntimeError("The crawl has no statistics yet; build this component through from_crawler.")
    return crawler.stats


def engine_of(crawler: Crawler) -> ExecutionEngine:
    """Return the engine of a crawl; RuntimeError before it is started."""
    if crawler.engine is None:
        raise RuntimeError("The crawl has no engine yet; use it after the signal engine_started.")
    return crawler.engine
