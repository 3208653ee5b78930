"""No spider, source or setting switches the gate off: the crawl does not start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.errors import RightsError, UsageError
from crawler.identity import user_agent
from crawler.middlewares.conduct import GATE, HANDLER, POLITENESS, check
from crawler.spider import ContactSpider
from tests.crawler.middlewares.conftest import Crawl
from tests.support.crawling import Visitor, stripped_settings
from tests.support.web import Web

SOURCE = """
[[source]]
id = "site"
kind = "company-site"
publisher = "Example NV"
spider = "evasive"
start_urls = ["http://site.example/"]
purpose = "business-directory"
legal_basis = "consent"
retention_days = 30
"""
PAGE = "http://site.example/team"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
STOCK = "scrapy.downloadermiddlewares"


class OtherDownloader(Downloader):
    """One of somebody's own."""


def middlewares(**changes: int | None) -> dict[str, int | None]:
    return {**stripped_settings({}).getdict("DOWNLOADER_MIDDLEWARES"), **changes}


ATTEMPTS: dict[str, tuple[dict[str, Any], str]] = {
    "robots-off": ({"ROBOTSTXT_OBEY": False}, "robots.txt is always obeyed"),
    "robots-off-as-text": ({"ROBOTSTXT_OBEY": "0"}, "robots.txt is always obeyed"),
    "gate-removed": ({"DOWNLOADER_MIDDLEWARES": middlewares(**{GATE: None})}, "must hold crawler.middlewares.gate"),
    "gate-moved": ({"DOWNLOADER_MIDDLEWARES": middlewares(**{GATE: 800})}, "must have the lowest number"),
    "no-cool-offs": (
        {"DOWNLOADER_MIDDLEWARES": middlewares(**{POLITENESS: None})},
        "must hold crawler.middlewares.pol",
    ),
    "stock-robots": (
        {"DOWNLOADER_MIDDLEWARES": middlewares(**{f"{STOCK}.robotstxt.RobotsTxtMiddleware": 100})},
        "not hold",
    ),
    "stock-proxy": (
        {"DOWNLOADER_MIDDLEWARES": middlewares(**{f"{STOCK}.httpproxy.HttpProxyMiddleware": 750})},
        "not hold",
    ),
    "stock-handler": (
        {"DOWNLOAD_HANDLERS": {"https": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"}},
        f"must map https to {HANDLER}",
    ),
    "browser-handler": (
        {"DOWNLOAD_HANDLERS": {"http": "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"}},
        f"must map http to {HANDLER}",
    ),
    "file-handler": (
        {"DOWNLOAD_HANDLERS": {"file": "scrapy.core.downloader.handlers.file.FileDownloadHandler"}},
        "file to None",
    ),
    "proxy": ({"HTTPPROXY_ENABLED": True}, "a proxy would hide who asks"),
    "cookies": ({"COOKIES_ENABLED": True}, "a session"),
    "certificates": ({"DOWNLOAD_VERIFY_CERTIFICATES": False}, "unproven host"),
    "slots-by-address": ({"CONCURRENT_REQUESTS_PER_IP": 8}, "slots are kept by host"),
    "cache": ({"HTTPCACHE_ENABLED": True}, "nobody has minimised"),
    "browser-identity": ({"USER_AGENT": CHROME}, "USER_AGENT must not be set"),
    "remote-browser": ({"PLAYWRIGHT_CDP_URL": "http://127.0.0.1:9222"}, "PLAYWRIGHT_CDP_URL must not be set"),
    "browser-with-a-proxy": (
        {"PLAYWRIGHT_LAUNCH_OPTIONS": {"proxy": {"server": "http://127.0.0.1:3128"}}},
        "PLAYWRIGHT_LAUNCH_OPTIONS must not be set",
    ),
    "browser-with-a-face": (
        {"PLAYWRIGHT_CONTEXTS": {"default": {"user_agent": CHROME}}},
        "PLAYWRIGHT_CONTEXTS must not be set",
    ),
    "another-downloader": ({"DOWNLOADER": OtherDownloader}, "DOWNLOADER must be scrapy.core"),
    "no-contact": ({"CARDFILE_PRODUCTION": True}, "CARDFILE_CONTACT is not set"),
    "bad-contact": ({"CARDFILE_CONTACT": "nobody"}, "neither an e-mail address nor"),
}


@pytest.mark.parametrize("module", ["settings.dev", "settings.prod", "settings.test"])
def test_no_spider_of_ours_evades_the_gate(module: str) -> None:
    settings = Settings()
    settings.setmodule(module, priority="project")
    loader = SpiderLoader.from_settings(settings)
    assert loader.list()
    for name in loader.list():
        check(Crawler(loader.load(name), settings.copy()))


@pytest.mark.filterwarnings("ignore::scrapy.exceptions.ScrapyDeprecationWarning")
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_setting_that_evades_the_gate_starts_nothing(web: Web, crawl: Crawl, attempt: str) -> None:
    settings, reason = ATTEMPTS[attempt]
    with pytest.raises((RightsError, UsageError), match=reason):
        crawl(PAGE, **settings)
    assert web.connections == 0


@pytest.mark.filterwarnings("ignore::scrapy.exceptions.ScrapyDeprecationWarning")
@pytest.mark.parametrize("name", ["user_agent", "http_user", "proxy", "download_delay"])
def test_a_spider_that_evades_the_gate_starts_nothing(web: Web, crawl: Crawl, name: str) -> None:
    with pytest.raises(RightsError, match=f"the spider must not set {name}"):
        crawl(PAGE, spider=type("Evasive", (Visitor,), {name: "1"}))
    assert web.connections == 0


@pytest.mark.parametrize(
    "custom",
    [
        {"ROBOTSTXT_OBEY": False},
        {"USER_AGENT": CHROME},
        {"DOWNLOADER_MIDDLEWARES": middlewares(**{GATE: None})},
        {"DOWNLOADER_MIDDLEWARES": {POLITENESS: 560}},
    ],
)
def test_custom_settings_of_a_spider_are_settings(web: Web, crawl: Crawl, custom: dict[str, Any]) -> None:
    with pytest.raises(RightsError, match="The crawl does not start"):
        crawl(PAGE, spider=type("Evasive", (Visitor,), {"custom_settings": custom}))
    assert web.connections == 0


def test_a_source_cannot_be_crawled_without_either(tmp_path: Path) -> None:
    register = tmp_path / "sources.toml"
    register.write_text(SOURCE)

    class Evasive(ContactSpider):
        name = "evasive"
        custom_settings = {"DOWNLOADER_MIDDLEWARES": {}}  # noqa: RUF012 - as a spider writes it

    crawler = Crawler(Evasive, stripped_settings({"CARDFILE_SOURCES": str(register)}))
    with pytest.raises(RightsError, match=f"must hold {GATE}"):
        Evasive.from_crawler(crawler, source="site")


def test_without_gate_and_politeness_nothing_is_sent(web: Web, crawl: Crawl) -> None:
    outcome = crawl(PAGE, DOWNLOADER_MIDDLEWARES=middlewares(**{GATE: None, POLITENESS: None}))
    assert web.connections == 0
    assert outcome.stats["cardfile/rights/no-pass"] == 1


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        pytest.param(Request(PAGE, headers={"User-Agent": CHROME}), "identity", id="another-user-agent"),
        pytest.param(Request(PAGE, meta={"proxy": "http://127.0.0.1:3128"}), "proxy", id="a-proxy"),
        pytest.param(Request(PAGE, headers={"Proxy-Authorization": "Basic eDp5"}), "proxy", id="a-proxy-login"),
    ],
)
def test_a_request_that_evades_the_gate_is_refused(web: Web, crawl: Crawl, request_: Request, rule: str) -> None:
    outcome = crawl(request_)
    assert web.connections == 0
    assert outcome.stats[f"cardfile/rights/{rule}"] == 1


