"""Pages drawn by a real Chromium that gets every byte through the gate."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scrapy import Request

from crawler.middlewares import chromium
from crawler.middlewares.robots import MAX_BYTES
from tests.crawler.middlewares.conftest import Crawl
from tests.support.crawling import Outcome
from tests.support.web import Answer, Web

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("tidy_browser")]

PAGE = "http://site.example/team"


def render(url: str = PAGE) -> Request:
    return Request(url, meta={"render": True})


def script(body: str) -> Answer:
    return Answer(body, content_type="text/javascript")


def json(body: str, **headers: str) -> Answer:
    return Answer(body, content_type="application/json", headers=headers)


SHOW = "fetch('{url}').then(r => r.text()).then(t => {{ document.getElementById('a').textContent = t }})"


def test_a_page_drawn_by_script_arrives_drawn(web: Web, crawl: Crawl) -> None:
    web.pages |= {
        "site.example/team": "<p id=a></p><p id=b></p><link rel=stylesheet href=/s.css><img src=/i.png>"
        "<script src=/a.js></script><script>b.textContent = navigator.userAgent</script>",
        "site.example/a.js": script(SHOW.format(url="/people.json")),
        "site.example/people.json": json('{"name": "Zoë Example"}'),
    }
    web.pages["site.example/next"] = web.pages["site.example/team"]
    outcome = crawl(render(), render("http://site.example/next"), CARDFILE_CONTACT="crawl@operator.example")
    response = next(response for response in outcome.responses if response.url == PAGE)
    assert "Zoë Example" in response.text
    assert "(+crawl@operator.example)" in response.text
    assert response.headers["Content-Type"] == b"text/html; charset=utf-8"
    assert response.meta["rendered"] is True
    assert response.meta["permission"].rule.startswith("no robots.txt")
    # A script is fetched once a run, what it shows once a page.
    assert sorted(web.paths()) == ["/a.js", "/next", "/people.json", "/people.json", "/team"]
    assert all(visit.headers["User-Agent"].startswith("Cardfile/") for visit in web.visits)
    assert outcome.stats["cardfile/browser/rendered"] == 2
    assert outcome.stats["cardfile/browser/subrequests"] == 4


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        pytest.param("robots.txt", "User-agent: *\nDisallow: /team", id="disallowed"),
        pytest.param("robots.txt", Answer(status=503), id="503"),
        pytest.param("robots.txt", Answer(status=429), id="429"),
        pytest.param("robots.txt", Answer(reset=True), id="reset"),
        pytest.param("robots.txt", Answer(b"\xff\xfe"), id="undecodable"),
        pytest.param("robots.txt", Answer(b"#" * (MAX_BYTES + 1)), id="too-long"),
        pytest.param(".well-known/tdmrep.json", '[{"location": "/", "tdm-reservation": 1}]', id="tdm"),
        pytest.param(".well-known/tdmrep.json", Answer(status=503), id="tdm-503"),
    ],
)
def test_the_browser_asks_the_same_gate(web: Web, crawl: Crawl, path: str, rules: Answer | str) -> None:
    web.pages |= {f"site.example/{path}": rules, "site.example/team": "people"}
    outcome = crawl(render())
    assert web.paths() == []
    assert outcome.responses == []
    assert "playwright/browser_count" not in outcome.stats


def test_a_sub_request_is_asked_for_at_every_hop(web: Web, crawl: Crawl) -> None:
    show = [SHOW.format(url=url) for url in ("/api/people", "/open")]
    cdn = "<script src=http://cdn.example/x.js></script>"
    web.pages |= {
        "site.example/robots.txt": "User-agent: *\nDisallow: /api",
        "site.example/team": f"<p id=a>static</p><script>{show[0]}; {show[1]}</script>{cdn}",
        "site.example/open": Answer(status=302, headers={"Location": "/api/people"}),
        "site.example/api/people": "secret",
        "cdn.example/robots.txt": "User-agent: *\nDisallow: /",
    }
    outcome = crawl(render())
    assert web.paths() == ["/team", "/open"]
    assert "static" in outcome.responses[0].text
    assert outcome.stats["cardfile/rights/robots"] >= 3  # a browser may ask for a script twice


def test_sub_requests_keep_the_pace_that_the_host_asks_for(web: Web, crawl: Crawl) -> None:
    scripts = "".join(f"<script src=/{number}.js></script>" for number in range(3))
    web.pages |= {"site.example/robots.txt": "User-agent: *\nCrawl-delay: 0.3", "site.example/team": f"<p>x{scripts}"}
    web.pages |= {f"site.example/{number}.js": script("1") for number in range(3)}
    outcome = crawl(render())
    assert sorted(web.paths()) == ["/0.js", "/1.js", "/2.js", "/team"]
    assert min(web.gaps("site.example")[1:]) >= 0.3  # from the second request on: the first said so
    assert outcome.stats["cardfile/host/site.example/max_concurrency"] == 1
    assert outcome.stats["cardfile/host/site.example/requests"] == len(web.visits)


@contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port that counts who connects to it, whatever they speak."""
    seen: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    seen.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], seen
        finally:
            done.set()
            thread.join()


