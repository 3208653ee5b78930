"""The gate: no request leaves without its pass, no response arrives without its receipt.

It stands first on the way out and last on the way in, so it sees redirects at every hop, retries, sub-requests of the
browser, and the final, decompressed and rendered document. Nothing switches it off: `crawler.middlewares.conduct`
refuses to start a crawl whose settings try, and the download handler sends nothing that this class has not let through.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Self
from weakref import WeakSet

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from crawler import clock
from crawler.extensions import find
from crawler.identity import PRODUCT, user_agent
from crawler.items import Permission
from crawler.middlewares import conduct, robots, signals
from crawler.middlewares.hosts import Hosts
from crawler.middlewares.origin import Origins, Rules
from crawler.middlewares.turns import HostTurns, Turns
from crawler.navigation.walls import closed
from crawler.network import Targets, host_of, origin_of, url_refusal
from crawler.parts import engine_of, stats_of
from crawler.refusal import Refused, refuse

_ROBOTS_TIMEOUT = 20.0
_ROBOTS_PRIORITY = 1000


class SiteRights:
    """Downloader middleware: asks the site before each request and reads what its answer allows.

    `response.meta` then carries `permission` (Permission), `fetched_at` (UTC), `rendered` (bool) and `directives` (a
    frozenset of "noindex", "nofollow", "noarchive"). Refused requests raise Refused, an IgnoreRequest.
    """

    def __init__(self, crawler: Crawler) -> None:
        conduct.check(crawler)
        self._crawler = crawler
        self._stats = stats_of(crawler)
        self.agent = user_agent(
            crawler.settings.get("CARDFILE_CONTACT") or "", production=crawler.settings.getbool("CARDFILE_PRODUCTION")
        )
        known = Targets.from_settings(
            crawler.settings.getlist("CARDFILE_ALLOWED_PRIVATE_HOSTS"), crawler.settings.getdict("CARDFILE_HOSTS")
        )
        self.hosts = Hosts(
            known,
            self._stats,
            find(crawler, HostTurns) or Turns(Path(crawler.settings["CARDFILE_HOME"]) / "hosts"),
            own_concurrency=max(1, crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")),
        )
        self._origins = Origins(self._fetch_rules, self.hosts.ask)
        self._passed: WeakSet[Request] = WeakSet()
        self._own: WeakSet[Request] = WeakSet()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the gate for a crawl; raises UsageError or RightsError when the settings are no ground to start on."""
        return cls(crawler)

    def passed(self, request: Request) -> bool:
        """Tell whether this very request went through the gate. A copy has not."""
        return request in self._passed

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of a URL's origin names; none where it cannot be read."""
        try:
            return (await self._origins.rules(origin_of(url))).robots.sitemaps
        except Refused:
            return ()

    async def reservation(self, url: str) -> str:
        """Return the rule by which a site now reserves a page ("robots", "tdm"), without asking for the page.

        Empty when it does not, and when its rules cannot be read: silence is no reservation, though nothing is fetched.
        """
        try:
            rules = await self._origins.rules(origin_of(url))
        except Refused:
            return ""
        if rules.robots.unreachable:
            return ""
        if not rules.robots.verdict(url).allowed:
            return "robots"
        return "tdm" if rules.reservations.known and rules.reservations.signal(url) else ""

    async def process_request(self, request: Request) -> None:
        """Let a request through and write its receipt to `request.meta["permission"]`, or raise Refused."""
        host = host_of(request.url)
        if form := url_refusal(request.url):
            raise self._refused(form, host, f"the URL is refused for its {form}")
        if place := closed(request.url):
            raise self._refused(place.rule, host, place.reason)
        self._check_identity(request, host)
        request.headers["User-Agent"] = self.agent
        request.meta["download_slot"] = host  # a redirect would carry on in the slot of the host it came from
        self.hosts.patience(host)
        if request not in self._own:
            await self._ask(request, host)
        self._passed.add(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Read the directives of a response and complete its receipt."""
        if request in self._own:
            return response
        now = clock.now()
        found = self.read_signals(response, now)
        if source := request.meta.get("source_signals"):
            found |= source
        permission: Permission = request.meta["permission"]
        request.meta["permission"] = with_signals(permission, found.seen)
        request.meta["fetched_at"] = now
        request.meta["directives"] = found.directives
        request.meta.setdefault("rendered", False)
        for directive in found.directives:
            self._stats.inc_value(f"cardfile/directives/{directive}")
        return response

    def read_signals(self, response: Response, now: datetime) -> signals.Signals:
        """Return what the headers and, of an HTML document, the meta elements say."""
        pairs = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        found = signals.from_headers(pairs, PRODUCT.lower(), now)
        if isinstance(response, HtmlResponse):
            found |= signals.from_html(response.body, response.encoding, PRODUCT.lower(), now)
        return found

    async def _ask(self, request: Request, host: str) -> None:
        rules = await self._origins.rules(origin_of(request.url))
        verdict = rules.robots.verdict(request.url)
        if rules.robots.unreachable:
            raise self._refused("robots-unreachable", host, f"{verdict.rule}; nothing is fetched until it answers")
        if not verdict.allowed:
            raise self._refused("robots", host, "robots.txt forbids it")
        if reserved := rules.reservations.signal(request.url):
            rule = "tdm" if rules.reservations.known else "tdm-unreachable"
            raise self._refused(rule, host, f"text and data mining is reserved ({reserved})")
        request.meta["permission"] = self._receipt(rules, verdict)
        for key in ("fetched_at", "directives", "rendered", "source_signals"):
            request.meta.pop(key, None)

    def _receipt(self, rules: Rules, verdict: robots.Verdict) -> Permission:
        return Permission(
            user_agent=self.agent,
            robots_url=rules.robots.url,
            robots_status=rules.robots.status,
            robots_hash=rules.robots.digest,
            rule=verdict.rule,
        )

    def _check_identity(self, request: Request, host: str) -> None:
        claimed = request.headers.get("User-Agent")
        if claimed is not None and claimed != self.agent.encode():
            raise self._refused("identity", host, "the request names another user agent; remove its header")
        if request.meta.get("proxy") or "Proxy-Authorization" in request.headers:
            raise self._refused("proxy", host, "the request names a proxy; remove it")

    async def _fetch_rules(self, url: str) -> Response:
        request = Request(
            url,
            callback=NO_CALLBACK,
            priority=_ROBOTS_PRIORITY,
            meta={
                "dont_redirect": True,
                "dont_retry": True,
                "handle_httpstatus_all": True,
                "download_maxsize": robots.MAX_BYTES,
                "download_timeout": _ROBOTS_TIMEOUT,
            },
        )
        self._own.add(request)
        self._stats.inc_value("cardfile/rights/asked")
        return await engine_of(self._crawler).download_async(request)

    def _refused(self, rule: str, host: str, reason: str) -> Refused:
        return refuse(self._stats, rule, host, reason)


def with_signals(permission: Permission, seen: tuple[str, ...]) -> Permission:
    """Return a receipt with the signals that the response showed."""
    return Permission(
        permission.user_agent,
        permission.robots_url,
        permission.robots_status,
        permission.robots_hash,
        permission.rule,
        seen,
    )
