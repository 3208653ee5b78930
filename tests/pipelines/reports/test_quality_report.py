"""The quality report: what is held, by whom it is backed, how old it is, and nobody's data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from crawler.items import Acquisition, MentionType, Property, Revisit
from crawler.sources import SourceRegister
from pipelines.errors import UsageError
from pipelines.master.models import DisposalRow, MentionRow, RunRow, SourceRow, StatementRow
from pipelines.reports.quality import Quality, quality
from pipelines.reports.quality.figures import DAYS, Decisions
from pipelines.reports.quality.render import FORMATS, percent
from pipelines.reports.quality.sections import SECTIONS
from pipelines.resolution.corrections import correct
from tests.support import reported
from tests.support.reported import EARLY, Seen

NOW = EARLY + timedelta(days=10)
JANE = {Property.NAME: "Jane Roe", Property.EMAIL: "jane.roe@noord.example", Property.JOB_TITLE: "Buyer"}
TEAM = [
    Seen({Property.NAME: f"{given} Poe", Property.JOB_TITLE: "Clerk", Property.EMAIL: f"{given.lower()}@noord.example"})
    for given in ("Ada", "Bea", "Cleo", "Dora", "Edda")
]
SEEN = [
    *TEAM,
    Seen(JANE),
    Seen({**JANE, Property.JOB_TITLE: "Head of Buying"}, source="two", url="http://two.example/team"),
    Seen({Property.NAME: "Noord NV"}, type=MentionType.ORGANISATION),
]
NOT_KEPT = [
    ("validate", "invalid", "telephone", "telephone-no-country", "drop", 12),
    ("validate", "invalid", "email", "email-syntax", "drop", 3),
    ("minimise", "religion_belief", "jobTitle", "title-person", "transform", 40),
]
DECIDED = Decisions(8, 9, 3, (1, 0, 2, 0, 0), EARLY, 6, 4, 3, 1, 1, 0, 0, 0)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = reported.store(f"sqlite:///{tmp_path_factory.mktemp('quality') / 'store.db'}", SEEN, NOT_KEPT)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """The one store of this file; what a test writes into it is taken back."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def made(connection: Connection, source: str = "", register: SourceRegister | None = None, **at: Any) -> Quality:
    return quality(connection, register, source, at.get("now", NOW), lambda *about: DECIDED)


def as_json(
    connection: Connection, source: str = "", register: SourceRegister | None = None, **at: Any
) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(FORMATS["json"](made(connection, source, register, **at))))
    return found


def by(rows: list[dict[str, Any]], *keys: str) -> dict[Any, dict[str, Any]]:
    return {row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in rows}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_every_section_and_nobody(connection: Connection, form: str) -> None:
    text = "".join(FORMATS[form](made(connection)))
    for section in SECTIONS.values():
        assert (section.title if form in {"html", "md"} else section.id) in text
    for personal in ("Jane", "Roe", "Poe", "noord", "Noord", "Buyer", "Clerk"):
        assert personal not in text.replace("Publisher of", "")


def test_what_is_held_and_who_else_says_so(connection: Connection) -> None:
    found = as_json(connection)
    held = by(found["holdings"], "type", "property")
    assert {key: held["person", key]["held"] for key in ("name", "email", "jobTitle")} == {
        "name": 6, "email": 6, "jobTitle": 6,
    }  # fmt: skip
    assert held["person", "email"]["backed"] == 1
    assert held["person", "jobTitle"]["backed"] == 0
    assert held["person", "jobTitle"]["several"] == 1
    assert held["organisation", "name"]["held"] == 1
    assert found["entities"] == {"person": 6, "organisation": 1}
    assert found["reachable"] == 6


def test_a_source_and_what_the_master_prefers(connection: Connection) -> None:
    sources = by(as_json(connection)["sources"], "id")
    one, two = (by(sources[name]["stated"], "property") for name in ("one", "two"))
    assert (sources["one"]["people"], sources["one"]["organisations"], sources["two"]["people"]) == (6, 1, 1)
    assert (one["email"]["people"], one["email"]["backed"], one["email"]["overruled"]) == (6, 1, 0)
    assert two["email"]["backed"] == 1
    assert one["jobTitle"]["overruled"] + two["jobTitle"]["overruled"] == 1
    assert sources["one"]["rejected"] == {"telephone-no-country": 12, "email-syntax": 3}
    assert sources["two"]["rejected"] == {}
    assert (sources["one"]["last"]["outcome"], sources["two"]["last"]) == ("finished", None)


