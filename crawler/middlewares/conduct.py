"""What no spider, source or setting may change. Checked when a crawl starts; a crawl that tries does not start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.errors import RightsError
from crawler.identity import PRODUCT

GATE = "crawler.middlewares.gate.SiteRights"
POLITENESS = "crawler.middlewares.politeness.Politeness"
HANDLER = "crawler.connection.GuardedDownloadHandler"
#: The stock middlewares that would do our work less strictly, or work against it.
_DISPLACED = (
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware",
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware",
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
)
#: Settings that must keep one value, and why.
_FIXED: dict[str, tuple[object, str]] = {
    "ROBOTSTXT_OBEY": (True, "robots.txt is always obeyed"),
    "HTTPPROXY_ENABLED": (False, "a proxy would hide who asks and connect where nobody checks"),
    "COOKIES_ENABLED": (False, "a session would make public pages personal ones"),
    "DOWNLOAD_VERIFY_CERTIFICATES": (True, "a receipt for a page from an unproven host proves nothing"),
    "CONCURRENT_REQUESTS_PER_IP": (0, "slots are kept by host, so that its delay is found"),
    "HTTPCACHE_ENABLED": (False, "a cache on disk keeps pages that nobody has minimised"),
}
#: Settings by which scrapy-playwright takes a browser, an identity or a proxy from elsewhere.
_BROWSER = (
    "PLAYWRIGHT_CDP_URL",
    "PLAYWRIGHT_CONNECT_URL",
    "PLAYWRIGHT_LAUNCH_OPTIONS",
    "PLAYWRIGHT_CONTEXTS",
    "PLAYWRIGHT_PROCESS_REQUEST_HEADERS",
)
_DOWNLOADER = "scrapy.core.downloader.Downloader"
#: Attributes of a spider that Scrapy reads in place of a setting.
_SPIDER_ATTRIBUTES = ("user_agent", "http_user", "http_pass", "proxy", "download_delay", "max_concurrent_requests")


def check(crawler: Crawler) -> None:
    """Raise RightsError, with a sentence for each point, when a crawl is set up to evade the gate."""
    faults = [*_settings_faults(crawler.settings), *_spider_faults(crawler.spidercls)]
    if faults:
        raise RightsError("The crawl does not start: " + "; ".join(faults) + ".")


def _settings_faults(settings: BaseSettings) -> Iterator[str]:
    for name, (wanted, why) in _FIXED.items():
        if _plain(settings.get(name), wanted) != wanted:
            yield f"{name} must be {wanted!r} ({why})"
    yield from _component_faults(settings)
    agent = settings.get("USER_AGENT")
    if settings.getpriority("USER_AGENT") and not str(agent or "").startswith(f"{PRODUCT}/"):
        yield f"USER_AGENT must not be set (every request says that it is {PRODUCT}, and who runs it)"
    for name in _BROWSER:
        if settings.get(name):
            yield f"{name} must not be set (a browser that is set up elsewhere connects where nobody checks)"
    if _name(settings.get("DOWNLOADER") or _DOWNLOADER) != _DOWNLOADER:
        yield f"DOWNLOADER must be {_DOWNLOADER} (another one would ask nobody)"


def _component_faults(settings: BaseSettings) -> Iterator[str]:
    middlewares = _by_name(settings.getwithbase("DOWNLOADER_MIDDLEWARES"))
    orders = [order for order in middlewares.values() if isinstance(order, int)]
    for name in (GATE, POLITENESS):
        if middlewares.get(name) is None:
            yield f"DOWNLOADER_MIDDLEWARES must hold {name}"
    if (place := middlewares.get(GATE)) is not None and place != min(orders):
        yield f"{GATE} must have the lowest number of DOWNLOADER_MIDDLEWARES (first to see a request, last a response)"
    for name in _DISPLACED:
        if middlewares.get(name) is not None:
            yield f"DOWNLOADER_MIDDLEWARES must not hold {name}"
    for scheme, handler in _by_scheme(settings).items():
        wanted = HANDLER if scheme in {"http", "https"} else None
        if handler != wanted:
            yield f"DOWNLOAD_HANDLERS must map {scheme} to {wanted}"


def _spider_faults(spider: type) -> Iterator[str]:
    for name in _SPIDER_ATTRIBUTES:
        if getattr(spider, name, None) is not None:
            yield f"the spider must not set {name}"


def _plain(value: Any, wanted: object) -> object:
    """A setting as the type that is wanted: the command line and the environment hand over text."""
    if isinstance(value, str):
        value = value.strip().lower()
        if isinstance(wanted, bool):
            return value in {"1", "true", "yes"}
        return int(value) if value.isdigit() else value
    return bool(value) if isinstance(wanted, bool) else (value or 0)


def _by_name(components: Mapping[Any, Any]) -> dict[str, Any]:
    return {_name(component): order for component, order in components.items()}


def _by_scheme(settings: BaseSettings) -> dict[str, str | None]:
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    return {scheme: _name(handler) if handler else None for scheme, handler in handlers.items()}


def _name(component: Any) -> str:
    return component if isinstance(component, str) else f"{component.__module__}.{component.__qualname__}"
