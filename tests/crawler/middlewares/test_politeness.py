"""Pace and cool-offs, measured at the server."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from crawler.middlewares.hosts import MIN_DELAY, Hosts
from crawler.middlewares.politeness import hold, refusal, retry_after
from crawler.middlewares.turns import Turns
from crawler.network import Targets
from tests.crawler.middlewares.conftest import Crawl
from tests.support.web import Answer, Web

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SITE = "http://site.example"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Stats(MemoryStatsCollector):
    def __init__(self) -> None:
        self._stats = {}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hosts(clock: Clock, tmp_path: Path) -> Hosts:
    return Hosts(Targets(frozenset({"own.example"})), Stats(), Turns(tmp_path), clock)


@pytest.mark.parametrize(
    ("host", "asked", "floor"),
    [
        ("public.example", 0.0, MIN_DELAY),
        ("public.example", 0.2, MIN_DELAY),
        ("public.example", 10.0, 10.0),
        ("own.example", 0.0, 0.0),
        ("own.example", 10.0, 10.0),
    ],
)
@pytest.mark.parametrize("delay", [0.0, 0.5, 30.0])
def test_a_slot_is_held_to_the_floor_of_its_host(
    hosts: Hosts, host: str, asked: float, floor: float, delay: float
) -> None:
    slot = Slot(concurrency=8, delay=delay, jitter=0.5)
    hosts.ask(host, asked)
    hold(slot, hosts, host)
    assert slot.download_delay() == max(floor, delay)
    assert slot.concurrency == (8 if host == "own.example" else 1)


def test_a_host_is_left_alone_until_its_time_has_come(hosts: Hosts, clock: Clock) -> None:
    hosts.cool("a.example", 60, "429")
    hosts.cool("a.example", 5, "503")  # a shorter wish does not shorten the longer one
    assert hosts.cooling("a.example") == (60, "429")
    assert hosts.cooling("b.example") == (0.0, "")
    clock.now = 60.0
    assert hosts.cooling("a.example") == (0.0, "")
    assert hosts.times_cooled("a.example") == 2


@pytest.mark.parametrize(
    ("status", "headers", "body", "word"),
    [
        (200, {}, b"people", ""),
        (200, {}, b'<div class="g-recaptcha">', ""),  # the CAPTCHA of a contact form
        (404, {}, b"", ""),
        (500, {}, b"", ""),
        (401, {}, b"", "401"),
        (403, {}, b"no", "403"),
        (429, {}, b"", "429"),
        (451, {}, b"", "451"),
        (503, {}, b"", "503"),
        (403, {}, b'<script src="/cdn-cgi/challenge-platform/x.js">', "challenge"),
        (503, {}, b"<form id=cf-chl-form>", "challenge"),
        (403, {}, b'<div class="h-captcha">', "challenge"),
        (200, {"cf-mitigated": "challenge"}, b"", "challenge"),
        (202, {"x-amzn-waf-action": "captcha"}, b"", "challenge"),
    ],
)
def test_what_turns_us_away_has_a_word(status: int, headers: dict[str, str], body: bytes, word: str) -> None:
    assert refusal(Response(SITE, status=status, headers=headers, body=body)) == word


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(Response(SITE, headers={"Retry-After": text}), NOW) == seconds


@pytest.mark.parametrize("wish", ["Crawl-delay: 0.25", "Request-rate: 4/1"])
def test_the_pace_that_a_host_asks_for_is_kept(web: Web, crawl: Crawl, wish: str) -> None:
    web.pages["site.example/robots.txt"] = f"User-agent: *\n{wish}"
    outcome = crawl(*(f"{SITE}/{number}" for number in range(4)))
    gaps = web.gaps("site.example")
    assert len(gaps) == 5
    assert min(gaps) >= 0.25
    assert outcome.stats["cardfile/host/site.example/max_concurrency"] == 1
    assert outcome.stats["cardfile/host/site.example/requests"] == 6


def test_one_request_at_a_time_and_the_delay_of_the_settings(web: Web, crawl: Crawl) -> None:
    web.pages |= {f"site.example/{number}": Answer("ok", hang=0.1) for number in range(4)}
    outcome = crawl(*(f"{SITE}/{number}" for number in range(4)), DOWNLOAD_DELAY=0.25)
    assert web.most_at_once == 1
    assert min(web.gaps("site.example")) >= 0.2  # Scrapy counts from start to start, the server sees the difference
    assert outcome.stats["cardfile/host/site.example/min_gap"] >= 0.24


def test_autothrottle_does_not_undercut_the_host(web: Web, crawl: Crawl) -> None:
    web.pages |= {"site.example/robots.txt": "User-agent: *\nCrawl-delay: 0.25"}
    web.pages |= {f"site.example/{number}": "ok" for number in range(4)}
    settings = {"AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.0, "DOWNLOAD_DELAY": 0.0}
    crawl(*(f"{SITE}/{number}" for number in range(4)), **settings)
    assert min(web.gaps("site.example")) >= 0.25


def test_hosts_do_not_wait_for_each_other(web: Web, crawl: Crawl) -> None:
    names = [f"{letter}.example" for letter in "abc"]
    web.pages |= {f"{name}/robots.txt": "User-agent: *\nCrawl-delay: 0.3" for name in names}
    crawl(*(f"http://{name}/{number}" for number in range(3) for name in names))
    first, last = web.visits[0].at, web.visits[-1].at
    assert len(web.visits) == 15
    assert last - first < 2.0  # one after the other it would take 12 gaps of 0.3 s


def test_a_redirect_waits_in_the_slot_of_the_host_it_leads_to(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        f"a.example/{number}": Answer(status=302, headers={"Location": f"{SITE}/{number}"}) for number in range(3)
    }
    web.pages["site.example/robots.txt"] = "User-agent: *\nCrawl-delay: 0.25"
    crawl(*(f"http://a.example/{number}" for number in range(3)))
    assert min(web.gaps("site.example")) >= 0.25


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        pytest.param(Answer(status=429), "429", id="429"),
        pytest.param(Answer(status=429, headers={"Retry-After": "3600"}), "429", id="429-retry-after"),
        pytest.param(Answer(status=503, headers={"Retry-After": "3600"}), "503", id="503-retry-after"),
        pytest.param(Answer('<div class="h-captcha">', 403), "challenge", id="challenge"),
        pytest.param(
            Answer(gzip.compress(b'<div class="h-captcha">'), 403, headers={"Content-Encoding": "gzip"}),
            "challenge",
            id="compressed-challenge",
        ),
    ],
)
def test_a_refusal_is_neither_retried_nor_worked_around(web: Web, crawl: Crawl, answer: Answer, word: str) -> None:
    web.pages |= {"site.example/1": answer, "other.example/1": "people"}
    # All stand in line at once: who waits when the refusal comes is not sent either.
    urls = [f"{SITE}/1", f"{SITE}/2", f"{SITE}/3", "http://other.example/1"]
    outcome = crawl(*urls, DOWNLOAD_DELAY=0.1)
    assert web.paths("site.example") == ["/1"]
    assert outcome.urls == ["http://other.example/1"]
    assert outcome.stats[f"cardfile/host/site.example/refusals/{word}"] == 1
    assert outcome.stats["cardfile/rights/cool-off"] == 2
    assert outcome.stats[f"cardfile/host/site.example/cooloff/{word}"] == 1


def test_a_time_to_come_back_is_waited_for_once(web: Web, crawl: Crawl) -> None:
    later = Answer(status=429, headers={"Retry-After": "1"})
    web.pages |= {
        "site.example/1": lambda visit: Answer("ok") if web.paths().count("/1") > 1 else later,
        "site.example/2": later,
    }
    outcome = crawl(f"{SITE}/1", f"{SITE}/2")
    assert outcome.urls == [f"{SITE}/1"]
    assert sorted(web.paths()) == ["/1", "/1", "/2", "/2"]
    refused = [visit.at for visit in web.visits if visit.path in {"/1", "/2"}]
    assert all(after - before >= 1.0 for before, after in pairwise(refused[:3]))
    assert outcome.stats["cardfile/refusals/429"] == 3


def test_pages_that_want_a_login_are_left_one_by_one_then_the_host(web: Web, crawl: Crawl) -> None:
    web.pages |= {f"site.example/{number}": Answer(status=403 if number else 401) for number in range(9)}
    outcome = crawl(*(f"{SITE}/{number}" for number in range(9)))
    assert web.paths() == ["/0", "/1", "/2"]
    assert outcome.stats["cardfile/refusals/401"] == 1
    assert outcome.stats["cardfile/refusals/403"] == 2
    assert outcome.stats["cardfile/rights/cool-off"] == 6


def test_the_settings_are_polite() -> None:
    settings = Settings()
    settings.setmodule("settings.prod")
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1.0
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
    assert settings.getfloat("DOWNLOAD_DELAY_JITTER") == 0.0
    assert not {429, 503} & {int(code) for code in settings.getlist("RETRY_HTTP_CODES")}
