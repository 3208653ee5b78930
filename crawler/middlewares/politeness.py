"""Pace and cool-offs: one request at a time, a second apart, slower when asked, and away when told to go."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.middlewares import conduct
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.hosts import PATIENCE, Hosts
from crawler.network import host_of
from crawler.parts import engine_of, stats_of

#: Seconds to stay away after 429 or 503 when the host names none; doubled each time.
COOL_OFF = {429: 600.0, 503: 120.0}
#: The longest back-off in seconds, and the time after a challenge; a longer Retry-After is honoured as it stands.
LONGEST = 86400.0
#: Refused pages in a row after which a host is taken to mean us, not the page.
REFUSALS_IN_A_ROW = 3
#: Marks of a challenge page. They count on answers that refuse (>= 400) only: a contact form may hold a CAPTCHA.
_CHALLENGE = re.compile(
    rb"cf-chl|challenge-platform|g-recaptcha|h-captcha|captcha-delivery|_incapsula_|px-captcha|aws-?waf", re.IGNORECASE
)
_CHALLENGE_HEADERS = {"cf-mitigated": b"challenge", "x-amzn-waf-action": b""}


class Politeness:
    """Downloader middleware: keeps the pace of each host's slot and leaves alone who wants to be left alone.

    Stands outside the stock retry middleware: a refusal is not retried. Statistics: `cardfile/refusals/<word>` and
    `cardfile/host/<host>/refusals/<word>` with `401`, `403`, `429`, `503`, `challenge`.
    """

    def __init__(self, crawler: Crawler) -> None:
        conduct.check(crawler)  # the gate asks too; this is for a crawl that has none
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self._in_a_row: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware and listen for requests that reach their slot, and for what comes back."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.pace, signals.request_reached_downloader)
        crawler.signals.connect(middleware.note, signals.response_downloaded)
        return middleware

    @property
    def hosts(self) -> Hosts:
        """The hosts of this crawl, kept by the gate."""
        return _hosts(self._crawler)

    def pace(self, request: Request, spider: Spider) -> None:
        """Hold the slot of a request to its host's floor, just before the queue of that slot is looked at."""
        slot = engine_of(self._crawler).downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is not None:
            hold(slot, self.hosts, host_of(request.url))

    def note(self, response: Response, request: Request, spider: Spider) -> None:
        """Note a refusal as soon as it arrives, before the next request in line is sent."""
        host = host_of(request.url)
        word = refusal(response)
        if word:
            self._note(host, word, response)
        else:
            self._in_a_row.pop(host, None)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Let a response go on, for the ledger to classify.

        A page that names a time soon enough to wait for is asked for once more, then. A challenge that was compressed
        shows only now what it is.
        """
        if refusal(response) == "challenge":
            host = host_of(request.url)
            if self.hosts.cooling(host)[1] != "challenge":
                self._note(host, "challenge", response)
            return response
        asked = retry_after(response, datetime.now(UTC)) if response.status in COOL_OFF else None
        again = asked is not None and asked <= PATIENCE and request.callback is not NO_CALLBACK
        if not again or request.meta.get("asked_again"):
            return response
        return request.replace(dont_filter=True, meta={**request.meta, "asked_again": True})

    def _note(self, host: str, word: str, response: Response) -> None:
        self._stats.inc_value(f"cardfile/refusals/{word}")
        self._stats.inc_value(f"cardfile/host/{host}/refusals/{word}")
        if word == "challenge":
            self.hosts.cool(host, LONGEST, word)
        elif response.status in COOL_OFF:
            asked = retry_after(response, datetime.now(UTC))
            backed_off = min(COOL_OFF[response.status] * 2 ** self.hosts.times_cooled(host), LONGEST)
            self.hosts.cool(host, backed_off if asked is None else asked, word)
        else:
            self._in_a_row[host] = self._in_a_row.get(host, 0) + 1
            if self._in_a_row[host] >= REFUSALS_IN_A_ROW:
                self.hosts.cool(host, LONGEST, word)


class PoliteThrottle(AutoThrottle):
    """AutoThrottle that slows down as it likes, but never speeds up past what a host asks for."""

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        hold(slot, _hosts(self.crawler), host_of(response.url))


def _hosts(crawler: Crawler) -> Hosts:
    gate = crawler.get_downloader_middleware(SiteRights)
    if gate is None:
        raise RuntimeError("The site-rights gate is not among DOWNLOADER_MIDDLEWARES.")
    return gate.hosts


def hold(slot: Slot, hosts: Hosts, host: str) -> None:
    """Bring a slot's delay up to its host's floor; a public host also has one request at a time and no jitter."""
    slot.delay = max(slot.delay, hosts.floor(host))
    slot.jitter = 0.0
    if not hosts.is_own(host):
        slot.concurrency = 1


def refusal(response: Response) -> str:
    """Return the word for a response that turns us away ("403", "429", "challenge", …), or an empty string."""
    for name, start in _CHALLENGE_HEADERS.items():
        if (value := response.headers.get(name)) is not None and value.lower().startswith(start):
            return "challenge"
    if response.status not in {401, 403, 407, 429, 451, 503}:
        return ""
    if _CHALLENGE.search(response.body[:65536]):
        return "challenge"
    return str(response.status)


def retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3: a number or a date), None without a clear one."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