#: What a page can try without leaving itself, and what leaves it.
WAYS_OUT = (
    "fetch('http://127.0.0.1:{port}/')",
    "fetch('http://2130706433:{port}/')",
    "fetch('http://0x7f.1:{port}/')",
    "fetch('http://127.1:{port}/')",
    "fetch('http://localhost:{port}/')",
    "fetch('http://[::ffff:127.0.0.1]:{port}/')",
    "fetch('http://0.0.0.0:{port}/')",
    "fetch('http://inside.test:{port}/')",
    "fetch('http://127.0.0.1:{port}/', {{method: 'POST', body: 'x', mode: 'no-cors'}})",
    "navigator.sendBeacon('http://127.0.0.1:{port}/', 'x')",
    "new WebSocket('ws://127.0.0.1:{port}/')",
    "new EventSource('http://127.0.0.1:{port}/')",
    "new Image().src = 'http://127.0.0.1:{port}/'",
    "document.body.append(Object.assign(document.createElement('iframe'), {{src: 'http://127.0.0.1:{port}/'}}))",
    "new Worker(URL.createObjectURL(new Blob([\"importScripts('http://127.0.0.1:{port}/')\"])))",
    "document.head.innerHTML += '<link rel=preconnect href=http://127.0.0.1:{port}>'",
    "new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}}).createDataChannel('x')",
)
WAYS_AWAY = {
    "popup": "window.open('http://127.0.0.1:{port}/')",
    "navigation": "location.href = 'http://127.0.0.1:{port}/'",
    "refresh": "document.head.innerHTML += '<meta http-equiv=' + 'refresh content=\"0;url=http://127.0.0.1:{port}/\">'",
}


def test_no_way_out_of_a_page_leads_inside(web: Web, crawl: Crawl) -> None:
    pages = {"all": "; ".join(f"try {{{{ {way} }}}} catch (error) {{{{}}}}" for way in WAYS_OUT), **WAYS_AWAY}
    with listener() as (port, seen):
        for name, way in pages.items():
            web.pages[f"site.example/{name}"] = f"<p>people</p><script>{way.format(port=port)}</script>"
        outcome = crawl(*(render(f"http://site.example/{name}") for name in pages), CARDFILE_RENDER_TIMEOUT=10.0)
        assert seen == []
    assert outcome.failures == []
    assert all("people" in response.text for response in outcome.responses)
    assert outcome.stats["cardfile/browser/rendered"] == len(pages)
    assert outcome.stats["playwright/browser_count"] == 1
    assert outcome.stats["playwright/page_count/max_concurrent"] <= 2  # the popup is the second


