"""Reading a large store: at once, through indexes, and in the memory that a small one takes."""

from __future__ import annotations

import gc
import re
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store, reading
from pipelines.master.models import PersonRow
from pipelines.reports.allowed import receipts
from pipelines.reports.lookup import MOST, find
from pipelines.reports.output import write_report
from pipelines.reports.overview import Scope, report
from pipelines.reports.provenance import entities
from pipelines.reports.quality import quality
from pipelines.reports.quality import render as quality_render
from pipelines.reports.render import FORMATS
from pipelines.review.figures import decisions
from pipelines.review.people import mention_of
from pipelines.rights.exporting import Export
from pipelines.rights.register import Recipient
from pipelines.rights.renderings import Format
from tests.support.filled import fill

SMALL, LARGE = 600, 20_000
#: What nobody may walk through before the first output. The names are counted, and sources and permissions are few.
LONG = {"statement", "mention", "capture", "judgement", "master_value", "employment", "document"}
Read = Callable[[Connection], Iterable[object]]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Engine]]:
    folder = tmp_path_factory.mktemp("stores")
    found = {size: open_store(make_url(f"sqlite:///{folder / str(size)}.db")) for size in (SMALL, LARGE)}
    for size, engine in found.items():
        fill(engine, size, keys=0)
    yield found
    gc.collect()  # what was begun and not read to its end closes its cursor, which wants its connection
    for engine in found.values():
        engine.dispose()


def provenance(form: str, source: str = "") -> Read:
    def read(connection: Connection) -> Iterable[object]:
        return FORMATS[form](report(connection, Scope(source_id=source), datetime(2026, 11, 22, tzinfo=UTC)))

    return read


def in_quality(form: str, source: str = "") -> Read:
    def read(connection: Connection) -> Iterable[object]:
        return quality_render.FORMATS[form](
            quality(connection, None, source, datetime(2026, 11, 22, tzinfo=UTC), decisions)
        )

    return read


def export(connection: Connection) -> Iterable[object]:
    recipient = Recipient("acme", "Acme", "US", ("business-directory",), "licence", date(2099, 1, 1), "article 7")
    made = Export(recipient, "business-directory", Format.CSV, datetime(2026, 11, 22, tzinfo=UTC), b"k" * 32)
    return made.rows(connection)


def why(connection: Connection) -> Iterable[object]:
    mailbox = connection.scalar(select(PersonRow.email).order_by(PersonRow.id).limit(1)) or ""
    (found,) = find(connection, mailbox)
    merged = connection.scalar(select(PersonRow.id).where(PersonRow.mentions > 1).limit(1)) or ""
    yield from receipts(connection, mailbox)
    yield from entities(connection, found.id)
    yield find(connection, mention_of(connection, merged[:12]))


READS: dict[str, Read] = {
    **{form: provenance(form) for form in FORMATS},
    "source": provenance("csv", "source-0"),
    **{f"quality {form}": in_quality(form) for form in quality_render.FORMATS},
    "quality of a source": in_quality("csv", "source-0"),
    "export": export,
    "why": why,
}


@pytest.mark.parametrize("name", READS)
def test_the_first_output_comes_within_a_second(stores: dict[int, Engine], name: str) -> None:
    gc.disable()  # it would look through what a thousand other tests have left
    try:
        with reading(stores[LARGE]) as connection:
            start = time.process_time()
            assert list(islice(READS[name](connection), 5))
            assert time.process_time() - start < 1
    finally:
        gc.enable()


@pytest.mark.parametrize("name", READS)
def test_what_comes_first_is_read_through_indexes(
    stores: dict[int, Engine], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    walked: set[str] = set()

    def explain(connection: Connection, _: Any, statement: str, parameters: Any, *rest: Any) -> None:
        plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        steps = [str(row[-1]).split() for row in plan]
        walked.update(re.sub(r"_\d+$", "", step[1]) for step in steps if step[0] == "SCAN")

    monkeypatch.setattr("pipelines.reports.overview.LARGE", 100)
    event.listen(stores[LARGE], "before_cursor_execute", explain)
    try:
        with reading(stores[LARGE]) as connection:
            assert list(islice(READS[name](connection), 5))
    finally:
        event.remove(stores[LARGE], "before_cursor_execute", explain)
    assert not walked & LONG


@pytest.mark.parametrize("name", ["csv", "html", "quality csv", "export"])
def test_memory_does_not_grow_with_the_store(stores: dict[int, Engine], name: str) -> None:
    def peak(engine: Engine) -> int:
        with reading(engine) as connection:
            tracemalloc.start()
            for _ in islice(READS[name](connection), 210):
                pass
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    peak(stores[SMALL])  # fills the caches of templates and statements
    assert peak(stores[LARGE]) < 2 * peak(stores[SMALL])  # thirty times as many people


def test_a_common_part_of_a_name_gives_a_list_that_ends(stores: dict[int, Engine]) -> None:
    with reading(stores[LARGE]) as connection:
        assert len(find(connection, "ba")) == MOST


def test_an_html_report_of_everything_is_several_linked_files(stores: dict[int, Engine], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    write_report(stores[SMALL], "html", Scope(), file, cards=250)
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert set(pages) == {"report.html", "report-2.html", "report-3.html"}
    with reading(stores[SMALL]) as connection:
        everybody = [entity.id for entity in entities(connection)]
    shown = {name: [one for one in everybody if f'id="e-{one}"' in text] for name, text in pages.items()}
    assert [len(shown[name]) for name in ("report.html", "report-2.html", "report-3.html")] == [250, 250, 130]
    assert sorted(one for page in shown.values() for one in page) == sorted(everybody)
    assert 'href="report-3.html"' in pages["report.html"]
    assert 'href="report.html"' in pages["report-3.html"]
    assert "Page 2 of 3, with 250 of 630 cards each at most." in pages["report-2.html"]


@pytest.mark.parametrize(("form", "sums"), [("html", 'id="totals"'), ("md", "## Totals"), ("json", '"totals": {')])
def test_the_sums_of_a_large_report_come_last(
    stores: dict[int, Engine], monkeypatch: pytest.MonkeyPatch, form: str, sums: str
) -> None:
    monkeypatch.setattr("pipelines.reports.overview.LARGE", 100)
    with reading(stores[SMALL]) as connection:
        made = report(connection, Scope(limit=3), datetime(2026, 11, 22, tzinfo=UTC))
        (name,) = (entity.name for entity in islice(entities(connection), 1))
        before, found, _ = "".join(FORMATS[form](made)).partition(sums)
    assert found
    assert name in before
    assert f"{made.totals.statements:,}" not in before
    assert "600 people and 30 organisations." in before or form == "json"


def test_postgresql_sends_the_names_as_they_are_asked_for(postgresql_url: str) -> None:
    engine = open_store(make_url(postgresql_url))
    fill(engine, 500, keys=0)
    cursors: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _, cursor, *rest: cursors.append(type(cursor).__name__))
    with reading(engine) as connection:
        found = entities(connection)
        assert len(list(islice(found, 250))) == 250
        found.close()
    assert "ServerCursor" in cursors
    engine.dispose()
