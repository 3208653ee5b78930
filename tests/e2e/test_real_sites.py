"""Real sites, crawled over loopback, against what people have labelled on them.

The labels and the sites stay outside the project. The bar is a floor below what was measured (docs/quality.md), so
that a change that loses people is noticed here; it is no target. Assertions compare counts, so that no failure prints a
name.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from pipelines.master.check import check
from pipelines.master.database import database_url, open_store, reading
from pipelines.master.models import CaptureRow, MasterValueRow, MentionRow, PermissionRow, PersonRow, StatementRow

DATA = Path(__file__).parents[3] / "shared" / "data"
#: The least share of the labelled people that must stand in the master.
FLOOR = 0.7

pytestmark = pytest.mark.skipif(
    not (DATA / "sites").is_dir() or not (DATA / "pages" / "manifest.csv").is_file(),
    reason="the evaluation data is not beside this checkout",
)


def words(name: str) -> frozenset[str]:
    """The words of a name without marks, case, titles' dots and initials."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return frozenset(word for word in plain.replace(".", " ").replace(",", " ").split() if len(word) > 1)


def labelled() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the URL under which the demo serves a labelled page, and its labels."""
    with (DATA / "pages" / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if (DATA / "sites" / row["site"] / row["path"]).is_file():
                gold = json.loads((DATA / "pages" / "gold" / f"{row['page']}.json").read_text("utf-8"))
                yield f"http://{row['site']}/{row['path']}", gold


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    home = tmp_path_factory.mktemp("real")
    command = [sys.executable, "-m", "scrapy", "demo", "--sites", str(DATA / "sites"), "--home", str(home), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=dict(os.environ))
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "Traceback" not in ended.stderr
    engine = open_store(database_url("", home))
    with reading(engine) as connection:
        yield connection
    engine.dispose()


def test_labelled_people_stand_in_the_master_with_their_receipts(connection: Connection) -> None:
    wanted = found = 0
    for url, gold in labelled():
        rows = connection.execute(
            select(PersonRow.id, StatementRow.normalised, PermissionRow.rule, CaptureRow.content_hash)
            .join(MentionRow, MentionRow.entity_id == PersonRow.id)
            .join(StatementRow, StatementRow.mention_id == MentionRow.id)
            .join(CaptureRow, CaptureRow.id == StatementRow.shown_by())
            .join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
            .where(StatementRow.property == "name", MentionRow.url.startswith(url.removesuffix("index.html")))
        ).all()
        receipts = sum(bool(rule) and len(content) == 64 for _, _, rule, content in rows)
        assert receipts == len(rows)
        read = {words(name) for _, name, _, _ in rows}
        for person in gold["people"]:
            if person["status"] == "required":
                wanted += 1
                found += any(words(name) in read for name in [person["name"], *person["name_variants"]])
    assert wanted > 50
    assert found / wanted >= FLOOR


def test_no_dead_or_false_person_stands_in_the_master(connection: Connection) -> None:
    names = {words(name) for name in connection.scalars(select(PersonRow.name))}
    must_not = [person["name"] for _, gold in labelled() for person in gold["people"] if person["status"] == "must_not"]
    assert sum(words(name) in names for name in must_not) <= 1


def test_no_sensitive_string_of_a_labelled_page_is_stored(connection: Connection) -> None:
    stored = "\n".join(connection.scalars(select(StatementRow.normalised))).casefold()
    stored += "\n".join(connection.scalars(select(StatementRow.original))).casefold()
    stored += "\n".join(connection.scalars(select(StatementRow.evidence))).casefold()
    leaks = sum(text.casefold() in stored for _, gold in labelled() for text in gold.get("sensitive_strings", []))
    assert leaks == 0


def test_the_store_is_sound(connection: Connection) -> None:
    assert [finding for finding in check(connection) if finding.broken] == []
    assert connection.scalar(select(MasterValueRow.entity_id).limit(1))
