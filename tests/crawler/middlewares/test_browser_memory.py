"""A browser that takes too much is replaced, and so is one that has drawn many pages; no page is lost by it."""

from __future__ import annotations

import pytest
from scrapy import Request

from crawler.middlewares import renderer
from crawler.middlewares.renderer import Renderer
from tests.crawler.middlewares.conftest import Crawl
from tests.support.web import Answer, Web

pytestmark = pytest.mark.browser

PAGES = 3


@pytest.fixture
def requests(web: Web, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Some pages whose scripts write "drawn"."""
    monkeypatch.setattr("crawler.middlewares.view.QUIET", 0.15)
    web.pages |= {f"site.example/{number}": "<p id=a>sent</p><script src=/a.js></script>" for number in range(PAGES)}
    web.pages["site.example/a.js"] = Answer("a.textContent = 'drawn'", content_type="text/javascript")
    return [Request(f"http://site.example/{number}", meta={"render": True}) for number in range(PAGES)]


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each browser that is started."""
    found: list[None] = []
    launch = Renderer._launch

    async def counting(one: Renderer) -> None:
        found.append(None)
        await launch(one)

    monkeypatch.setattr(Renderer, "_launch", counting)
    return found


def test_a_page_that_takes_too_much_arrives_as_it_was_sent(crawl: Crawl, requests: list[Request]) -> None:
    outcome = crawl(requests[0], CARDFILE_BROWSER_MEMORY_MB=10)
    assert [response.meta["rendered"] for response in outcome.responses] == [False]
    assert outcome.stats["cardfile/browser/memory"] == 2
    assert outcome.failures == []


def test_a_browser_is_replaced_after_so_many_pages(
    crawl: Crawl, requests: list[Request], starts: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer, "MOST_PAGES", 2)
    outcome = crawl(*requests)
    assert ["drawn" in response.text for response in outcome.responses] == [True] * PAGES
    assert len(starts) == 2


def test_one_browser_draws_many_pages(crawl: Crawl, requests: list[Request], starts: list[None]) -> None:
    outcome = crawl(*requests)
    assert outcome.stats["cardfile/browser/rendered"] == PAGES
    assert len(starts) == 1
