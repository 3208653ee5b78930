"""What a crawl remembers of earlier ones, and what it tells the memory: the side of the crawler.

`crawler` knows no store. What is known of a source's pages it asks a `FetchMemory`, which an extension of the store
fulfils; what came of each page it tells it, and the memory draws the conclusions when the crawl ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, runtime_checkable

from crawler.items import Capture


class Sight(StrEnum):
    """What a look at a known page came to."""

    SHOWN = "shown"  # it came, and was read in full
    SAME = "same"  # it is as it was: status 304, or the same bytes
    MISSING = "missing"  # it is not there for us: 404, 401, 403, a temporary redirect
    GONE = "gone"  # it will not come back: 410, a permanent redirect
    UNREACHABLE = "unreachable"  # nobody can tell: no answer, 429, 5xx, robots.txt out of reach
    RESERVED = "reserved"  # the site does not want us to have it: robots.txt, noindex, TDM reservation, 451


#: The statuses of an answer that shows no page, and what they say of it.
BY_STATUS: Mapping[int, Sight] = {
    401: Sight.MISSING,
    402: Sight.MISSING,
    403: Sight.MISSING,
    404: Sight.MISSING,
    407: Sight.MISSING,
    410: Sight.GONE,
    451: Sight.RESERVED,
}
#: A redirect that says "from now on there" (RFC 9110, 15.4.2 and 15.4.9); others may be taken back.
PERMANENT = frozenset({301, 308})
#: The refusals of the gate by which a site reserves a page.
RESERVATIONS = frozenset({"robots", "tdm", "noindex"})
#: The refusals that say nothing about the page: we did not ask.
NOT_ASKED = frozenset({"cool-off", "identity", "proxy", "no-pass"})


@dataclass(frozen=True, slots=True)
class Known:
    """A page of the source that an earlier run has read.

    `same_bytes` is the hash of a body that need not be read again, empty when it has to be read in any case;
    `conditional` says that a 304 would do. `due` tells that it is to be asked for whether or not a link leads to it.
    """

    url: str
    depth: int = 0
    priority: int = 0
    etag: str = ""
    last_modified: str = ""
    same_bytes: str = ""
    conditional: bool = False
    due: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What one request for a page came to, at a time (UTC).

    `reason` is a status or the rule of a refusal ("404", "robots"). `capture` is the receipt of a page that came, with
    the `links` that were followed from it (see `mark`), its depth and its priority.
    """

    url: str
    sight: Sight
    at: datetime
    reason: str = ""
    capture: Capture | None = None
    links: tuple[str, ...] = ()
    depth: int = 0
    priority: int = 0


@runtime_checkable
class FetchMemory(Protocol):
    """What remembers earlier fetches of the source that is being crawled."""

    def known(self) -> Sequence[Known]:
        """Return the known pages, the one that was asked for longest ago first."""

    def recall(self, url: str) -> Known | None:
        """Return what is known of a page."""

    async def links(self, urls: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Return the marks of the links that were followed from some known pages."""

    def look(self, look: Look) -> None:
        """Take note of what came of a page; a later look at the same page counts."""


def mark(url: str) -> str:
    """Return 64 bits of SHA-256 of a URL as 16 hex digits.

    The pages that a page leads to are remembered by their marks only: an address may hold a name, and most of these
    pages hold nothing that is kept.
    """
    return sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]