@pytest.mark.parametrize(
    "key", ["dont_obey_robotstxt", "handle_httpstatus_all", "playwright", "permission", "rendered"]
)
def test_no_word_in_the_meta_opens_the_gate(web: Web, crawl: Crawl, key: str) -> None:
    web.pages["site.example/robots.txt"] = "User-agent: *\nDisallow: /"
    outcome = crawl(Request(PAGE, meta={key: True}))
    assert web.paths() == []
    assert outcome.stats["cardfile/rights/robots"] == 1


@pytest.mark.parametrize(
    "contact", ["crawl@operator.example", "mailto:crawl@operator.example", "https://operator.example/bot"]
)
def test_the_user_agent_names_product_version_and_contact(contact: str) -> None:
    name, _, rest = user_agent(contact, production=True).partition("/")
    version, _, comment = rest.partition(" ")
    assert (name, comment) == ("Cardfile", f"(+{contact})")
    assert version[0].isdigit()


@pytest.mark.parametrize(
    "contact", ["nobody", "a@b", "crawl@operator.example (me)", "ftp://operator.example", "a b@c.example\r\nX: y"]
)
def test_a_malformed_contact_is_an_error(contact: str) -> None:
    with pytest.raises(UsageError, match="CARDFILE_CONTACT is neither"):
        user_agent(contact)