@pytest.mark.parametrize(
    ("days", "ages", "stale"),
    [
        (0, [6, 0, 0, 0, 0], 0),
        (29, [6, 0, 0, 0, 0], 0),
        (30, [0, 6, 0, 0, 0], 0),
        (44, [0, 6, 0, 0, 0], 0),
        (45, [0, 6, 0, 0, 0], 6),
        (200, [0, 0, 0, 6, 0], 6),
        (400, [0, 0, 0, 0, 6], 6),
    ],
)
def test_how_long_ago_people_were_seen(connection: Connection, days: int, ages: list[int], stale: int) -> None:
    found = by(as_json(connection, now=EARLY + timedelta(days=days))["sources"], "id")["one"]
    assert (found["ages"], found["stale"], found["bound"]) == (ages, stale, 44)


@pytest.mark.parametrize(
    ("facts", "bound"),
    [
        ({}, 60),
        ({"revisit": Revisit(verify_days=7, unreachable_days=5)}, 12),
        ({"acquisition": Acquisition("download", "CC0-1.0", 14, EARLY.date())}, None),
    ],
)
def test_the_register_sets_the_clocks(connection: Connection, facts: dict[str, Any], bound: int | None) -> None:
    declared = replace(reported.source("one"), **facts)
    register = SourceRegister(Path("sources.toml"), {"one": declared})
    found = by(as_json(connection, register=register)["sources"], "id")
    assert (found["one"]["bound"], found["two"]["bound"]) == (bound, 44)


@pytest.mark.parametrize(("kind", "bound"), [("import", None), ("correction", None), ("annual-report", 210)])
def test_without_a_register_the_kind_does(connection: Connection, kind: str, bound: int | None) -> None:
    connection.execute(update(SourceRow).where(SourceRow.id == "one").values(kind=kind))
    assert by(as_json(connection)["sources"], "id")["one"]["bound"] == bound


def test_values_that_their_pages_no_longer_stand_for(connection: Connection) -> None:
    values = connection.scalars(
        select(StatementRow.id)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(MentionRow.source_id == "one", StatementRow.property == "email")
        .order_by(StatementRow.id)
    ).all()
    for column, chosen in (("left_at", values[:3]), ("retired_at", values[3:5]), ("quarantined_at", values[5:])):
        connection.execute(update(StatementRow).where(StatementRow.id.in_(chosen)).values({column: NOW}))
    found = by(as_json(connection)["sources"], "id")["one"]
    assert [found[word] for word in ("silent", "retired", "quarantined")] == [3, 2, 1]
    assert by(found["stated"], "property")["email"]["people"] == 3
    assert sum(method["values"] for method in found["methods"]) == found["values"]


@pytest.mark.parametrize(("confidence", "band"), [(0.2, 0), (0.5, 1), (0.69, 1), (0.7, 2), (0.9, 3), (1.0, 3)])
def test_confidence_by_method(connection: Connection, confidence: float, band: int) -> None:
    connection.execute(update(StatementRow).values(confidence=confidence))
    (method,) = as_json(connection)["methods"]
    assert method["method"] == "card"
    assert method["bands"] == [method["values"] if place == band else 0 for place in range(4)]
    assert method["mean"] == pytest.approx(confidence, abs=1e-4)


def test_what_was_no_good_is_told_in_words_and_what_is_private_is_not(connection: Connection) -> None:
    found = as_json(connection)["rejected"]
    assert [(row["rule"], row["count"]) for row in found] == [("telephone-no-country", 12), ("email-syntax", 3)]
    assert "declare the source's" in found[0]["reason"]


def test_corrections_are_counted_by_property(connection: Connection) -> None:
    mention = connection.scalars(
        select(MentionRow.id).where(MentionRow.source_id == "two", MentionRow.type == "person")
    ).one()
    wrong = [(Property.JOB_TITLE, "Head of Buying")]
    correct(connection, mention, {Property.JOB_TITLE: "Director"}, replaces=wrong, by="Ann", now=NOW)
    assert as_json(connection)["corrected"] == [{"property": "jobTitle", "holding": 1, "withdrawn": 0}]
    assert as_json(connection, "one")["corrected"] == []
    sources = by(as_json(connection)["sources"], "id")
    assert (sources["one"]["corrected"], sources["two"]["corrected"], sources["corrections"]["bound"]) == (0, 1, None)


