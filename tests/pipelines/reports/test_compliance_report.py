"""The compliance report: grounds, periods and counts, and nobody's data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from crawler.items import Property, Source
from crawler.sources import SourceRegister
from pipelines.master.models import SourceRow
from pipelines.reports.compliance import SECTIONS, Compliance, compliance
from pipelines.reports.compliance.render import FORMATS
from pipelines.rights.suppression import ALL, lift, suppress
from tests.support import reported

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOT_KEPT = [
    ("minimise", "religion_belief", "jobTitle", "title-person", "transform", 12),
    ("minimise", "private_contact", "email", "free-mail", "drop", 3),
    ("minimise", "special_category", "any", "few", "drop", 2),
    ("validate", "invalid", "telephone", "phone-invalid", "drop", 1200),
    ("suppress", "opted-out", "person", "suppression-list", "drop", 7),
]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    jane = {Property.NAME: "Jane Roe", Property.EMAIL: "jane.roe@noord.example"}
    engine = reported.store(database_url, [reported.Seen(jane)], NOT_KEPT)
    with engine.begin() as connection:
        suppress(
            connection, b"k" * 32, [("email", "gone@noord.example"), ("telephone", "+442079460141")], "objection", NOW
        )
    yield engine
    engine.dispose()


def made(engine: Engine, register: SourceRegister | None = None, source: str = "", now: datetime = NOW) -> Compliance:
    with engine.connect() as connection:
        return compliance(connection, register, source, now)


def as_json(report: Compliance) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(FORMATS["json"](report)))
    return found


def register(**facts: Any) -> SourceRegister:
    return SourceRegister(Path("sources.toml"), {"one": _with(reported.source("one"), **facts)})


def _with(source: Source, **facts: Any) -> Source:
    from dataclasses import replace

    return replace(source, **{"balancing_expires_on": date(2099, 1, 1), **facts})


def test_every_format_shows_every_section_and_nobody(engine: Engine) -> None:
    report = made(engine)
    assert len(report.sections) == len(SECTIONS)
    for form, write in FORMATS.items():
        text = "".join(write(report))
        for section in report.sections:
            assert (section.id if form in ("csv", "json") else section.title) in text
        assert "Jane" not in text
        assert "noord" not in text


def test_counts_stand_under_their_law_and_small_ones_are_not_told(engine: Engine) -> None:
    found = as_json(made(engine))
    rows = {row["category"]: (row["law"], row["times"]) for row in found["not-kept-by-category"]}
    assert rows["religion or belief"] == ("art9", 12)
    assert rows["private contact"] == ("house rule", "< 5")
    assert rows["special categories, too few to tell apart"] == ("art9 or art10", "< 5")
    assert rows["no valid value"] == ("", 1200)
    hosts = {(row["host"], row["law"]): row["times"] for row in found["not-kept-by-host"]}
    assert hosts["one.example", "art9"] == 12
    assert found["suppression"] == [
        {"kind_of_identifier": "email", "reason": "objection", "entries": 1, "lifted": 0, "latest": "2026-11-22"},
        {"kind_of_identifier": "telephone", "reason": "objection", "entries": 1, "lifted": 0, "latest": "2026-11-22"},
    ]
    assert found["totals"]["readings_stopped"] == 7


def test_a_lifted_entry_keeps_nobody_out(engine: Engine) -> None:
    with engine.begin() as connection:
        lift(connection, b"k" * 32, [("email", "gone@noord.example")], NOW, scope=ALL)
    found = as_json(made(engine))
    counted = {row["kind_of_identifier"]: (row["entries"], row["lifted"]) for row in found["suppression"]}
    assert counted == {"email": (0, 1), "telephone": (1, 0)}
    assert found["totals"]["suppression_entries"] == 1


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "valid"),
        ({"balancing_expires_on": date(2026, 12, 1)}, "expires soon"),
        ({"balancing_expires_on": date(2026, 11, 22)}, "expired"),
        ({"balancing_hash": "00" * 32}, "changed since"),
    ],
)
def test_a_balancing_test_stands_or_does_not(engine: Engine, facts: dict[str, Any], state: str) -> None:
    found = as_json(made(engine, register(**facts)))
    assert [row["state"] for row in found["sources"]] == [state]
    assert found["totals"]["without_a_valid_test"] == (state != "valid")


@pytest.mark.parametrize(
    ("stored", "declared", "state"),
    [
        ({"legal_basis": "consent"}, True, "not needed"),
        ({"balancing_hash": ""}, True, "missing"),
        ({"id": "one"}, False, "not known"),
    ],
)
def test_a_source_without_a_test(engine: Engine, stored: dict[str, str], declared: bool, state: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(SourceRow).values(**stored))
    report = made(engine, register() if declared else None)
    assert as_json(report)["sources"][0]["state"] == state
    assert bool(report.note) is not declared


def test_a_source_that_is_registered_no_more_is_said(engine: Engine) -> None:
    assert as_json(made(engine, SourceRegister(Path("s.toml"), {})))["sources"][0]["state"] == "no longer registered"


@pytest.mark.parametrize(("days", "due", "soon"), [(0, 0, 0), (720, 0, "< 5"), (730, "< 5", 0), (2000, "< 5", 0)])
def test_what_is_due_for_deletion_is_counted(engine: Engine, days: int, due: object, soon: object) -> None:
    found = as_json(made(engine, now=reported.EARLY + timedelta(days=days)))["retention"]
    assert [(row["due_now"], row["due_within_30_days"], row["next_due"]) for row in found] == [
        (due, soon, "2028-10-31")
    ]


def test_csv_rows_name_their_section(engine: Engine) -> None:
    rows = list(csv.reader(io.StringIO("".join(FORMATS["csv"](made(engine))))))
    assert rows[0][:2] == ["section", "Source"]
    assert ["sources", "one"] in [row[:2] for row in rows]


def test_a_report_of_one_source_counts_its_runs_only(engine: Engine) -> None:
    assert as_json(made(engine, source="other"))["not-kept-by-rule"] == []
    assert len(as_json(made(engine, source="one"))["not-kept-by-rule"]) == len(NOT_KEPT)


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    from sqlalchemy.engine import make_url

    from pipelines.master.database import open_store

    engine = open_store(make_url(f"sqlite:///{tmp_path}/empty.db"))
    assert "Nobody is on the suppression list." in "".join(FORMATS["html"](made(engine)))
    engine.dispose()
