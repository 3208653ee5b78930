"""What becomes of values when their page changes, moves, goes, is reserved, and comes back: day by day, both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from crawler.items import Property
from pipelines.master.check import check
from pipelines.master.database import database_url as store_url
from pipelines.master.database import open_store
from pipelines.master.models import CaptureRow, DocumentRow, MentionRow, PermissionRow, PersonRow, RunRow, StatementRow
from pipelines.master.statements import Reading, Written, write_readings
from pipelines.resolution.rebuild import rebuild
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Page, Visit, Web

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
REVISIT = "revisit = { verify_days = 14, grace_days = 10, missing_days = 7, unreachable_days = 30 }"
HOME = '<!DOCTYPE html><html lang="en"><title>Noord</title><p><a href="/team">Our team</a> <a href="/board">Board</a>'


def card(name: str, title: str) -> str:
    mailbox = name.lower().replace(" ", ".")
    return f'<li><h3>{name}</h3><p>{title}</p><a href="mailto:{mailbox}@noord.example">Mail</a></li>'


BRONWEN = card("Bronwen Achterberg", "Managing Director")
ALASDAIR = card("Alasdair Pemberly", "Sales Manager")
PHILIPPA = card("Philippa Ashworth", "Head of Customs")


def people_page(*cards: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en"><title>People</title>{head}<h1>People</h1><ul>{"".join(cards)}</ul>'


TEAM, BOARD = people_page(BRONWEN, ALASDAIR), people_page(PHILIPPA)
EVERYBODY = {"Bronwen Achterberg", "Alasdair Pemberly", "Philippa Ashworth"}


def tagged(body: str, **headers: str) -> Page:
    """A page with an ETag that answers 304 to whoever holds it."""
    tag = f'"{hash(body):x}"'

    def answer(visit: Visit) -> Answer:
        fresh = visit.headers.get("If-None-Match") == tag
        return Answer(status=304) if fresh else Answer(body, headers={"ETag": tag, **headers})

    return answer


@dataclass
class Site:
    """A source that is crawled on chosen days."""

    crawls: Crawls
    web: Web
    moment: datetime = START
    stats: list[Mapping[str, Any]] = field(default_factory=list)

    def pages(self, **pages: Page | None) -> None:
        """Put pages up, or take them down."""
        for name, page in pages.items():
            path = "noord.example/robots.txt" if name == "robots" else f"noord.example/{name.removesuffix('home')}"
            self.web.pages.pop(path, None)
            if page is not None:
                self.web.pages[path] = page

    def crawl(self, day: float, **settings: Any) -> Mapping[str, Any]:
        self.moment = START + timedelta(days=day)
        self.web.visits.clear()
        self.stats.append(self.crawls.crawl("noord", **settings))
        return self.stats[-1]

    @contextmanager
    def store(self) -> Iterator[Connection]:
        url = make_url(self.crawls.database_url) if self.crawls.database_url else store_url("", self.crawls.home)
        engine = open_store(url)
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    @property
    def people(self) -> set[str]:
        """Who stands in the master, after the proof that it is derived."""
        with self.store() as connection:
            before, after = rebuild(connection)
            assert before == after
            connection.rollback()
        return self.names

    @property
    def names(self) -> set[str]:
        """Who stands in the master, after a look at every invariant."""
        with self.store() as connection:
            found = set(connection.scalars(select(PersonRow.name)))
            assert [finding.invariant for finding in check(connection) if finding.broken] == []
        return found

    def title(self, name: str) -> str:
        with self.store() as connection:
            return connection.scalar(select(PersonRow.job_title).where(PersonRow.name == name)) or ""


@pytest.fixture
def site(reactor: Reactor, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(Crawls(reactor, web, tmp_path / "home"), web)
    monkeypatch.setattr("crawler.clock.now", lambda: site.moment)
    site.crawls.source("noord", "http://noord.example/", REVISIT)
    site.pages(home=HOME, team=TEAM, board=BOARD)
    return site


@pytest.fixture
def stored(site: Site, database_url: str) -> Site:
    """The same on both databases."""
    site.crawls.database_url = database_url
    return site


GONE, DOWN, CLOSED = Answer("gone", 410), Answer("down", 503), Answer("no", 403)
WORDS = (
    "Abbot",
    "Barley",
    "Copper",
    "Denham",
    "Elder",
    "Fennel",
    "Garnet",
    "Harrow",
    "Ivory",
    "Jasper",
    "Kestrel",
    "Lantern",
    "Maple",
)
#: What happened to a page: from a day on it answers this (None: 404), and its person is in the master or not. "own" is
#: the page as it was, "silent" the page with somebody else on it, "forbidden" the page behind robots.txt.
TIMELINES: dict[str, list[tuple[float, Page | None, bool]]] = {
    "unchanged": [],
    "confirmed by a 304": [(0, "tagged", True)],
    "silent": [(1, "silent", True), (11, "silent", False), (12, "own", True)],
    "silent, and back within the grace": [(1, "silent", True), (9, "own", True)],
    "404": [(1, None, True), (8, None, False), (9, "own", True)],
    "404, and back in between": [(1, None, True), (5, "own", True), (8, None, True), (15, None, False)],
    "410": [(1, GONE, False), (2, "own", True)],
    "403": [(1, CLOSED, True), (8, CLOSED, False)],
    "unreachable": [(1, DOWN, True), (31, DOWN, False), (32, "own", True)],
    "noindex": [(1, '<meta name="robots" content="noindex">', False), (2, "own", True)],
    "noai": [(1, Answer("people", headers={"X-Robots-Tag": "noai"}), False), (2, "own", True)],
    "tdm": [(1, Answer("people", headers={"TDM-Reservation": "1"}), False), (2, "own", True)],
    "robots": [(1, "forbidden", False), (2, "own", True)],
}
#: Besides the days on which something happens, those just before a clock runs out.
DAYS = sorted({0, 7.9, 10.9, 30.9, 100} | {day for steps in TIMELINES.values() for day, _, _ in steps})


def test_values_follow_their_pages_day_by_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.middlewares.politeness.COOL_OFF", {})
    names = dict(zip(TIMELINES, (f"Bronwen {word}" for word in WORDS), strict=True))
    own = {what: people_page(card(name, "Manager")) for what, name in names.items()}
    paths = {what: f"p{number}" for number, what in enumerate(TIMELINES)}
    links = "".join(f'<a href="/{path}">Team</a>' for path in paths.values())
    site.pages(home=f"<!DOCTYPE html><title>Noord</title>{links}", team=None, board=None)
    site.pages(**{paths[what]: page for what, page in own.items()})
    there = dict.fromkeys(TIMELINES, True)
    for day in DAYS:
        forbidden = "/nothing"
        for what, steps in TIMELINES.items():
            step = next((step for step in reversed(steps) if step[0] <= day), None)
            if step is None:
                continue
            page, there[what] = step[1:]
            if page == "forbidden":
                forbidden = f"/{paths[what]}$"
            shown = {
                "own": own[what],
                "forbidden": own[what],
                "silent": people_page(ALASDAIR),
                "tagged": tagged(own[what]),
            }
            site.pages(**{paths[what]: shown.get(page, page) if isinstance(page, str) else page})
        site.pages(robots=f"User-agent: *\nDisallow: {forbidden}")
        site.crawl(day)
        people = site.names
        found = {what for what, name in names.items() if name in people}
        assert found == {what for what, is_there in there.items() if is_there}, f"day {day}"
    assert site.people == people


def test_a_run_of_304s_is_unchanged_and_advances_last_seen(stored: Site) -> None:
    stored.pages(home=tagged(HOME), team=tagged(TEAM), board=tagged(BOARD))
    assert stored.crawl(0)["cardfile/outcome"] == "finished"
    stats = stored.crawl(3)
    assert stats["cardfile/outcome"] == "unchanged"
    assert stats["cardfile/fetch/unchanged"] >= 2
    assert stored.people == EVERYBODY
    with stored.store() as connection:
        query = select(StatementRow.first_seen, StatementRow.seen(), CaptureRow.status, PermissionRow.rule)
        query = query.join(MentionRow, MentionRow.id == StatementRow.mention_id)
        query = query.join(CaptureRow, CaptureRow.id == StatementRow.shown_by())
        rows = connection.execute(query.join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)).all()
        assert {tuple(row) for row in rows} == {(START, START + timedelta(days=3), 304, "no robots.txt (status 404)")}


def asked(site: Site) -> dict[str, bool]:
    """The pages that the last crawl asked for, and whether it asked on a condition."""
    paths = site.web.paths("noord.example")
    conditional = [v for v in site.web.visits if v.path in paths and v.path != "/sitemap.xml"]
    return {visit.path: "If-None-Match" in visit.headers for visit in conditional}


def test_a_page_that_moved_for_good_hands_its_values_on(stored: Site) -> None:
    stored.crawl(0)
    stored.pages(board=Answer(status=301, headers={"Location": "/directors"}), directors=BOARD)
    stored.crawl(1)
    assert stored.people == EVERYBODY
    with stored.store() as connection:
        query = select(MentionRow.url, StatementRow.retired_at).join(MentionRow)
        found = connection.execute(query.where(StatementRow.normalised == "Philippa Ashworth", StatementRow.live()))
        assert [row.url for row in found] == ["http://noord.example/directors"]


def test_a_value_that_another_live_page_shows_stays(site: Site) -> None:
    site.pages(team=people_page(BRONWEN, ALASDAIR, PHILIPPA))
    site.crawl(0)
    site.pages(board=GONE)
    site.crawl(1)
    assert site.people == EVERYBODY


def test_a_new_title_counts_at_once_and_the_old_one_may_come_back(site: Site) -> None:
    site.crawl(0)
    site.pages(team=people_page(BRONWEN, ALASDAIR.replace("Sales Manager", "Buyer")))
    site.crawl(1)
    assert (site.people, site.title("Alasdair Pemberly")) == (EVERYBODY, "Buyer")
    site.pages(team=TEAM)
    site.crawl(2)
    assert (site.people, site.title("Alasdair Pemberly")) == (EVERYBODY, "Sales Manager")


def test_a_page_that_no_link_leads_to_is_asked_for_when_it_is_due(site: Site) -> None:
    site.crawl(0)
    site.pages(home=HOME.replace('<a href="/board">Board</a>', ""))
    site.crawl(13)
    assert "/board" not in asked(site)
    site.pages(board=people_page(PHILIPPA, BRONWEN))
    assert site.crawl(14)["cardfile/revisit/due"] == 1
    assert "/board" in asked(site)
    site.pages(board=GONE)
    site.crawl(28)
    assert site.people == EVERYBODY - {"Philippa Ashworth"}


def test_half_of_the_budget_belongs_to_pages_that_are_due(site: Site) -> None:
    site.crawls.source(
        "noord", "http://noord.example/", f"{REVISIT}\nbudget = {{ pages = 4, depth = 1, seconds = 60 }}"
    )
    site.crawl(0)
    site.pages(home="<html>Nothing here", team=tagged(TEAM))
    site.crawl(30)
    assert asked(site).keys() == {"/", "/board", "/team"}


def test_a_site_that_reserves_all_of_itself_is_quarantined_without_a_page_request(stored: Site) -> None:
    stored.crawl(0)
    stored.pages(robots="User-agent: *\nDisallow: /")
    assert stored.crawl(1)["cardfile/outcome"] == "refused"
    assert (stored.web.paths(), stored.people) == ([], set())
    with stored.store() as connection:
        assert {row.state for row in connection.execute(select(DocumentRow))} == {"reserved"}
        assert not connection.scalars(select(StatementRow.id).where(StatementRow.retired_at.is_not(None))).all()
    stored.pages(robots="User-agent: *\nDisallow: /private")
    assert stored.crawl(2)["cardfile/outcome"] == "finished"
    assert stored.people == EVERYBODY


def test_a_page_that_has_not_changed_leads_on(site: Site) -> None:
    hub = tagged(people_page(BRONWEN, ALASDAIR, head='<a href="/about">About us</a><a href="/board">Board</a>'))
    about = '<html><meta name="robots" content="noindex"><a href="/news-of-staff">Staff</a>'
    site.pages(home=hub, about=about, team=None)
    site.crawl(0)
    assert asked(site).keys() >= {"/about", "/news-of-staff", "/board"}
    site.pages(**{"news-of-staff": people_page(card("Rosalind Wetherby", "Engineer"))})
    site.crawl(1)  # the hub alone leads to a page of nobody, so it is asked for in full
    assert asked(site) == {"/": False, "/about": False, "/board": False, "/news-of-staff": False}
    assert site.people == EVERYBODY | {"Rosalind Wetherby"}


def test_pages_behind_a_304_are_read(site: Site) -> None:
    site.pages(home=tagged(people_page(BRONWEN, head='<a href="/board">Board</a>')), team=None, board=tagged(BOARD))
    site.crawl(0)
    site.pages(board=tagged(people_page(PHILIPPA, ALASDAIR)))
    site.crawl(1)
    assert asked(site) == {"/": True, "/board": True}
    assert site.people == EVERYBODY


def test_the_same_bytes_are_confirmed_but_their_links_are_followed(site: Site) -> None:
    site.crawl(0)
    stats = site.crawl(1)
    assert (stats["cardfile/pages/unchanged"], stats["cardfile/outcome"]) == (3, "unchanged")
    with site.store() as connection:
        query = select(StatementRow.first_seen, StatementRow.seen()).join(MentionRow)
        assert {(last - first).days for first, last in connection.execute(query)} == {1}


def test_other_rules_read_a_page_anew(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages(team=tagged(TEAM))
    site.crawl(0)
    monkeypatch.setattr("pipelines.revisits.reader._rules", lambda: "newer")
    stats = site.crawl(1)
    assert asked(site)["/team"] is False
    assert "cardfile/pages/unchanged" not in stats


def test_a_mention_that_came_to_grief_leaves_its_page_unread(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages(team=tagged(TEAM))
    with monkeypatch.context() as broken:
        broken.setattr("pipelines.provenance.write_readings", refuses("Alasdair Pemberly"))
        site.crawl(0)
    site.crawl(1)
    assert asked(site)["/team"] is False
    assert site.people == EVERYBODY


def refuses(name: str) -> Callable[..., list[Written]]:
    def write(connection: Connection, readings: Sequence[Reading]) -> list[Written]:
        if any(one.mention.text(Property.NAME) == name for one in readings):
            raise ValueError("refused")
        return write_readings(connection, readings)

    return write


def test_the_run_keeps_the_record_of_its_host(site: Site) -> None:
    site.crawl(0)
    with site.store() as connection:
        [run] = connection.execute(select(RunRow)).all()
    record = {key.rpartition("/")[2]: value for key, value in run.counts.items() if key.startswith("host/noord")}
    assert (record["requests"], record["max_concurrency"]) == (len(site.web.visits), 1)
    assert 0 <= record["min_gap"] < 5


def test_two_addresses_of_one_page_stay_one(site: Site) -> None:
    one = '<link rel="canonical" href="http://noord.example/team">'
    site.pages(home=HOME.replace("/board", "/group/team"), team=tagged(people_page(BRONWEN, head=one)))
    site.pages(**{"group/team": people_page(BRONWEN, head=one)})
    site.crawl(0)
    assert site.crawl(1)["cardfile/outcome"] == "unchanged"
    with site.store() as connection:
        query = select(MentionRow.url).distinct().join(StatementRow).where(StatementRow.live())
        found = connection.scalars(query.where(StatementRow.normalised == "Bronwen Achterberg"))
        assert found.all() == ["http://noord.example/team"]
