"""`scrapy why` and `scrapy db`, run the way Scrapy runs them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy import cmdline
from scrapy.settings import Settings

from crawler.items import Property
from pipelines.master.database import head_revision
from tests.support.reported import Seen, store

Run = Callable[..., tuple[int, str, str]]
JANE = {
    Property.NAME: "Jane Roe",
    Property.JOB_TITLE: "Director",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "jane.roe@noord.example",
    Property.TELEPHONE: "+442079460141",
}
PRESS = {**JANE, Property.NAME: "J. Roe"}
JOHN = {Property.NAME: "John Roe", Property.EMAIL: "john.roe@noord.example", Property.WORKS_FOR: "Noord NV"}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    seen = [Seen(JANE), Seen(PRESS, source="press", url="http://press.example/a"), Seen(JOHN)]
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", seen).dispose()

    def call(*arguments: str) -> tuple[int, str, str]:
        settings = Settings()
        settings.setmodule("settings.test", priority="project")
        settings.set("CARDFILE_HOME", str(tmp_path), priority="cmdline")
        settings.set("LOG_ENABLED", False, priority="cmdline")
        with pytest.raises(SystemExit) as ended:
            cmdline.execute(["scrapy", *arguments], settings)
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.mark.parametrize("who", ["Jane Roe", "jane.roe@noord.example", "+442079460141", "JANE"])
def test_why_says_where_it_was_read_and_why_it_was_merged(run: Run, who: str) -> None:
    code, out, _ = run("why", who)
    assert code == 0
    assert "http://one.example/team" in out
    assert "http://press.example/a" in out
    assert "Allow: /team" in out
    assert "Merged, probability" in out
    assert "Job: Director, Noord NV" in out


def test_why_in_json_and_by_the_beginning_of_an_id(run: Run) -> None:
    _, out, _ = run("why", "Jane Roe", "--json")
    found = json.loads(out)
    assert found["name"] == "Jane Roe"
    assert {receipt["source"] for receipt in found["receipts"]} == {"one", "press"}
    _, again, _ = run("why", found["id"][:10], "--json")
    assert json.loads(again) == found


def test_why_lets_one_choose(run: Run) -> None:
    code, out, err = run("why", "roe")
    assert (code, err) == (2, "2 entries answer to that; name one by its id:\n")
    assert {"Jane Roe", "John Roe"} == {line.split("  ")[-1] for line in out.splitlines()}
    assert run("why", "Nobody Known")[0] == 2


def test_a_sound_store_passes_and_a_broken_one_does_not(run: Run, tmp_path: Path) -> None:
    assert run("db", "check")[0] == 0
    with sqlite3.connect(tmp_path / "cardfile.db") as connection:
        connection.execute("UPDATE person SET telephone = '+442079460199' WHERE name = 'Jane Roe'")
    connection.close()
    code, out, _ = run("db", "check", "--json")
    assert code == 1
    broken = [row for row in map(json.loads, out.splitlines()) if row["broken"]]
    assert [row["broken"] for row in broken] == [1]
    assert run("db", "rebuild", "--check")[0] == 1
    assert run("db", "rebuild")[0] == 0
    assert run("db", "rebuild", "--check") == (0, "The rebuilt master table is the same, byte for byte.\n", "")
    assert run("db", "check")[0] == 0


def test_upgrade_makes_a_store_and_leaves_a_current_one_alone(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade") == (0, f"The schema is up to date ({head_revision()}).\n", "")
    (tmp_path / "cardfile.db").unlink()
    code, out, _ = run("db", "upgrade", "--json")
    assert (code, json.loads(out)) == (0, {"before": None, "after": head_revision()})


@pytest.mark.parametrize(
    "arguments", [("db",), ("db", "delete"), ("why",), ("why", "a", "b"), ("db", "check", "--fast")]
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2
