"""What watches a run: the ledger, the log filter. And how `crawler` asks the store for something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from scrapy.crawler import Crawler

from crawler.extensions.outcome import Past
from crawler.items import Disposal, Source

T = TypeVar("T")


@runtime_checkable
class RunRecorder(Protocol):
    """What the ledger needs of a store."""

    async def run_started(self, source: Source, spider: str) -> None:
        """Record that a run begins."""

    async def run_ended(self, outcome: str, counts: Mapping[str, Any]) -> None:
        """Record how it ended."""


@runtime_checkable
class RunHistory(Protocol):
    """What the ledger compares a run with."""

    def previous(self) -> Sequence[Past]:
        """Return the earlier runs of the source, newest first."""

    async def people_seen(self) -> int:
        """Return how many distinct people the source showed or confirmed since the run began, resumptions included."""


@runtime_checkable
class Tally(Protocol):
    """What counts things that were not kept."""

    def tally(self, host: str, disposals: Sequence[Disposal]) -> None:
        """Add the disposals of one page."""


def find(crawler: Crawler, protocol: type[T]) -> T | None:
    """Return the crawl's extension that fulfils a protocol, or None when there is none."""
    extensions = crawler.extensions.middlewares if crawler.extensions else ()
    return next((extension for extension in extensions if isinstance(extension, protocol)), None)
