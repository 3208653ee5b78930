"""A request that is not made, and where that is counted."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy.exceptions import IgnoreRequest
from scrapy.statscollectors import StatsCollector

from crawler.memory import Known


class Refused(IgnoreRequest):
    """A request that a site, the law or our own conduct forbids.

    `rule` is a short word that statistics count ("robots", "private", …). The message names the host but never the path
    or the query of a URL: both may hold a name.
    """

    def __init__(self, rule: str, host: str, reason: str) -> None:
        super().__init__(f"{host}: {reason}")
        self.rule = rule
        self.host = host


class Unchanged(IgnoreRequest):
    """A page that is as it was at its last capture: confirmed, and not read again.

    `links` are the known pages that it led to then: with them a page without a body leads on.
    """

    def __init__(self, message: str, links: Sequence[Known] = ()) -> None:
        super().__init__(message)
        self.links = links


def refuse(stats: StatsCollector, rule: str, host: str, reason: str) -> Refused:
    """Count a refusal under its rule and its host, and return the exception to raise."""
    stats.inc_value(f"cardfile/rights/{rule}")
    stats.inc_value(f"cardfile/host/{host or '-'}/refused/{rule}")
    return Refused(rule, host, reason)
