"""`scrapy why` and `scrapy db`, run the way Scrapy runs them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from crawler.items import Property
from pipelines.master.database import connect, head_revision, upgrade
from tests.support import commands
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
        code = commands.call(*arguments, CARDFILE_HOME=str(tmp_path))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.mark.parametrize("who", ["Jane Roe", "jane.roe@noord.example", "+442079460141", "JANE"])
def test_why_says_where_it_was_read_and_why_it_was_merged(run: Run, who: str) -> None:
    code, out, _ = run("why", who)
    assert code == 0
    assert "http://one.example/team" in out
    assert "http://press.example/a" in out
    assert "Allow: /team" in out
    assert "Merged; this pair alone is" in out
    assert "Job: Director, Noord NV" in out


def test_why_in_json_and_by_the_beginning_of_an_id(run: Run) -> None:
    _, out, _ = run("why", "Jane Roe", "--json")
    found = json.loads(out)
    assert found["name"] == "Jane Roe"
    assert {receipt["source"] for receipt in found["receipts"]} == {"one", "press"}
    _, again, _ = run("why", found["id"][:10], "--json")
    assert json.loads(again) == found


def test_why_tells_an_empty_store_from_an_unknown_name(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run("why", "Nobody Known")
    assert code == 2
    assert "try a part of the name" in err
    assert commands.call("why", "Jane Roe", CARDFILE_HOME=str(tmp_path / "mistyped")) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'mistyped'}/cardfile.db is empty; check DATABASE_URL and CARDFILE_HOME" in said


def test_why_lets_one_choose(run: Run) -> None:
    code, out, err = run("why", "roe")
    assert (code, err) == (2, "2 entries answer to that; name one by its id:\n")
    assert {"Jane Roe", "John Roe"} == {line.split("  ")[-1] for line in out.splitlines()}
    code, out, _ = run("why", "roe", "--json")
    assert (code, {json.loads(line)["name"] for line in out.splitlines()}) == (2, {"Jane Roe", "John Roe"})
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


def test_decisions_of_other_weights_are_counted_until_resolve_makes_them_anew(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cardfile.db") as connection:
        old = connection.execute(
            "UPDATE judgement SET by = '0123456789ab', id = lower(hex(randomblob(16))) WHERE NOT human"
        ).rowcount
    connection.close()
    assert old > 0
    code, out, _ = run("db", "check")
    assert code == 1
    assert f"BROKEN {old:>6}  the rules decided with the weights of this program (`scrapy resolve`" in out
    assert run("db", "upgrade")[2].startswith(f"{old} decisions of the rules were made with other weights (`scrapy res")
    assert run("resolve")[0] == 0
    assert run("db", "check")[0] == 0
    assert run("db", "upgrade")[2] == ""


def test_a_store_without_anybody_passes_and_says_that_it_is_empty(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is empty" not in run("db", "check")[2]
    assert commands.call("db", "check", CARDFILE_HOME=str(tmp_path / "mistyped")) == 0
    assert f"{tmp_path / 'mistyped'}/cardfile.db is empty; check DATABASE_URL" in capsys.readouterr().err


def test_upgrade_makes_a_store_and_leaves_a_current_one_alone(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade") == (0, f"The schema is up to date ({head_revision()}).\n", "")
    (tmp_path / "cardfile.db").unlink()
    code, out, _ = run("db", "upgrade", "--json")
    assert (code, json.loads(out)) == (0, {"before": None, "after": head_revision()})


def test_upgrade_brings_an_older_store_forward_and_says_that_it_takes_time(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cardfile.db").unlink()
    engine = connect(make_url(f"sqlite:///{tmp_path / 'cardfile.db'}"))
    upgrade(engine, "0001")
    engine.dispose()
    code, out, err = run("db", "upgrade")
    assert (code, out) == (0, f"The schema was 0001 and is now {head_revision()}.\n")
    assert "minutes for a large store" in err


@pytest.mark.parametrize(
    "arguments", [("db",), ("db", "delete"), ("why",), ("why", "a", "b"), ("db", "check", "--fast")]
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize("wanted", ["jane.roe@noord.example", "http://one.example/team"])
def test_why_allowed_prints_the_permission(run: Run, wanted: str) -> None:
    code, out, _ = run("why", "--allowed", wanted)
    assert code == 0
    assert "http://one.example/robots.txt answered 200" in out
    assert "What decided: Allow: /team." in out
    assert "Cardfile/0 (+no contact given)" in out
    _, out, _ = run("why", "--allowed", wanted, "--json")
    receipts = json.loads(out)
    assert {receipt["rule"] for receipt in receipts} == {"Allow: /team"}
    assert {receipt["robots_hash"] for receipt in receipts} == {"ab" * 32}


def test_why_allowed_of_what_nobody_read(run: Run) -> None:
    code, out, err = run("why", "--allowed", "http://one.example/other")
    assert (code, out) == (2, "")
    assert "The store knows no such page and no such value" in err


@pytest.mark.parametrize("sealed", [False, True])
def test_a_backup_is_written_and_restored(run: Run, tmp_path: Path, sealed: bool) -> None:
    key, file = tmp_path / "key", tmp_path / "backup"
    key.write_text("k" * 64, "utf-8")
    key.chmod(0o600)
    options = ["--key-file", str(key)] if sealed else []
    code, out, _ = run("db", "backup", str(file), *options)
    assert (code, f"encrypted: {file}" in out) == (0, sealed)
    code, out, _ = run("db", "restore", str(file), *options, "--json")
    assert code == 0
    assert json.loads(out)["rows"]["person"] == 2
    file.write_bytes(file.read_bytes()[:-9])
    code, _, err = run("db", "restore", str(file), *options)
    assert (code, err.count("\n")) == (1, 1)
    assert "cannot be restored" in err
    assert run("db", "check")[0] == 0


@pytest.mark.parametrize(
    "arguments", [["backup"], ["restore"], ["check", "file"], ["check", "--key-file", "k"], ["backup", "a", "b"]]
)
def test_wrong_usage_of_a_file_is_said(run: Run, arguments: list[str]) -> None:
    code, _, err = run("db", *arguments)
    assert code == 2
    assert err


def test_what_todays_rules_would_not_store_is_shown_then_removed(run: Run, tmp_path: Path) -> None:
    assert run("db", "rescreen", "--check")[0] == 0
    with sqlite3.connect(tmp_path / "cardfile.db") as connection:
        connection.execute("UPDATE statement SET normalised = 'Catholic press officer' WHERE normalised = 'Director'")
    connection.close()
    code, out, _ = run("db", "rescreen", "--check", "--json")
    assert (code, json.loads(out)["by_category"]) == (1, {"religion_belief": 2})
    assert run("db", "rescreen")[0] == 0
    assert run("db", "rescreen", "--check")[0] == 0
    assert run("db", "check")[0] == 0
