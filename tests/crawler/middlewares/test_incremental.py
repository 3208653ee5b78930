"""Conditional requests over a loopback web, with a memory in place of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Self

import pytest
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.items import Source
from crawler.links import Link
from crawler.memory import FetchMemory, Known, Look, Sight, mark
from crawler.refusal import Refused, Unchanged
from tests.crawler.middlewares.conftest import Crawl
from tests.support import crawling
from tests.support.web import Answer, Page, Visit, Web

PAGE = "http://site.example/team"
MODIFIED = "Sun, 22 Nov 2026 10:00:00 GMT"


class Memory:
    """Remembers what a test puts in, and what the crawl saw."""

    pages: dict[str, Known]
    leads: dict[str, frozenset[str]]
    looks: list[Look]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def known(self) -> Sequence[Known]:
        return list(self.pages.values())

    def recall(self, url: str) -> Known | None:
        return self.pages.get(url)

    async def links(self, urls: Collection[str]) -> Mapping[str, frozenset[str]]:
        return self.leads

    def look(self, look: Look) -> None:
        self.looks.append(look)


def known(etag: str = '"v1"', modified: str = MODIFIED, *, conditional: bool = True, **more: Any) -> Known:
    return Known(PAGE, etag=etag, last_modified=modified, conditional=conditional, **more)


class Sourced(crawling.Visitor):
    """Asks for URLs in the name of a source."""

    source = Source("noord", "company-site", "Noord NV", "test", "consent", "visitor", (PAGE,), 30)

    def request(self, link: Link) -> Request:
        return Request(link.url, self.parse, errback=self.failed)


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> type[Memory]:
    monkeypatch.setattr(Memory, "pages", {PAGE: known()}, raising=False)
    monkeypatch.setattr(Memory, "leads", {}, raising=False)
    monkeypatch.setattr(Memory, "looks", [], raising=False)
    return Memory


EXTENSIONS: dict[str, Any] = {"EXTENSIONS": {Memory: 10}, "spider": Sourced}


def page(visit: Visit) -> Answer:
    if visit.headers.get("If-None-Match") == '"v1"':
        return Answer(status=304)
    return Answer("people", headers={"ETag": '"v2"'})


def sent(web: Web) -> list[tuple[str | None, str | None]]:
    visits = [visit for visit in web.visits if visit.path in web.paths()]
    return [(visit.headers.get("If-None-Match"), visit.headers.get("If-Modified-Since")) for visit in visits]


def test_an_unchanged_page_is_confirmed_and_leads_on(web: Web, crawl: Crawl, memory: type[Memory]) -> None:
    web.pages["site.example/team"] = page
    memory.pages["http://site.example/board"] = other = Known("http://site.example/board", priority=30)
    memory.leads = {PAGE: frozenset({mark(other.url), mark("http://site.example/nobody")})}
    before = datetime.now(UTC)
    outcome = crawl(PAGE, **EXTENSIONS)
    assert sent(web) == [('"v1"', MODIFIED), (None, None)]  # and once more in full: it alone led to nobody's page
    [unchanged] = outcome.failures
    assert isinstance(unchanged, Unchanged)
    assert list(unchanged.links) == [other]
    [look] = [look for look in memory.looks if look.sight is Sight.SAME]
    assert (look.url, look.reason) == (PAGE, "")
    assert look.capture
    assert (look.capture.status, look.capture.source_id, look.capture.etag) == (304, "noord", '"v1"')
    assert look.capture.permission.rule == "no robots.txt (status 404)"
    assert before <= look.at <= datetime.now(UTC)
    assert outcome.stats["cardfile/fetch/unchanged"] == outcome.stats["cardfile/fetch/conditional"] == 1


@pytest.mark.parametrize(
    ("remembered", "headers"),
    [
        pytest.param(('"v0"', MODIFIED), ('"v0"', MODIFIED), id="both"),
        pytest.param(('"v0"', ""), ('"v0"', None), id="etag"),
        pytest.param(('W/"v0"', ""), ('W/"v0"', None), id="weak-etag"),
        pytest.param(("", MODIFIED), (None, MODIFIED), id="last-modified"),
        pytest.param(("", ""), (None, None), id="neither"),
        pytest.param(('"v0"\r\nX-Other: 1', ""), (None, None), id="a-line-break"),
        pytest.param(None, (None, None), id="no-capture"),
    ],
)
def test_a_changed_page_arrives(
    web: Web,
    crawl: Crawl,
    memory: type[Memory],
    remembered: tuple[str, str] | None,
    headers: tuple[str | None, str | None],
) -> None:
    memory.pages = {PAGE: known(*remembered)} if remembered else {}
    web.pages["site.example/team"] = page
    outcome = crawl(PAGE, **EXTENSIONS)
    assert sent(web) == [headers]
    assert [response.text for response in outcome.responses] == ["people"]
    assert memory.looks == []


def test_a_redirect_does_not_carry_the_validators_along(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        "site.example/team": Answer(status=301, headers={"Location": "/people"}),
        "site.example/people": page,
    }
    outcome = crawl(PAGE, **EXTENSIONS)
    assert sent(web) == [('"v1"', MODIFIED), (None, None)]
    assert outcome.urls == ["http://site.example/people"]


def test_a_304_that_forbids_storing_confirms_nothing(web: Web, crawl: Crawl, memory: type[Memory]) -> None:
    web.pages["site.example/team"] = Answer(status=304, headers={"X-Robots-Tag": "noindex"})
    outcome = crawl(PAGE, **EXTENSIONS)
    assert [type(failure) for failure in outcome.failures] == [Refused]
    assert [(look.sight, look.reason) for look in memory.looks] == [(Sight.RESERVED, "noindex")]


@pytest.mark.parametrize(
    ("body", "same"), [("people", True), ("other people", False)], ids=["the-same-bytes", "other-bytes"]
)
def test_the_same_bytes_need_not_be_read_again(
    web: Web, crawl: Crawl, memory: type[Memory], body: str, same: bool
) -> None:
    memory.pages = {PAGE: known(conditional=False, same_bytes=sha256(b"people").hexdigest())}
    web.pages["site.example/team"] = body
    outcome = crawl(PAGE, **EXTENSIONS)
    assert sent(web) == [(None, None)]
    assert outcome.responses[0].meta.get("same_bytes", False) is same


MISSES: dict[str, tuple[Page, Sight, str]] = {
    "404": (Answer("none", 404), Sight.MISSING, "404"),
    "401": (Answer("who?", 401), Sight.MISSING, "401"),
    "403": (Answer("no", 403), Sight.MISSING, "403"),
    "410": (Answer("gone", 410), Sight.GONE, "410"),
    "451": (Answer("no", 451), Sight.RESERVED, "451"),
    "429": (Answer("slow", 429), Sight.UNREACHABLE, "429"),
    "500": (Answer("broken", 500), Sight.UNREACHABLE, "500"),
    "503": (Answer("later", 503), Sight.UNREACHABLE, "503"),
    "reset": (Answer(reset=True), Sight.UNREACHABLE, "connection lost"),
}


@pytest.mark.parametrize("miss", MISSES)
def test_what_did_not_come_is_noted(web: Web, crawl: Crawl, memory: type[Memory], miss: str) -> None:
    web.pages["site.example/team"], sight, reason = MISSES[miss]
    crawl(PAGE, RETRY_TIMES=0, **EXTENSIONS)
    assert [(look.url, look.sight, look.reason) for look in memory.looks] == [(PAGE, sight, reason)]


@pytest.mark.parametrize(
    ("rules", "sight", "reason"),
    [
        ({"robots.txt": "User-agent: *\nDisallow: /team"}, Sight.RESERVED, "robots"),
        ({"robots.txt": Answer(status=503)}, Sight.UNREACHABLE, "robots-unreachable"),
        ({".well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1}]'}, Sight.RESERVED, "tdm"),
        ({".well-known/tdmrep.json": Answer(status=503)}, Sight.UNREACHABLE, "tdm-unreachable"),
    ],
)
def test_what_was_refused_is_noted(
    web: Web, crawl: Crawl, memory: type[Memory], rules: dict[str, Page], sight: Sight, reason: str
) -> None:
    web.pages |= {"site.example/team": page, **{f"site.example/{path}": answer for path, answer in rules.items()}}
    crawl(PAGE, **EXTENSIONS)
    assert web.paths() == []
    assert {(look.url, look.sight, look.reason) for look in memory.looks} == {(PAGE, sight, reason)}


@pytest.mark.parametrize(
    ("status", "sight"),
    [(301, Sight.GONE), (308, Sight.GONE), (302, Sight.MISSING), (303, Sight.MISSING), (307, Sight.MISSING)],
)
def test_a_page_that_moved_is_noted(web: Web, crawl: Crawl, memory: type[Memory], status: int, sight: Sight) -> None:
    web.pages |= {
        "site.example/team": Answer(status=status, headers={"Location": "/people"}),
        "site.example/people": page,
    }
    crawl(PAGE, **EXTENSIONS)
    assert [(look.url, look.sight, look.reason) for look in memory.looks] == [(PAGE, sight, str(status))]


def test_a_page_that_moved_to_nowhere_is_missing(web: Web, crawl: Crawl, memory: type[Memory]) -> None:
    web.pages["site.example/team"] = Answer(status=301, headers={"Location": "/people"})
    crawl(PAGE, **EXTENSIONS)
    assert {(look.url, look.sight) for look in memory.looks} == {
        (PAGE, Sight.MISSING),
        ("http://site.example/people", Sight.MISSING),
    }


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(Request(PAGE, method="POST"), id="post"),
        pytest.param(Request(PAGE, meta={"render": True}), id="drawn"),
    ],
)
def test_some_requests_are_made_in_full(web: Web, crawl: Crawl, request_: Request) -> None:
    web.pages["site.example/team"] = Answer("people", content_type="text/plain")
    crawl(request_, **EXTENSIONS)
    assert sent(web) == [(None, None)]


def test_the_rules_of_a_site_are_always_read(web: Web, crawl: Crawl, memory: type[Memory]) -> None:
    memory.pages = {"http://site.example/robots.txt": known()}
    web.pages["site.example/robots.txt"] = page
    crawl(PAGE, **EXTENSIONS)
    assert all("If-None-Match" not in visit.headers for visit in web.visits)


def test_without_a_memory_pages_are_read(web: Web, crawl: Crawl) -> None:
    web.pages["site.example/team"] = page
    assert crawl(PAGE).urls == [PAGE]


def test_the_double_is_a_memory() -> None:
    assert isinstance(Memory(), FetchMemory)
