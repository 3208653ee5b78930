"""What becomes of values when their page changes, moves, goes, is reserved, and comes back: day by day, both stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from pipelines.master.check import check
from pipelines.master.database import database_url as store_url
from pipelines.master.database import open_store
from pipelines.master.models import CaptureRow, PermissionRow, PersonRow, StatementRow
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
        """Who stands in the master, after a look at every invariant."""
        with self.store() as connection:
            found = set(connection.scalars(select(PersonRow.name)))
            assert [finding.invariant for finding in check(connection) if finding.broken] == []
            before, after = rebuild(connection)
            assert before == after
            connection.rollback()
        return found

    def titles(self, name: str) -> str:
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
RESERVED = "User-agent: *\nDisallow: /board"
#: Days, what the board page (or robots.txt) answers from then on, None for 404, and whether Philippa is in the master.
TABLES: dict[str, list[tuple[float, Page | None, bool]]] = {
    "unchanged": [(1, BOARD, True), (100, BOARD, True)],
    "304": [(1, tagged(BOARD), True), (2, tagged(BOARD), True), (100, tagged(BOARD), True)],
    "changed, silent about her": [
        (1, people_page(ALASDAIR), True),
        (10.9, people_page(ALASDAIR), True),
        (11, people_page(ALASDAIR), False),
        (12, BOARD, True),
    ],
    "silent, and back within the grace": [(1, people_page(ALASDAIR), True), (9, BOARD, True), (50, BOARD, True)],
    "404": [(1, None, True), (7.9, None, True), (8, None, False), (9, BOARD, True)],
    "404, back in between": [(1, None, True), (5, BOARD, True), (8, None, True), (15, None, False)],
    "410": [(1, GONE, False), (2, BOARD, True)],
    "403": [(1, CLOSED, True), (8, CLOSED, False)],
    "unreachable": [(1, DOWN, True), (30.9, DOWN, True), (31, DOWN, False), (32, BOARD, True)],
    "noindex": [(1, people_page(PHILIPPA, head='<meta name="robots" content="noindex">'), False), (2, BOARD, True)],
    "noai": [(1, Answer(BOARD, headers={"X-Robots-Tag": "noai"}), False), (2, BOARD, True)],
    "tdm": [(1, Answer(BOARD, headers={"TDM-Reservation": "1"}), False), (2, BOARD, True)],
    "robots": [(1, RESERVED, False), (2, "User-agent: *\nAllow: /", True)],
}


@pytest.mark.parametrize("table", TABLES)
def test_a_value_follows_its_page(site: Site, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.middlewares.politeness.COOL_OFF", {})
    site.crawl(0)
    assert site.people == EVERYBODY
    for day, page, there in TABLES[table]:
        site.pages(**{"robots" if isinstance(page, str) and page.startswith("User-agent") else "board": page})
        site.crawl(day)
        assert ("Philippa Ashworth" in site.people) is there, f"day {day}"
        assert EVERYBODY - site.people <= {"Philippa Ashworth"}


def test_a_run_of_304s_is_unchanged_and_advances_last_seen(stored: Site) -> None:
    stored.pages(home=tagged(HOME), team=tagged(TEAM), board=tagged(BOARD))
    assert stored.crawl(0)["cardfile/outcome"] == "finished"
    stats = stored.crawl(3)
    assert stats["cardfile/outcome"] == "unchanged"
    assert stats["cardfile/fetch/unchanged"] >= 2
    assert stored.people == EVERYBODY
    with stored.store() as connection:
        query = select(StatementRow.first_seen, StatementRow.last_seen, CaptureRow.status, PermissionRow.rule)
        query = query.join(CaptureRow, CaptureRow.id == StatementRow.last_capture_id)
        rows = connection.execute(query.join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)).all()
        assert {tuple(row) for row in rows} == {(START, START + timedelta(days=3), 304, "no robots.txt (status 404)")}
