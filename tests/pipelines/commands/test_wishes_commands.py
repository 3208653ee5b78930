"""`scrapy consent`, `screening`, `drop` and `suppress`, run the way Scrapy runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from crawler import clock
from crawler.items import Property
from pipelines.master.choices import ConsentRow, ScreenedRow, SuppressionRow
from pipelines.master.models import PersonRow
from pipelines.rights.droplists import drop_hash
from pipelines.rights.exporting import Export, count
from pipelines.rights.register import load
from pipelines.rights.renderings import Format
from tests.support import commands
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import written

SECRET, NOW = "s" * 32, EARLY + timedelta(days=2)
ADA, BO, BOARD = "ada@noord.example", "bo@noord.example", "board@zuid.example"
Run = Callable[..., int]


def seen(name: str, email: str, url: str = "http://one.example/team", **more: str) -> Seen:
    values = {Property.NAME: name, Property.JOB_TITLE: "Head", Property.EMAIL: email}
    return Seen(values | {Property(key): value for key, value in more.items()}, url=url)


PEOPLE = [
    seen("Ada Noord", ADA, telephone="+12125550101"),
    seen("Bo Zuid", BO, url="http://one.example/b"),
    seen("Cas Oost", BOARD, url="http://one.example/c"),
    seen("Dana West", BOARD, url="http://one.example/d"),
]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = store(database_url, PEOPLE)
    yield engine
    engine.dispose()


@pytest.fixture
def run(engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    written(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def call(*arguments: str | Path, **overrides: Any) -> int:
        own = {
            "CARDFILE_HOME": str(tmp_path),
            "CARDFILE_DATABASE_URL": database_url,
            "CARDFILE_RIGHTS": str(tmp_path / "rights.toml"),
            "CARDFILE_SECRET": SECRET,
        }
        return commands.call(*arguments, **{**own, **overrides})

    return call


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def names(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(PersonRow.name)))


def test_consent_is_recorded_with_its_proof_and_withdrawn(
    run: Run, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "optin-3.txt"
    text.write_text("I agree.", "utf-8")
    who = ("--email", ADA, "--purpose", "newsletter", "--channel", "email")
    proof = ("--text", text, "--collected", "double-opt-in", "--evidence", "form-7")
    assert run("consent", "record", *who) == 2
    assert run("consent", "record", *who, *proof, "--dry-run") == 0
    assert run("consent", "record", *who, *proof, "--at", "2026-11-02T10:00+01:00") == 0
    assert run("consent", "withdraw", *who, "--json") == 0
    capsys.readouterr()
    assert run("consent", "show", "--email", ADA, "--json") == 0
    acts = told(capsys)
    assert [(act["act"], act["channel"], act["text"]) for act in acts] == [
        ("given", "email", "optin-3.txt"), ("withdrawn", "email", ""),
    ]  # fmt: skip
    assert acts[0]["at"] == "2026-11-02T09:00:00+00:00"
    with engine.connect() as connection:
        stored = str(connection.execute(select(ConsentRow)).all())
    assert "noord" not in stored


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("record",), "whose consent"),
        (("record", "--email", "nobody"), "--email cannot be read"),
        (("record", "--email", ADA, "--collected", "telepathy"), "--collected is one of"),
        (("record", "--email", ADA, "--at", "2026-11-02"), "needs a zone"),
        (("withdraw", "--email", ADA), "--purpose"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_consent_that_says_too_little(
    run: Run, arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("consent", *arguments) == 2
    assert says in capsys.readouterr().err


def test_a_screening_is_dated_and_holds_for_its_period(
    run: Run, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dnc.txt"
    file.write_text("212 555 0101\n212 555 0102\n", "utf-8")
    look = ("screening", "record", "--register", "us-dnc", "--file", file, "--country", "US", "--json")
    assert run(*look, "--on", "2026-11-02", "--dry-run") == 0
    assert run(*look, "--on", "2026-11-02") == 0
    assert [(row["numbers"], row["listed"]) for row in told(capsys)] == [(2, 2), (2, 2)]
    assert run("screening", "list", "--json") == 0
    known = {row["register"]: (row["on"], row["holds"]) for row in told(capsys)}
    assert (known["us-dnc"], known["gb-tps"]) == (("2026-11-02", True), ("", False))
    with engine.connect() as connection:
        assert len(connection.execute(select(ScreenedRow)).all()) == 2
        assert "5550101" not in str(connection.execute(select(ScreenedRow)).all())
    assert run(*look, "--on", "2026-12-02") == 2
    assert run("screening", "record", "--register", "us-dnc") == 2


ITEMS = {"A" * 12: ADA, "B" * 12: "nobody@noord.example", "C" * 12: BOARD}


def downloaded(folder: Path, name: str, removed: bool = False) -> Path:
    rows = [f"{item},{drop_hash(value)}{',Email' if removed else ''}\n" for item, value in ITEMS.items()]
    file = folder / name
    file.write_text(f"ID,Hash{',ListType' if removed else ''}\n{''.join(rows)}", "utf-8")
    return file


def test_a_deletion_list_is_carried_out_and_answered(
    run: Run, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = downloaded(tmp_path, "20260801_4821_Email.csv")
    answer = tmp_path / "answers" / listed.name
    assert run("drop", listed, "--dry-run", "--json") == 0
    (dry,) = told(capsys)
    assert dry["statuses"] == {"deleted": 1, "opted_out": 1, "not_found": 1}
    assert "Ada Noord" in names(engine)
    assert not answer.exists()
    assert run("drop", listed, "-o", answer.parent) == 0
    assert answer.read_text("utf-8") == f"Id,Status\n{'A' * 12},3\n{'B' * 12},5\n{'C' * 12},4\n"
    assert names(engine) == {"Bo Zuid", "Cas Oost", "Dana West"}
    with engine.connect() as connection:
        kinds = {(row.kind, row.scope) for row in connection.execute(select(SuppressionRow.kind, SuppressionRow.scope))}
        export = Export(
            load(tmp_path / "rights.toml").recipients["acme"], "business-directory", Format.CSV, NOW, SECRET.encode()
        )
    assert {("drop-email", "all"), ("drop-email", "sale"), ("email", "all")} <= kinds
    count(engine, export)
    assert export.withheld == {"opted-out-of-sale": 2, "not-notified": 1}
    assert run("drop", listed, "-o", answer.parent) == 2  # never over another file
    assert run("drop", downloaded(tmp_path, "20260901_4821_Removed.csv", removed=True), "-o", answer.parent) == 0
    with engine.connect() as connection:
        query = select(SuppressionRow.lifted_at).where(SuppressionRow.kind == "drop-email")
        assert all(connection.scalars(query))
    assert [path.name for path in answer.parent.iterdir()] == [listed.name]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_that_is_none_changes_nothing(run: Run, engine: Engine, tmp_path: Path) -> None:
    listed = downloaded(tmp_path, "20260801_4821_Email.csv")
    listed.write_text(f"{listed.read_text('utf-8')}broken\n", "utf-8")
    assert run("drop", listed, "-o", tmp_path / "answers") == 1
    assert len(names(engine)) == 4
    assert list((tmp_path / "answers").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--email", ADA), 2, "--reason"),
        (("--reason", "objection"), 2, "say who is meant"),
        (("--email", ADA, "--reason", "He asked me to"), 2, "a code"),
        (("--email", ADA, "--reason", "objection", "--scope", "everything"), 2, "is no scope"),
        (("--email", BOARD, "--reason", "objection"), 4, "Several people share"),
        (("list", "x"), 2, "unexpected argument"),
        (("decide", "--same"), 2, "0 questions"),
        (("--file", "list.pdf", "--reason", "objection"), 2, "is no list"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_suppression_that_says_too_little(
    run: Run, engine: Engine, arguments: tuple[str, ...], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("suppress", *arguments) == code
    assert says in capsys.readouterr().err
    assert len(names(engine)) == 4


def test_everyone_who_shares_an_address_may_be_meant(run: Run, engine: Engine, tmp_path: Path) -> None:
    assert run("suppress", "--email", BOARD, "--reason", "objection", "--everyone") == 0
    assert names(engine) == {"Ada Noord", "Bo Zuid"}
    assert run("suppress", "--email", BO, "--reason", "objection", "--scope", "channel:email") == 0
    assert names(engine) == {"Ada Noord", "Bo Zuid"}