def test_a_directive_counts_before_and_after_drawing(web: Web, crawl: Crawl) -> None:
    pages = {
        "source": ('<meta name=robots content=noindex><script src="/a.js"></script>', {"noindex"}),
        "drawn": ("<script>document.head.innerHTML = '<meta name=robots content=noindex>'</script>", {"noindex"}),
        "removed": (
            "<meta name=robots content=nofollow><script>document.querySelector('meta').remove()</script>",
            {"nofollow"},
        ),
        "data": (f"<p id=a></p><script>{SHOW.format(url='/closed.json')}</script>", {"noindex", "nofollow"}),
    }
    web.pages |= {f"site.example/{name}": page for name, (page, _) in pages.items()}
    web.pages["site.example/closed.json"] = json("{}", **{"X-Robots-Tag": "none"})
    outcome = crawl(*(render(f"http://site.example/{name}") for name in pages), CARDFILE_RENDER_TIMEOUT=10.0)
    found = {response.url.rpartition("/")[2]: response.meta["directives"] for response in outcome.responses}
    assert found == {name: directives for name, (_, directives) in pages.items()}
    assert "/a.js" not in web.paths()  # what may not be stored is not drawn


def run_endless(web: Web, crawl: Crawl, pages: dict[str, str], deadline: float) -> Outcome:
    web.pages |= {f"site.example/{name}": f"<p>people</p>{page}" for name, page in pages.items()}
    web.pages["site.example/hang.js"] = Answer(hang=30)
    outcome = crawl(*(render(f"http://site.example/{name}") for name in pages), CARDFILE_RENDER_TIMEOUT=deadline)
    assert all("people" in response.text for response in outcome.responses)
    return outcome


def rendered(outcome: Outcome) -> dict[str, bool]:
    return {response.url.rpartition("/")[2]: response.meta["rendered"] for response in outcome.responses}


def test_a_script_without_end_costs_its_page_and_no_other(
    web: Web, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.middlewares.browser._ATTEMPTS", 1)
    outcome = run_endless(web, crawl, {"endless": "<script>for (;;) {}</script>", "after": ""}, deadline=4.0)
    assert rendered(outcome) == {"endless": False, "after": True}
    assert outcome.stats["cardfile/browser/deadline"] == 1


@pytest.mark.proof
def test_a_page_that_eats_memory_costs_no_other(web: Web, crawl: Crawl) -> None:
    hog = "<script>const kept = []; for (;;) kept.push(new Array(1e6).fill(Math.random()))</script>"
    outcome = run_endless(web, crawl, {"hog": hog, "after": ""}, deadline=30.0)
    assert rendered(outcome) == {"hog": False, "after": True}
    assert outcome.stats.get("cardfile/browser/crashed", 0) + outcome.stats.get("cardfile/browser/deadline", 0) == 2


@pytest.mark.proof
def test_a_page_that_never_comes_to_rest_is_taken_as_it_stands(web: Web, crawl: Crawl) -> None:
    pages = {
        "dialogs": "<script>alert('wait'); confirm('wait')</script>",
        "hanging-script": "<script src=/hang.js></script>",
        "never-quiet": "<script>setInterval(() => fetch('/x' + Math.random()), 20)</script>",
    }
    outcome = run_endless(web, crawl, pages, deadline=10.0)
    assert rendered(outcome) == dict.fromkeys(pages, True)


def test_without_a_browser_pages_are_read_as_sent(
    web: Web, crawl: Crawl, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    web.pages |= {"site.example/team": "people", "site.example/next": "next"}
    outcome = crawl(render(), render("http://site.example/next"), CARDFILE_CHROMIUM=str(broken))
    assert sorted(response.text for response in outcome.responses) == ["next", "people"]
    assert {response.meta["rendered"] for response in outcome.responses} == {False}
    assert [record.message for record in caplog.records if "Chromium" in record.message] == [f"{chromium.NO_CHROMIUM}."]


def test_what_is_no_page_is_not_drawn(web: Web, crawl: Crawl) -> None:
    web.pages["site.example/team"] = Answer(b"%PDF-1.7", content_type="application/pdf")
    outcome = crawl(render())
    assert outcome.responses[0].body == b"%PDF-1.7"
    assert "playwright/browser_count" not in outcome.stats
