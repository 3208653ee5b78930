"""The run report: what is unusual comes first, and every form says the same."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.engine import make_url

from pipelines.errors import UsageError
from pipelines.master.database import open_store
from pipelines.master.models import RunRow
from pipelines.master.operation import AlertRow, PlanJobRow, PlanRunRow
from pipelines.master.statements import declare_source
from pipelines.reports.runs import RunsReport, report
from pipelines.reports.runs_render import FORMATS, spell
from tests.support.readings import source

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FINDING = {"measure": "people", "found": 3, "low": 34, "high": 46, "by": "history", "usual": 40}


def counts(people: int, **more: Any) -> dict[str, Any]:
    found = {"pages/read": 9, "people/found": people, "people/seen": people, "budget/pages": 200, "rights/asked": 2}
    fields = {"people/readings": people, "people/with/email": people // 2} if people else {}
    host = {"requests": 11, "min_gap": 1.04, "max_concurrency": 1}
    return {**found, **fields, **{f"host/www.noord.example/{key}": value for key, value in host.items()}, **more}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    yield from filled(f"sqlite:///{tmp_path / 'cardfile.db'}")


def filled(url: str) -> Iterator[Engine]:
    opened = open_store(make_url(url))
    with opened.begin() as connection:
        fill(connection)
    yield opened
    opened.dispose()


def fill(connection: Connection) -> None:
    rows: list[tuple[str, int, str, Mapping[str, Any]]] = [
        *[("well", day, "finished", counts(40 + day % 3)) for day in range(6, 0, -1)],
        *[("drifting", day, "finished", counts(40)) for day in range(6, 1, -1)],
        ("drifting", 1, "expectation-missed", counts(3, findings=[FINDING])),
        ("barred", 1, "blocked", {"refusals/429": 2, "rights/cool-off": 4, "host/z.example/refusals/429": 2}),
        ("killed", 1, "", {}),
        ("old", 200, "failed", {}),
    ]
    for name in dict.fromkeys(row[0] for row in rows):
        declare_source(connection, source(name))
    for number, (name, day, outcome, found) in enumerate(rows):
        at = NOW - timedelta(days=day)
        facts = {"id": f"{number:032d}", "source_id": name, "spider": "company_site", "started_at": at}
        facts |= {"ended_at": at + timedelta(seconds=75) if outcome else None, "outcome": outcome, "counts": found}
        connection.execute(insert(RunRow).values(facts))
    alert = {"id": "a" * 32, "source_id": "barred", "run_id": "", "kind": "trouble", "outcome": "blocked"}
    connection.execute(insert(AlertRow).values(alert | {"made_at": NOW - timedelta(days=1), "delivered": False}))
    began = NOW - timedelta(days=1)
    connection.execute(
        insert(PlanRunRow).values(id="p" * 32, plan="nightly", started_at=began, ended_at=None, counts={})
    )
    job = {"plan_run_id": "p" * 32, "position": 0, "attempts": 1, "run_id": "", "pages": 9, "seconds": 5}
    job |= {"resumable": False, "first_started_at": began, "ended_at": None}
    connection.execute(insert(PlanJobRow), [job | {"source_id": "well", "outcome": "finished"}])
    connection.execute(insert(PlanJobRow), [job | {"source_id": "killed", "outcome": ""}])


@pytest.fixture
def made(engine: Engine) -> RunsReport:
    with engine.connect() as connection:
        return report(connection, NOW)


def test_what_needs_a_look_comes_first(database_url: str) -> None:
    for engine in filled(database_url):
        with engine.connect() as connection:
            made = report(connection, NOW)
    assert [one.id for one in made.sources] == ["barred", "drifting", "killed", "well"]
    assert [one.last.outcome for one in made.sources] == ["blocked", "expectation-missed", "interrupted", "finished"]
    assert made.lead.startswith("3 of 4 sources need a look")


def test_a_source_has_a_history(made: RunsReport) -> None:
    drifting = next(one for one in made.sources if one.id == "drifting")
    assert [run.people for run in drifting.runs] == [40] * 5 + [3]
    assert drifting.last.findings == ("people 3, usually 34 to 46",)
    assert drifting.usual == pytest.approx((33, 40, 47))
    assert drifting.fields == [("email", [0.5] * 5)], "three readings are no share"
    (host,) = drifting.last.hosts
    assert (host.host, host.requests, host.min_gap, host.max_concurrency) == ("www.noord.example", 11, 1.04, 1)


def test_refusals_have_reasons(made: RunsReport) -> None:
    barred = made.sources[0]
    assert barred.last.refused == {"cool-off": 4, "429": 2}
    assert barred.last.hosts[0].refused == {"429": 2}
    assert [(alert.source, alert.delivered) for alert in made.alerts] == [("barred", False)]
    assert [(one.plan, one.done, one.sources, one.ended_at) for one in made.passes] == [("nightly", 1, 2, None)]


@pytest.mark.parametrize(("days", "names"), [(1, []), (2, ["barred", "drifting", "killed", "well"]), (365, ["old"])])
def test_how_far_it_looks_back(engine: Engine, days: int, names: list[str]) -> None:
    with engine.connect() as connection:
        found = {one.id for one in report(connection, NOW + timedelta(hours=1), days=days).sources}
    assert set(names) <= found
    assert ("old" in found) is (days == 365)


def test_one_source(engine: Engine) -> None:
    with engine.connect() as connection:
        assert [one.id for one in report(connection, NOW, "well").sources] == ["well"]
        with pytest.raises(UsageError, match="'nowhere' did not run in the last 90 days"):
            report(connection, NOW, "nowhere")


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_names_every_source(made: RunsReport, form: str) -> None:
    text = "".join(FORMATS[form](made))
    assert all(one.id in text for one in made.sources)
    assert "usually 34 to 46" in text


def test_the_page_is_complete_in_itself(made: RunsReport) -> None:
    page = lxml_html.document_fromstring("".join(FORMATS["html"](made)))
    assert [element for element in page.iter() if element.tag in {"script", "link", "img"} or element.get("src")] == []
    pictures = [element.get("aria-label") or "" for element in page.iter("svg") if element.get("role") == "img"]
    assert len(pictures) == len(made.sources)
    assert any("40, 40, 40, 40, 40, 3; usually 33 to 47" in label for label in pictures)


def test_rows_are_runs(made: RunsReport) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(FORMATS["csv"](made)))))
    assert len(rows) == 14
    assert {row["min_gap"] for row in rows if row["source"] == "well"} == {"1.04"}
    assert json.loads("".join(FORMATS["json"](made)))["in_trouble"] == ["barred", "drifting", "killed"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, "–"), (0.4, "0 s"), (75, "75 s"), (600, "10 min"), (7200, "2.0 h")]
)
def test_durations(seconds: float | None, said: str) -> None:
    assert spell(seconds) == said


def test_an_empty_store_has_a_report(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = open_store(make_url(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'c.db'}"))
    with engine.connect() as connection:
        made = report(connection, NOW)
    engine.dispose()
    assert "Nothing here yet" in "".join(FORMATS["html"](made))
    assert "No run was recorded" in "".join(FORMATS["md"](made))
