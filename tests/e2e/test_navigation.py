"""Spiders on the way: lists without end, budgets, one page under several names, walls."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crawler.errors import SourceError
from pipelines.master.database import database_url, open_store
from pipelines.master.models import PersonRow
from tests.support import tree
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Visit, Web

TRAPS = (
    "/calendar/2027/03/",
    "?date=2027-03-01",
    "?sort=name",
    "?filter[town]=Delft",
    "/list/2027/03/04",
    "/team;jsessionid=4f2a",
)
SHAPES = [
    name for name in tree.modules("crawler.spiders") if name not in {"import_file", "open_register", "company_site"}
]
CARD = (
    "<main><h1>{0}</h1><p>{0}<br>Sales Manager<br>Alder Ltd<br><a href='mailto:{1}@alder.example'>Mail</a></p></main>"
)


def people(crawls: Crawls) -> set[str]:
    engine = open_store(database_url("", crawls.home))
    with engine.connect() as connection:
        found = set(connection.scalars(select(PersonRow.name)))
    engine.dispose()
    return found


def register(crawls: Crawls, spider: str, url: str, more: str = "", kind: str = "directory") -> None:
    crawls.register(f'[[source]]\nid = "noord"\nspider = "{spider}"\nkind = "{kind}"\nstart_urls = ["{url}"]\n{more}\n')


def test_a_list_is_turned_over_deeper_than_the_depth_of_its_budget(crawls: Crawls, web: Web) -> None:
    names = [
        "Bronwen Achterberg",
        "Alasdair Pemberly",
        "Philippa Ashworth",
        "Imogen Tarrant",
        "Rupert Vane",
        "Ada Moss",
    ]
    for number, name in enumerate(names):
        pager = (
            f"<div class='pagination'><a href='/members/page/{number + 1}'>Next</a></div>" if name != "Ada Moss" else ""
        )
        slug = name.split()[1].lower()
        web.pages[f"noord.example/members/page/{number}"] = f"<a href='/members/{slug}'>{name}</a>{pager}"
        web.pages[f"noord.example/members/{slug}"] = CARD.format(name, slug)
    register(crawls, "listing", "http://noord.example/members/page/0", "budget = { depth = 1 }")
    crawls.crawl("noord", "listing")
    # Only a list that goes on may be followed past the depth; what lies below an entry is too deep.
    assert people(crawls) == set(names)


def test_a_list_whose_last_page_leads_to_itself_ends(crawls: Crawls, web: Web) -> None:
    def answer(visit: Visit) -> Answer:
        number = int(visit.path.rpartition("/")[2])
        entry = f"<a href='/members/firm-{number}'>Firm</a>" if number < 3 else "<p>No entries.</p>"
        return Answer(
            f"<main>{entry}</main><div class='pagination'><a href='/members/page/{number + 1}'>Next</a></div>"
        )

    for number in range(60):
        web.pages[f"noord.example/members/page/{number}"] = answer
    register(crawls, "listing", "http://noord.example/members/page/0")
    stats = crawls.crawl("noord", "listing")
    turned = [path for path in web.paths("noord.example") if "/page/" in path]
    assert 3 <= len(turned) <= 6
    assert stats["cardfile/links/list-ended"] >= 1


@pytest.mark.parametrize("spider", [*SHAPES, "company_site"])
def test_the_budget_holds_in_every_spider_and_every_trap(crawls: Crawls, web: Web, spider: str) -> None:
    """A site of which every page leads to entries, next pages, calendars and facets without end."""
    counter = iter(range(10_000))

    def answer(visit: Visit) -> Answer:
        own = [next(counter) for _ in range(6)]
        folder = visit.path.partition("?")[0].rstrip("/")
        entries = "".join(f"<li><a href='{folder}/entry-{number}'>Speaker {number}</a></li>" for number in own)
        traps = "".join(f"<a href='{href}'>More</a>" for href in TRAPS)
        pager = f"<div class='pagination'><a rel=next href='/list/page/{own[0]}'>Next</a></div>"
        return Answer(f"<main><h1>Speakers</h1><ul>{entries}</ul>{traps}{pager}</main>")

    class Endless(dict):  # type: ignore[type-arg]
        def get(self, url: str, default: object = None) -> object:
            return answer if "/list" in url or "/team" in url or "/calendar" in url else Answer(status=404)

    web.pages = Endless()
    register(crawls, spider, "http://noord.example/list/", "budget = { pages = 12, depth = 3, seconds = 30 }")
    stats = crawls.crawl("noord", spider)
    asked = web.paths("noord.example")
    assert len(asked) <= 12 + 1  # a sitemap is asked for besides
    assert stats["cardfile/budget/spent"] > 0
    assert not [path for path in asked if "calendar" in path or "?" in path or ";" in path or path.endswith("/03/04")]
    assert max(path.count("/entry-") for path in asked) <= 3


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_depth_of_a_budget_holds(crawls: Crawls, web: Web, depth: int) -> None:
    for number in range(4):
        web.pages[f"noord.example/team/{number}"] = f"<a href='/team/{number + 1}'>Our team</a>"
    web.pages["noord.example/sitemap.xml"] = "<urlset><url><loc>http://noord.example/team/1</loc></url></urlset>"
    crawls.source("noord", "http://noord.example/team/0", f"budget = {{ depth = {depth} }}")
    crawls.crawl("noord")
    assert {path for path in web.paths() if "team" in path} == {f"/team/{number}" for number in range(depth + 1)}


def test_the_seconds_of_a_budget_hold(crawls: Crawls, web: Web) -> None:
    for number in range(40):
        web.pages[f"noord.example/team/{number}"] = Answer(f"<a href='/team/{number + 1}'>Our team</a>", hang=0.3)
    crawls.source("noord", "http://noord.example/team/0", "budget = { depth = 99, seconds = 1 }")
    stats = crawls.crawl("noord")
    assert stats["finish_reason"] == "closespider_timeout"
    assert len(web.paths()) < 20


def test_one_page_under_several_names_is_read_once(crawls: Crawls, web: Web) -> None:
    card = "<link rel='canonical' href='/staff/roe'>" + CARD.format("Jacoba Roe", "jacoba.roe")
    paths = ["/staff/roe", "/staff/roe?style=plain", "/en/staff/roe"]
    links = "".join(f"<a href='{path}'>Staff {number}</a>" for number, path in enumerate(paths))
    web.pages |= {"noord.example/": f"<main>{links}</main>", **{f"noord.example{path}": card for path in paths}}
    crawls.source("noord", "http://noord.example/")
    stats = crawls.crawl("noord")
    assert (stats["cardfile/pages/read"], stats["cardfile/pages/duplicate"]) == (2, 2)
    assert people(crawls) == {"Jacoba Roe"}


FORM = "<form action='/login'><input name=user><input type=password name=pw></form>"


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        pytest.param(Answer(status=302, headers={"Location": "/login?next=/team"}), ["/team"], id="redirect"),
        pytest.param(Answer(f"<html><h1>Members only</h1>{FORM}"), ["/team"], id="form"),
        pytest.param(
            Answer(status=302, headers={"Location": "http://www.linkedin.com/company/noord"}), ["/team"], id="network"
        ),
        pytest.param(
            Answer(status=302, headers={"Location": "http://www.google.com/search?q=noord"}), ["/team"], id="search"
        ),
    ],
)
def test_a_wall_is_refused_and_counted(crawls: Crawls, web: Web, answer: Answer, asked: list[str]) -> None:
    web.pages |= {"noord.example/team": answer, "noord.example/login": "<h1>Log in</h1>"}
    register(crawls, "listing", "http://noord.example/team")
    stats = crawls.crawl("noord", "listing")
    assert [path for path in web.paths() if path != "/sitemap.xml"] == asked
    assert sum(stats.get(f"cardfile/rights/{rule}", 0) for rule in ("login-wall", "search-results")) == 1
    assert stats["cardfile/pages/refused"] == 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://www.linkedin.com/company/noord", "logged in"),
        ("https://www.google.nl/search?q=noord", "compilation"),
        ("https://www.zoominfo.com/c/noord", "scrapy import"),
    ],
)
def test_what_is_closed_cannot_be_registered(crawls: Crawls, url: str, why: str) -> None:
    register(crawls, "listing", url)
    with pytest.raises(SourceError, match=why) as caught:
        crawls.crawl("noord", "listing")
    assert "line" in str(caught.value)


def test_a_profile_source_needs_the_reading_of_the_terms(crawls: Crawls) -> None:
    register(crawls, "profile_pages", "http://noord.example/p/", kind="profile")
    with pytest.raises(SourceError, match="whether the site's terms allow it"):
        crawls.crawl("noord", "profile_pages")