def test_one_source_alone(connection: Connection) -> None:
    found = as_json(connection, "two")
    assert [one["id"] for one in found["sources"]] == ["two"]
    assert (found["entities"]["person"], found["reachable"], found["rejected"]) == (1, 1, [])
    assert by(found["holdings"], "type", "property")["person", "email"]["backed"] == 1
    with pytest.raises(UsageError, match="nowhere"):
        made(connection, "nowhere")


def test_an_unusual_run_asks_for_a_look(connection: Connection) -> None:
    findings = [{"measure": "people", "found": 3, "low": 5, "high": 60, "by": "register", "usual": None}]
    late = {"id": "f" * 32, "source_id": "one", "spider": "company_site", "started_at": NOW, "ended_at": NOW}
    connection.execute(insert(RunRow), [{**late, "outcome": "expectation-missed", "counts": {"findings": findings}}])
    found = as_json(connection)
    assert by(found["sources"], "id")["one"]["last"]["findings"] == ["people 3, expected 5 to 60"]
    assert "Its last run ended as expectation-missed: people 3, expected 5 to 60" in [
        step["what"] for step in found["steps"]
    ]


@pytest.mark.parametrize(("large", "first"), [(50_000, "two"), (1, "one")])
def test_the_sources_that_need_somebody_are_listed_first_where_that_is_known(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, large: int, first: str
) -> None:
    monkeypatch.setattr("pipelines.reports.quality.LARGE", large)
    connection.execute(update(RunRow).values(source_id="two", outcome="failed"))
    connection.execute(update(DisposalRow).values(rule="telephone-invalid"))
    report = made(connection)
    assert next(report.listed).id == first
    assert [line.id for line in report.sources] == ["one", "two"]


def test_csv_has_one_shape_for_all_figures(connection: Connection) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(FORMATS["csv"](made(connection))))))
    assert {row["section"] for row in rows} == set(SECTIONS) - {"corrected"}
    assert all(row["count"].isdigit() for row in rows)
    found = {(row["section"], row["source"], row["subject"], row["measure"]): (row["count"], row["of"]) for row in rows}
    assert len(found) == len(rows)
    assert found["sources", "one", "email", "stated"] == ("6", "6")
    assert found["holdings", "", "person email", "backed"] == ("1", "6")
    assert found["decisions", "", "pairs", "undone"] == ("1", "")
    assert found["sources", "one", "people", f"seen within {DAYS[0]} days"] == ("6", "6")


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_sums_of_a_large_store_come_last(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def places() -> tuple[int, int]:
        text = "".join(FORMATS[form](made(connection)))
        heading = ">What to do next</h2>" if form == "html" else "## What to do next"
        sources = ">Source by source</h2>" if form == "html" else "## Source by source"
        return text.index(heading), text.index(sources)

    first, second = places()
    assert first < second
    monkeypatch.setattr("pipelines.reports.quality.LARGE", 1)
    first, second = places()
    assert second < first


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    engine = reported.store(f"sqlite:///{tmp_path / 'empty.db'}")
    nothing = replace(DECIDED, open=0, oldest=None, ages=(0,) * 5, agreed=0, undone=0, joined=0)
    with engine.connect() as connection:
        found = {
            form: "".join(write(quality(connection, None, "", NOW, lambda *_: nothing)))
            for form, write in FORMATS.items()
        }
    engine.dispose()
    for sentence in ("Nothing asks for anybody.", "The master holds nothing yet.", "Nobody has judged one yet."):
        assert sentence in found["html"]
    assert json.loads(found["json"])["holdings"] == []


def test_both_databases_count_the_same(connection: Connection, postgresql_url: str) -> None:
    other = reported.store(postgresql_url, SEEN, NOT_KEPT)
    with other.connect() as elsewhere:
        for source in ("", "two"):
            assert as_json(elsewhere, source) == as_json(connection, source)
    other.dispose()


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 4, "–"), (0, 10, "0%"), (1, 1000, "1%"), (999, 1000, "99%"), (1000, 1000, "100%"), (1, 2000, "1%")],
)
def test_what_is_not_all_is_not_shown_as_all(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said
