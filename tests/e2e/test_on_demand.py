"""Pages that are empty without their scripts: drawn once by a real Chromium, within the source's budget."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pipelines.master.database import database_url, open_store
from pipelines.master.models import CaptureRow, PersonRow
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Web

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("tidy_browser")]

SHELL = (
    '<!doctype html><html lang="en"><title>Team</title><body><noscript>Please enable JavaScript.</noscript>'
    '<div id="app"></div><img src="/portrait.png"><style>@font-face{font-family:x;src:url(/x.woff2)}</style>'
    '<script src="/app.js"></script></body></html>'
)
APP = """fetch(location.pathname + ".json").then((answer) => answer.json()).then((team) => {
  document.querySelector("#app").innerHTML = "<main><h1>Team</h1>" + team.map((one) => `<section><h3>${one.name}</h3>
  <p>${one.role}</p><a href="mailto:${one.mail}">${one.mail}</a><img src="/p.jpg"><video src="/v.mp4"></video>
  </section>`).join("") + "</main>"; });"""
TEAM = '[{"name": "Jacoba Roe", "role": "Sales Manager", "mail": "jacoba.roe@noord.example"}]'
HOME = "<html><main><a href='/team'>Our team</a> <a href='/staff'>Staff</a> <a href='/board'>Board</a></main>"


def serve(web: Web, *paths: str) -> None:
    web.pages["noord.example/"] = HOME
    web.pages["noord.example/app.js"] = Answer(APP, content_type="text/javascript")
    for path in paths:
        web.pages[f"noord.example{path}"] = Answer(SHELL, headers={"ETag": '"shell"'})
        web.pages[f"noord.example{path}.json"] = Answer(TEAM, content_type="application/json")


def test_an_empty_page_is_drawn_from_what_has_arrived(crawls: Crawls, web: Web) -> None:
    serve(web, "/team")
    crawls.source("noord", "http://noord.example/")
    stats = crawls.crawl("noord")
    asked = web.paths("noord.example")
    assert sorted(set(asked)) == ["/", "/app.js", "/board", "/sitemap.xml", "/staff", "/team", "/team.json"]
    assert [asked.count(path) for path in ("/team", "/app.js", "/team.json")] == [1, 1, 1]
    assert (stats["cardfile/browser/on-demand"], stats["cardfile/browser/rendered"]) == (1, 1)
    engine = open_store(database_url("", crawls.home))
    with engine.connect() as connection:
        assert set(connection.scalars(select(PersonRow.email))) == {"jacoba.roe@noord.example"}
        drawn = connection.execute(select(CaptureRow).where(CaptureRow.url == "http://noord.example/team")).one()
        # A 304 would vouch for the shell, not for what the script fetches.
        assert (drawn.rendered, drawn.etag) == (True, "")
    engine.dispose()
    web.pages["noord.example/team.json"] = Answer(TEAM.replace("Sales Manager", "Sales Director"))
    crawls.crawl("noord")
    assert web.paths("noord.example").count("/team.json") == 2


def test_the_budget_for_drawn_pages_holds(crawls: Crawls, web: Web) -> None:
    serve(web, "/team", "/staff", "/board")
    crawls.source("noord", "http://noord.example/", "budget = { browser_pages = 1 }")
    stats = crawls.crawl("noord")
    asked = web.paths("noord.example")
    assert (stats["cardfile/browser/rendered"], stats["cardfile/browser/over-budget"]) == (1, 2)
    assert len([path for path in asked if path.endswith(".json")]) == 1
    assert [asked.count(path) for path in ("/team", "/staff", "/board")] == [1, 1, 1]


def test_a_page_that_stays_empty_is_not_drawn_again(crawls: Crawls, web: Web) -> None:
    serve(web, "/team")
    web.pages["noord.example/app.js"] = Answer("throw new Error('broken')", content_type="text/javascript")
    crawls.source("noord", "http://noord.example/")
    stats = crawls.crawl("noord")
    assert stats["cardfile/browser/on-demand"] == 1
    assert web.paths("noord.example").count("/app.js") == 1
