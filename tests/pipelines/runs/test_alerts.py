"""Who is told what, when, and by which way: over a real SMTP server and a real webhook on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.models import RunRow
from pipelines.master.operation import AlertRow
from pipelines.master.statements import declare_source
from pipelines.runs.alerts import Event, Last, Told, details, due, message, tell, tell_of
from tests.support.mail import Mailbox, mailbox
from tests.support.readings import source
from tests.support.web import Answer, Visit, Web

NOW = datetime(2026, 11, 22, 3, 17, tzinfo=UTC)
FINDING = {"measure": "people", "found": 3, "low": 34, "high": 46, "by": "history", "usual": 40}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_store(make_url(f"sqlite:///{tmp_path / 'cardfile.db'}"))
    yield opened
    opened.dispose()


@pytest.fixture
def smtp() -> Iterator[tuple[Mailbox, str]]:
    """A mailbox and its Apprise address."""
    with mailbox() as box:
        yield box, f"mailto://127.0.0.1:{box.port}?from=cardfile@ops.example&to=duty@ops.example&mode=insecure"


def hook(web: Web) -> tuple[list[Visit], str]:
    """A webhook that takes everything, and its Apprise address."""
    taken: list[Visit] = []

    def take(visit: Visit) -> Answer:
        taken.append(visit)
        return Answer(b"{}", content_type="application/json")

    web.pages[f"127.0.0.1:{web.port}/told"] = take
    return taken, f"json://127.0.0.1:{web.port}/told"


def last(kind: str, outcome: str, hours: int) -> Last:
    return Last(kind, outcome, NOW - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("outcome", "died", "before", "kind"),
    [
        ("finished", False, None, ""),
        ("unchanged", False, None, ""),
        ("failed", False, None, "trouble"),
        ("blocked", False, None, "trouble"),
        ("refused", False, None, "trouble"),
        ("empty", False, None, "trouble"),
        ("expectation-missed", False, None, "trouble"),
        ("interrupted", False, None, ""),
        ("interrupted", True, None, "trouble"),
        ("postponed", False, None, ""),
        ("failed", False, last("trouble", "failed", 1), ""),
        ("failed", False, last("trouble", "failed", 25), "still"),
        ("failed", False, last("still", "failed", 1), ""),
        ("failed", False, last("trouble", "blocked", 1), "trouble"),
        ("failed", False, last("recovered", "finished", 1), "trouble"),
        ("finished", False, last("trouble", "failed", 1), "recovered"),
        ("unchanged", False, last("still", "failed", 99), "recovered"),
        ("finished", False, last("recovered", "finished", 1), ""),
        ("interrupted", False, last("trouble", "failed", 99), ""),
    ],
)
def test_only_a_change_is_news_and_a_day_later_a_reminder(
    outcome: str, died: bool, before: Last | None, kind: str
) -> None:
    assert due(Event("noord", outcome, died=died), before, NOW) == kind


@pytest.mark.parametrize(
    ("counts", "remark", "said"),
    [
        ({"findings": [FINDING], "pages/read": 3}, "", ("people 3, usually 34 to 46",)),
        ({"pages/read": 3, "people/found": 0}, "", ("3 pages read, 0 people found",)),
        ({"pages/read": 0, "refusals/429": 2}, "", ("0 pages read, 0 people found", "2 times 429")),
        ({}, "its balancing test expired", ("its balancing test expired",)),
    ],
)
def test_details(counts: dict[str, Any], remark: str, said: tuple[str, ...]) -> None:
    assert details(counts, remark) == said


def test_a_message_lists_what_is_wrong_first() -> None:
    news = [(Event("a", "finished"), "recovered"), (Event("b", "blocked", details=("2 times 429",)), "still")]
    title, text = message(news)
    assert title == "Cardfile: 1 in trouble, 1 recovered"
    assert text.splitlines()[:2] == ["- b: still blocked (2 times 429)", "- a: has recovered"]


def test_a_letter_and_a_webhook(engine: Engine, smtp: tuple[Mailbox, str], web: Web) -> None:
    mailbox, address = smtp
    taken, webhook = hook(web)
    told = tell(engine, f"{address} {webhook}", [Event("noord", "empty"), Event("zuid", "finished")])
    assert told == Told(1)
    (letter,) = mailbox.letters
    assert letter["Subject"] == "Cardfile: 1 in trouble"
    assert "duty@ops.example" in letter["To"]
    assert "noord: empty" in str(letter)
    assert [visit.method for visit in taken] == ["POST"]


def test_state_is_remembered(engine: Engine, smtp: tuple[Mailbox, str]) -> None:
    mailbox, address = smtp
    for outcome in ("failed", "failed", "blocked", "finished", "finished", "failed"):
        tell(engine, address, [Event("noord", outcome)])
    subjects = [letter["Subject"] for letter in mailbox.letters]
    assert subjects == [
        "Cardfile: 1 in trouble",
        "Cardfile: 1 in trouble",
        "Cardfile: 1 recovered",
        "Cardfile: 1 in trouble",
    ]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mailto://127.0.0.1:9?from=a@ops.example&to=b@ops.example&mode=insecure", "address 1 did not take"),
        ("json://user:hunter2@127.0.0.1:9/", "address 1 did not take"),
        ("nonsense://x", "address 1 is none that Apprise knows"),
    ],
)
def test_a_channel_that_fails_is_counted_and_told_and_tried_again(
    engine: Engine, web: Web, caplog: pytest.LogCaptureFixture, address: str, says: str
) -> None:
    told = tell(engine, address, [Event("noord", "failed")])
    assert [says in sentence for sentence in told.troubles] == [True]
    assert "hunter2" not in caplog.text + str(told)
    with engine.connect() as connection:
        assert connection.scalars(select(AlertRow.delivered)).all() == [False]
    taken, webhook = hook(web)
    assert tell(engine, webhook, [Event("noord", "failed")]).sources == 1
    assert len(taken) == 1


def test_one_way_that_works_is_enough(engine: Engine, web: Web) -> None:
    taken, webhook = hook(web)
    told = tell(engine, f"json://127.0.0.1:9/ {webhook}", [Event("noord", "failed")])
    assert len(told.troubles) == 1
    assert tell(engine, webhook, [Event("noord", "failed")]) == Told()
    assert len(taken) == 1


@pytest.mark.parametrize("configured", ["", "  "])
def test_nobody_is_told_where_nobody_is_named(engine: Engine, configured: str) -> None:
    assert tell(engine, configured, [Event("noord", "failed")]) == Told()
    with engine.connect() as connection:
        assert connection.scalars(select(AlertRow)).all() == []


def test_one_crawl_tells_what_the_ledger_knows(engine: Engine, smtp: tuple[Mailbox, str]) -> None:
    with engine.begin() as connection:
        declare_source(connection, source("noord"))
        row = {"id": "1" * 32, "source_id": "noord", "spider": "company_site", "started_at": NOW, "ended_at": NOW}
        connection.execute(insert(RunRow).values(row | {"outcome": "empty", "counts": {"findings": [FINDING]}}))
    assert tell_of(engine.url, smtp[1], "noord", "expectation-missed").sources == 1
    assert "people 3, usually 34 to 46" in str(smtp[0].letters[0])
    with engine.connect() as connection:
        assert connection.scalars(select(AlertRow.run_id)).all() == ["1" * 32]
