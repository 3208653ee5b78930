"""The gate over a loopback web: what is refused is not fetched, counted at the server."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import Request

from crawler.items import Permission
from crawler.middlewares.gate import SiteRights
from crawler.middlewares.robots import MAX_BYTES
from tests.crawler.middlewares.conftest import Crawl
from tests.support.crawling import Visitor
from tests.support.web import Answer, Web

PAGE = "http://site.example/team"
ROBOTS = "site.example/robots.txt"


@pytest.mark.parametrize(
    ("robots", "rule", "reason"),
    [
        pytest.param(Answer("User-agent: *\nDisallow: /team"), "robots", "robots.txt forbids it", id="disallowed"),
        pytest.param(
            Answer("User-agent: cardfile\nDisallow: /"), "robots", "robots.txt forbids it", id="disallowed-us"
        ),
        pytest.param(Answer("later", 503), "robots-unreachable", "status 503", id="503"),
        pytest.param(Answer("broken", 500), "robots-unreachable", "status 500", id="500"),
        pytest.param(Answer("slow down", 429), "robots-unreachable", "status 429", id="429"),
        pytest.param(Answer(reset=True), "robots-unreachable", "connection lost", id="reset"),
        pytest.param(Answer(hang=3.0), "robots-unreachable", "timeout", id="timeout"),
        pytest.param(Answer(b"#" * (MAX_BYTES + 1)), "robots-unreachable", "too long", id="too-long"),
        pytest.param(
            Answer(b"User-agent: *\nAllow: /\n# \xff\xfe"), "robots-unreachable", "undecodable", id="not-utf-8"
        ),
        pytest.param(
            Answer(b"\x00\x01garbage", headers={"Content-Encoding": "gzip"}),
            "robots-unreachable",
            "undecodable",
            id="broken-gzip",
        ),
        pytest.param(
            Answer(gzip.compress(b"#" * 9_000_000), headers={"Content-Encoding": "gzip"}),
            "robots-unreachable",
            "too long",
            id="bomb",
        ),
        pytest.param(
            Answer(status=302, headers={"Location": "/robots.txt"}), "robots-unreachable", "status 302", id="endless"
        ),
        pytest.param(
            Answer(status=301, headers={"Location": "ftp://site.example/robots.txt"}),
            "robots-unreachable",
            "status 301",
            id="redirect-to-ftp",
        ),
    ],
)
def test_a_refusal_costs_no_page_request(
    web: Web, crawl: Crawl, robots: Answer, rule: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.middlewares.gate._ROBOTS_TIMEOUT", 0.5)
    web.pages |= {ROBOTS: robots, "site.example/team": "<p>people</p>"}
    outcome = crawl(PAGE, PAGE + "?page=2")
    assert web.paths() == []
    assert outcome.responses == []
    assert reason in str(outcome.failures[0])
    assert outcome.stats[f"cardfile/rights/{rule}"] == 2
    assert outcome.stats[f"cardfile/host/site.example/refused/{rule}"] == 2


TDM = "site.example/.well-known/tdmrep.json"


@pytest.mark.parametrize(
    ("tdm", "rule", "reason"),
    [
        pytest.param(Answer('[{"location": "/", "tdm-reservation": 1}]'), "tdm", "is reserved", id="all"),
        pytest.param(Answer('[{"location": "/team", "tdm-reservation": 1}]'), "tdm", "is reserved", id="the-page"),
        pytest.param(
            Answer('[{"location": "/", "tdm-reservation": 0}, {"location": "/team*", "tdm-reservation": "1"}]'),
            "tdm",
            "is reserved",
            id="the-longest-location",
        ),
        pytest.param(Answer(status=503), "tdm-unreachable", "unreachable", id="503"),
        pytest.param(Answer(status=429), "tdm-unreachable", "unreachable", id="429"),
        pytest.param(Answer(reset=True), "tdm-unreachable", "unreachable", id="reset"),
    ],
)
def test_a_reservation_of_mining_costs_no_page_request(
    web: Web, crawl: Crawl, tdm: Answer, rule: str, reason: str
) -> None:
    web.pages |= {TDM: tdm, "site.example/team": "<p>people</p>"}
    outcome = crawl(PAGE)
    assert web.paths() == []
    assert reason in str(outcome.failures[0])
    assert outcome.stats[f"cardfile/rights/{rule}"] == 1


@pytest.mark.parametrize(
    ("answer", "directives"),
    [
        pytest.param(Answer("people", headers={"X-Robots-Tag": "noindex"}), {"noindex"}, id="for-all"),
        pytest.param(Answer("people", headers={"X-Robots-Tag": "cardfile: nofollow"}), {"nofollow"}, id="for-us"),
        pytest.param(Answer("people", headers={"X-Robots-Tag": "otherbot: none"}), set(), id="for-another"),
        pytest.param(Answer("people", headers={"X-Robots-Tag": "noai"}), {"noindex", "noarchive"}, id="noai"),
        pytest.param(Answer("people", headers={"TDM-Reservation": "1"}), {"noindex", "noarchive"}, id="tdm"),
        pytest.param(Answer("<meta name=robots content=noarchive>people"), {"noarchive"}, id="meta"),
        pytest.param(Answer("<meta name=cardfile content=none>people"), {"noindex", "nofollow"}, id="meta-for-us"),
        pytest.param(
            Answer("<meta name=robots content=all>people", headers={"X-Robots-Tag": "noindex"}),
            {"noindex"},
            id="the-strictest",
        ),
    ],
)
def test_a_page_says_what_may_be_done_with_it(web: Web, crawl: Crawl, answer: Answer, directives: set[str]) -> None:
    web.pages["site.example/team"] = answer
    [response] = crawl(PAGE).responses
    assert response.meta["directives"] == directives
    assert bool(response.meta["permission"].signals) is bool(directives)


@pytest.mark.parametrize(
    ("page", "robots", "rule"),
    [
        ("/team", "User-agent: *\nAllow: /", ""),
        ("/team", "User-agent: *\nDisallow: /t", "robots"),
        ("/team", Answer(status=503), ""),  # silence is no reservation
        ("/reserved", "", "tdm"),
    ],
)
def test_the_rules_can_be_asked_without_asking_for_the_page(
    web: Web, crawl: Crawl, page: str, robots: Answer | str, rule: str
) -> None:
    web.pages |= {ROBOTS: robots, TDM: '[{"location": "/reserved", "tdm-reservation": 1}]'}
    found: list[str] = []

    class Asking(Visitor):
        async def start(self) -> AsyncIterator[Any]:
            gate = self.crawler.get_downloader_middleware(SiteRights)
            assert gate
            found.append(await gate.reservation(f"http://site.example{page}"))
            for nothing in list[Request]():
                yield nothing

    crawl(spider=Asking)
    assert found == [rule]
    assert web.paths() == []


@pytest.mark.parametrize(
    ("robots", "rule"),
    [
        pytest.param(Answer("none", 404), "no robots.txt (status 404)", id="404"),
        pytest.param(Answer("no", 403), "no robots.txt (status 403)", id="403"),
        pytest.param(Answer("gone", 410), "no robots.txt (status 410)", id="410"),
        pytest.param(Answer(""), "no rule applies", id="empty"),
        pytest.param(Answer("User-agent: *\nDisallow:"), "no rule applies", id="disallow-nothing"),
        pytest.param(Answer("User-agent: *\nDisallow: /\nAllow: /team"), "line 3: Allow: /team", id="longest-wins"),
        pytest.param(
            Answer("User-agent: *\nDisallow: /\n\nUser-agent: Cardfile\nDisallow: /x"),
            "no rule applies",
            id="our-group",
        ),
        pytest.param(Answer("<html>Welcome</html>"), "no rule applies", id="a-page-instead"),
    ],
)
def test_a_page_that_may_be_fetched_arrives_with_its_receipt(web: Web, crawl: Crawl, robots: Answer, rule: str) -> None:
    web.pages |= {ROBOTS: robots, "site.example/team": "<p>people</p>"}
    before = datetime.now(UTC)
    outcome = crawl(PAGE)
    assert outcome.urls == [PAGE]
    meta = outcome.responses[0].meta
    permission = meta["permission"]
    assert isinstance(permission, Permission)
    assert permission.rule == rule
    assert permission.robots_url == "http://site.example/robots.txt"
    assert permission.robots_status == robots.status
    assert len(permission.robots_hash) == (64 if robots.status == 200 else 0)
    assert before <= meta["fetched_at"] <= datetime.now(UTC)
    assert meta["rendered"] is False
    assert meta["directives"] == frozenset()


def test_robots_txt_is_asked_for_once_by_origin(web: Web, crawl: Crawl) -> None:
    web.pages |= {f"{name}.example/{page}": "ok" for name in ("a", "b") for page in ("1", "2", "3")}
    crawl(*(f"http://{name}.example/{page}" for name in ("a", "b") for page in ("1", "2", "3")))
    assert [visit.host for visit in web.visits if visit.path == "/robots.txt"].count("a.example") == 1
    assert len(web.paths()) == 6


def test_robots_txt_may_live_behind_five_redirects(web: Web, crawl: Crawl) -> None:
    for hop in range(5):
        here = ROBOTS if hop == 0 else f"other.example/hop{hop}"
        web.pages[here] = Answer(status=301, headers={"Location": f"http://other.example/hop{hop + 1}"})
    web.pages["other.example/hop5"] = "User-agent: *\nDisallow: /team"
    outcome = crawl(PAGE, "http://site.example/open")
    assert web.paths("site.example") == ["/open"]
    assert outcome.stats["cardfile/rights/robots"] == 1


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        pytest.param("/secret", "robots", id="same-host"),
        pytest.param("http://closed.example/", "robots", id="other-host"),
        pytest.param("http://down.example/", "robots-unreachable", id="unreachable-host"),
        pytest.param("http://me:word@site.example/", "credentials", id="credentials"),
        pytest.param("http://site.example:22/", "port", id="ssh-port"),
    ],
)
def test_a_redirect_is_checked_before_it_is_followed(web: Web, crawl: Crawl, location: str, rule: str) -> None:
    web.pages |= {
        ROBOTS: "User-agent: *\nDisallow: /secret",
        "closed.example/robots.txt": "User-agent: *\nDisallow: /",
        "down.example/robots.txt": Answer(status=500),
        "site.example/team": Answer(status=302, headers={"Location": location}),
    }
    outcome = crawl(PAGE)
    assert web.paths() == ["/team"]
    assert outcome.stats[f"cardfile/rights/{rule}"] == 1
    assert outcome.responses == []


def test_every_request_names_us_and_the_operator(web: Web, crawl: Crawl) -> None:
    web.pages["site.example/team"] = "ok"
    crawl(PAGE, CARDFILE_CONTACT="crawl@operator.example")
    assert len(web.visits) == 3
    for visit in web.visits:
        assert visit.headers["User-Agent"].startswith("Cardfile/")
        assert visit.headers["User-Agent"].endswith(" (+crawl@operator.example)")
