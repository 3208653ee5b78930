"""Pages drawn by a real Chromium that gets every byte through the gate."""

from __future__ import annotations

import pytest
from scrapy import Request

from tests.crawler.middlewares.conftest import Crawl
from tests.support.web import Answer, Web

pytestmark = pytest.mark.browser

PAGE = "http://site.example/team"


def render(url: str = PAGE) -> Request:
    return Request(url, meta={"render": True})


def script(body: str) -> Answer:
    return Answer(body, content_type="text/javascript")


def test_a_page_drawn_by_script_arrives_drawn(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        "site.example/team": "<p id=a></p><link rel=stylesheet href=/s.css><img src=/i.png><script src=/a.js></script>",
        "site.example/a.js": script(
            "fetch('/people.json').then(r => r.json()).then(p => { document.getElementById('a').textContent = p.name })"
        ),
        "site.example/people.json": Answer('{"name": "Ada Example"}', content_type="application/json"),
    }
    outcome = crawl(render())
    assert "Ada Example" in outcome.responses[0].text
    assert outcome.responses[0].meta["rendered"] is True
    assert outcome.responses[0].meta["permission"].rule.startswith("no robots.txt")
    assert web.paths() == ["/team", "/a.js", "/people.json"]
    assert all(visit.headers["User-Agent"].startswith("Cardfile/") for visit in web.visits)
    assert outcome.stats["cardfile/browser/rendered"] == 1
    assert outcome.stats["playwright/page_count"] == outcome.stats["playwright/context_count"] == 1
