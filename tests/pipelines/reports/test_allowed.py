"""By what right something was read, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.engine import make_url

from crawler.items import Capture, Permission
from crawler.memory import Look, Sight
from pipelines.errors import UsageError
from pipelines.master.database import open_store
from pipelines.master.models import CaptureRow, PermissionRow, StatementRow
from pipelines.master.statements import declare_source, write_readings
from pipelines.reports.allowed import receipts
from pipelines.revisits.settlement import Run, settle
from tests.support.readings import PERMISSION, START, reading, source

PAGE = "http://www.noord.example/team"
MAILBOX = "jane.roe@noord.example"
GRANT = Permission(
    PERMISSION.user_agent, PERMISSION.robots_url, 404, "", "no robots.txt (status 404)", ("meta robots: x",)
)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        declare_source(connection, source())
        write_readings(connection, [reading("Jane Roe", email=MAILBOX, telephone="+442079460141")])
        see(connection, 0, Sight.SHOWN, Capture("noord", PAGE, day(0), "0" * 64, PERMISSION))
        yield connection
    engine.dispose()


def see(connection: Connection, at: float, sight: Sight, capture: Capture | None = None, reason: str = "") -> None:
    look = Look(PAGE, sight, day(at), reason, capture)
    settle(connection, [Run("noord", source().revisit, None, "rules", day(at), {PAGE: look})])


def said(connection: Connection, wanted: str) -> list[str]:
    return [sentence for receipt in receipts(connection, wanted) for sentence in receipt.sentences()]


@pytest.mark.parametrize("wanted", [MAILBOX, MAILBOX.upper(), f" {MAILBOX} ", "+44 20 7946 0141", "Jane Roe", PAGE])
def test_a_value_or_a_page_says_by_what_right_it_was_read(connection: Connection, wanted: str) -> None:
    assert said(connection, wanted) == [
        f"Fetched 2026-03-01 09:00 UTC from {PAGE} (status 200), for source noord (Noord NV, contract).",
        f"The site was asked first: http://www.noord.example/robots.txt answered 200, SHA-256 {'0' * 64}.",
        "What decided: Allow: /.",
        "No header or meta element spoke against it.",
        "We gave our name as Cardfile.",
    ]


def test_a_confirmed_page_shows_the_newer_receipt(connection: Connection) -> None:
    see(connection, 3, Sight.SAME, Capture("noord", PAGE, day(3), "0" * 64, GRANT, 304))
    sentences = said(connection, MAILBOX)
    assert sentences[0].startswith(f"Fetched 2026-03-04 09:00 UTC from {PAGE} (status 304); the site said that it had")
    assert sentences[1].endswith("answered 404, so there are no rules.")
    assert sentences[3] == "Headers and meta elements said: meta robots: x."
    assert [receipt.status for receipt in receipts(connection, PAGE)] == [304, 200]


@pytest.mark.parametrize(
    ("days", "sight", "reason", "sentence"),
    [
        ([2], Sight.RESERVED, "robots", "In quarantine since 2026-03-03 09:00 UTC: its robots.txt forbids it."),
        ([2], Sight.RESERVED, "tdm", "In quarantine since 2026-03-03 09:00 UTC: text and data mining is reserved."),
        ([2], Sight.RESERVED, "451", "In quarantine since 2026-03-03 09:00 UTC: the site does not want it read."),
        ([2], Sight.GONE, "410", "Out of the master: not shown since 2026-03-03 09:00 UTC."),
        ([2], Sight.MISSING, "404", "The page is not there for us now (404)."),
        ([2, 9], Sight.MISSING, "404", "Out of the master: not shown since 2026-03-03 09:00 UTC."),
        ([2], Sight.UNREACHABLE, "timeout", "The page cannot be reached now (timeout)."),
    ],
)
def test_how_it_stands_now_is_said(
    connection: Connection, days: list[int], sight: Sight, reason: str, sentence: str
) -> None:
    for at in days:
        see(connection, at, sight, reason=reason)
    assert any(one.startswith(sentence) for one in said(connection, MAILBOX))


def test_the_grace_period_is_said(connection: Connection) -> None:
    connection.execute(update(StatementRow).values(left_at=day(2)))
    assert "The page is silent about it since 2026-03-03 09:00 UTC; the grace period runs." in said(connection, MAILBOX)


def test_what_was_not_crawled_says_what_allowed_it(connection: Connection) -> None:
    connection.execute(update(PermissionRow).values(robots_url="", rule="licence CC0-1.0, GDPR article 14"))
    sentences = said(connection, MAILBOX)
    assert sentences[0].startswith("Brought in ")
    assert sentences[1].startswith("It was not crawled; what allowed it: licence CC0-1.0, GDPR article 14")
    assert not any("We gave our name" in one or "Headers" in one or "robots" in one for one in sentences)


def test_what_was_drawn_is_said(connection: Connection) -> None:
    connection.execute(update(CaptureRow).values(rendered=True))
    assert "drawn by a browser" in said(connection, MAILBOX)[0]


@pytest.mark.parametrize("wanted", ["nobody@noord.example", "http://www.noord.example/other", "", "+44"])
def test_what_the_store_does_not_know_is_wrong_usage(connection: Connection, wanted: str) -> None:
    with pytest.raises(UsageError, match="knows no such page and no such value"):
        receipts(connection, wanted)


def test_every_statement_has_a_receipt(connection: Connection) -> None:
    for value in connection.scalars(select(StatementRow.normalised)):
        assert receipts(connection, value)
