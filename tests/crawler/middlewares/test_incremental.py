"""Conditional requests over a loopback web, with a memory in place of the store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

import pytest
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.middlewares.incremental import FetchMemory
from crawler.refusal import Refused, Unchanged
from tests.crawler.middlewares.conftest import Crawl
from tests.support.web import Answer, Visit, Web

PAGE = "http://site.example/team"
MODIFIED = "Sun, 22 Nov 2026 10:00:00 GMT"


class Memory:
    """Remembers what a test puts in, and what the crawl confirms."""

    known: dict[str, tuple[str, str]]
    confirmed: list[tuple[str, datetime]]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    async def validators(self, url: str) -> tuple[str, str] | None:
        return self.known.get(url)

    async def unchanged(self, url: str, fetched_at: datetime) -> None:
        self.confirmed.append((url, fetched_at))


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> type[Memory]:
    monkeypatch.setattr(Memory, "known", {PAGE: ('"v1"', MODIFIED)}, raising=False)
    monkeypatch.setattr(Memory, "confirmed", [], raising=False)
    return Memory


EXTENSIONS: dict[str, Any] = {"EXTENSIONS": {Memory: 10}}


def page(visit: Visit) -> Answer:
    if visit.headers.get("If-None-Match") == '"v1"':
        return Answer(status=304)
    return Answer("people", headers={"ETag": '"v2"'})


def sent(web: Web) -> list[tuple[str | None, str | None]]:
    visits = [visit for visit in web.visits if visit.path in web.paths()]
    return [(visit.headers.get("If-None-Match"), visit.headers.get("If-Modified-Since")) for visit in visits]


def test_an_unchanged_page_is_confirmed_and_not_read(web: Web, crawl: Crawl, memory: type[Memory]) -> None:
    web.pages["site.example/team"] = page
    before = datetime.now(UTC)
    outcome = crawl(PAGE, **EXTENSIONS)
    assert sent(web) == [('"v1"', MODIFIED)]
    assert outcome.responses == []
    assert [type(failure) for failure in outcome.failures] == [Unchanged]
    [(url, at)] = memory.confirmed
    assert url == PAGE
    assert before <= at <= datetime.now(UTC)
    assert outcome.stats["cardfile/fetch/unchanged"] == outcome.stats["cardfile/fetch/conditional"] == 1


@pytest.mark.parametrize(
    ("known", "headers"),
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
    known: tuple[str, str] | None,
    headers: tuple[str | None, str | None],
) -> None:
    memory.known = {PAGE: known} if known else {}
    web.pages["site.example/team"] = page
    outcome = crawl(PAGE, **EXTENSIONS)
    assert sent(web) == [headers]
    assert [response.text for response in outcome.responses] == ["people"]
    assert memory.confirmed == []


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
    assert memory.confirmed == []


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
    memory.known = {"http://site.example/robots.txt": ('"v1"', "")}
    web.pages["site.example/robots.txt"] = page
    crawl(PAGE, **EXTENSIONS)
    assert all("If-None-Match" not in visit.headers for visit in web.visits)


def test_without_a_memory_pages_are_read(web: Web, crawl: Crawl) -> None:
    web.pages["site.example/team"] = page
    assert crawl(PAGE).urls == [PAGE]


def test_the_double_is_a_memory() -> None:
    assert isinstance(Memory(), FetchMemory)
