"""Notices and exports over a real store, on both databases."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, select, update

from crawler.items import Property
from pipelines.errors import DocumentError, UsageError
from pipelines.master.accounts import DisclosedRow, DisclosureRow, NoticeMentionRow, NoticeRow
from pipelines.master.models import MentionRow, SourceRow
from pipelines.rights import apart, columnmaps, consents, exporting, register, screening
from pipelines.rights.columnmaps import ColumnMap
from pipelines.rights.consents import Act
from pipelines.rights.exporting import Export
from pipelines.rights.notifying import into_folder, overview, owed, send
from pipelines.rights.register import RightsRegister
from pipelines.rights.renderings import Format
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import name_at, name_only, suppress
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import written

KEY = b"k" * 32
LATER = EARLY + timedelta(days=3)
PEOPLE = [
    Seen({Property.NAME: "Ada Noord", Property.JOB_TITLE: "Head of IT", Property.EMAIL: "ada@noord.example",
          Property.TELEPHONE: "+442079460001", Property.WORK_LOCATION: "1 Quay, London"}),
    Seen({Property.NAME: "Bo Zuid", Property.JOB_TITLE: "=cmd()", Property.TELEPHONE: "+12125550101"},
         url="http://one.example/board"),
]  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = store(database_url, PEOPLE)
    yield engine
    engine.dispose()


@pytest.fixture
def rights(tmp_path: Path) -> RightsRegister:
    return register.load(written(tmp_path))


@pytest.fixture
def export(engine: Engine, rights: RightsRegister, tmp_path: Path) -> Callable[..., tuple[Export, Path]]:
    def run(
        form: Format = Format.CSV, now: datetime = LATER, key: bytes | Keyring = KEY, columns: ColumnMap | None = None
    ) -> tuple[Export, Path]:
        made = Export(rights.recipients["acme"], "business-directory", form, now, key, columns=columns)
        path = tmp_path / f"{made.id}.{form}"
        exporting.write(engine, made, path)
        return made, path

    return run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tell_all(engine: Engine, rights: RightsRegister, folder: Path) -> None:
    send(engine, rights, into_folder(folder), EARLY + timedelta(days=1))


def test_nobody_leaves_who_was_not_told(engine: Engine, export: Callable[..., tuple[Export, Path]]) -> None:
    made, path = export()
    assert (made.people, dict(made.withheld)) == (0, {"not-notified": 2})
    assert path.read_text("utf-8").count("\n") == 1
    with engine.connect() as connection:
        assert connection.scalars(select(DisclosedRow.statement_id)).all() == []


def test_a_notice_opens_the_gate_for_whom_it_reached(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    with engine.connect() as connection:
        counts = overview(owed(connection, rights), LATER, rights)
    assert counts == {"owed": 2, "overdue": 0, "due-this-week": 0, "no-address": 1}
    sent = send(engine, rights, into_folder(tmp_path / "out"), LATER)
    assert sent == {"sent": 1, "no-address": 1}
    (file,) = (tmp_path / "out").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["From"]) == ("ada@noord.example", "privacy@contacts.example")
    assert "Acme Sales Ltd" in mail.get_content()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with engine.connect() as connection:
        (row,) = connection.execute(select(NoticeRow)).all()
        assert len(connection.execute(select(NoticeMentionRow)).all()) == 1
    assert row.proof == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (row.due_on, row.template, row.recipients) == ("2026-12-01", "en@1", ["acme"])
    assert send(engine, rights, into_folder(tmp_path / "out"), LATER) == {"sent": 0, "no-address": 1}

    made, path = export()
    assert (made.people, dict(made.withheld)) == (1, {"not-notified": 1})
    (leaving,) = table(path)
    assert (leaving["name"], leaving["email"], leaving["telephone"]) == ("Ada Noord", "ada@noord.example", "")
    assert (leaving["emailContactable"], leaving["telephoneReason"].rpartition(": ")[2]) == (
        "consent-needed", "not-screened",
    )  # fmt: skip
    assert made.blocked == {"telephone: not-screened": 1}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


LISTED, ASKED = "+44 20 7946 0001", "020 7946 0001\n020 7946 0009\n"


@pytest.mark.parametrize(
    ("listed", "asked", "days", "left"),
    [
        ("", None, 0, "+442079460001"),
        ("", None, 28, "+442079460001"),
        ("", None, 29, ""),
        (LISTED, None, 0, ""),
        ("", ASKED, 0, "+442079460001"),
        ("", "020 7946 0009\n", 0, ""),
        (LISTED, ASKED, 0, ""),
    ],
    ids=["today", "on the last day", "a day too late", "listed", "asked for", "not asked for", "answered listed"],
)
def test_a_number_leaves_on_the_strength_of_a_recent_look(
    engine: Engine,
    rights: RightsRegister,
    export: Callable[..., tuple[Export, Path]],
    tmp_path: Path,
    listed: str,
    asked: str | None,
    days: int,
    left: str,
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    (tmp_path / "listed.txt").write_text(listed, "utf-8")
    (tmp_path / "asked.txt").write_text(asked or "", "utf-8")
    files = {"listed": tmp_path / "listed.txt"} | ({"asked": tmp_path / "asked.txt"} if asked else {})
    with engine.begin() as connection:
        on = LATER.date() - timedelta(days=days)
        screening.record(connection, Keyring(KEY), "gb-tps", files, on, country="GB", by="op", now=LATER)
    (leaving,) = table(export()[1])
    assert leaving["telephone"] == left


def test_a_refused_screening_names_the_line(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text("020 7946 0001\nnobody\n", "utf-8")
    with engine.begin() as connection, pytest.raises(DocumentError, match="line 2: no telephone number"):
        screening.record(
            connection, Keyring(KEY), "gb-tps", {"listed": tmp_path / "f.txt"}, LATER.date(), country="GB", by="op",
            now=LATER,
        )  # fmt: skip
    with engine.begin() as connection, pytest.raises(UsageError, match="no register that is known"):
        screening.record(connection, Keyring(KEY), "tps", {}, LATER.date(), by="op", now=LATER)


def test_who_takes_consent_back_does_not_leave_again(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    with engine.begin() as connection:
        connection.execute(update(SourceRow).values(legal_basis="consent"))
    assert export()[0].withheld["no-consent"] == 2
    said = Act("given", "business-directory", "processing", EARLY, "optin@1", "ab" * 32, "web-form", "form 7")
    person = [("email", "ada@noord.example")]
    with engine.begin() as connection:
        consents.record(connection, Keyring(KEY), person, said, by="op", now=LATER)
        consents.record(connection, Keyring(KEY), person, replace(said, channel="email"), by="op", now=LATER)
    made, path = export()
    assert (made.people, table(path)[0]["emailContactable"]) == (1, "yes")
    with engine.begin() as connection:
        back = Act("withdrawn", "business-directory", "processing", LATER)
        consents.record(connection, Keyring(b"n" * 32, (KEY,)), person, back, by="op", now=LATER)
    assert export(key=Keyring(b"n" * 32, (KEY,)))[0].withheld["no-consent"] == 2
    with engine.connect() as connection:
        acts = consents.history(connection, Keyring(b"n" * 32, (KEY,)), person)
    assert [one.act.act for one in acts] == ["given", "given", "withdrawn"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text_hash": ""}, "proved by its text"),
        ({"evidence": ""}, "proved by its text"),
        ({"purpose": ""}, "--purpose"),
        ({"channel": "post"}, "no channel"),
        ({"at": LATER + timedelta(days=1)}, "future"),
    ],
)
def test_a_consent_that_nobody_could_prove_is_refused(engine: Engine, change: dict[str, Any], says: str) -> None:
    said = Act("given", "directory", "email", EARLY, "optin@1", "ab" * 32, "web-form", "form 7")
    with engine.begin() as connection, pytest.raises(UsageError, match=says):
        consents.record(
            connection, Keyring(KEY), [("email", "a@b.example")], replace(said, **change), by="x", now=LATER
        )


def test_a_namesake_of_somebody_who_was_erased_waits_for_a_decision(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    keys = Keyring(KEY)
    with engine.begin() as connection:
        suppress(connection, keys, [name_only("Noord, Ada"), name_at("Ada Noord", "Other BV")], "erasure", LATER)
    assert export()[0].withheld["namesake-undecided"] == 1
    with engine.begin() as connection:
        namesake = apart.Named(["Ada Noord"], [("email", "ada@noord.example")], [])
        apart.clear(connection, keys, namesake, "A. Reviewer", LATER)
    assert export()[0].people == 1


def test_the_ledger_says_who_received_what(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    made, path = export(Format.JSON_LINES)
    with engine.connect() as connection:
        row = connection.execute(select(DisclosureRow).where(DisclosureRow.id == made.id)).one()
        statements = connection.scalars(select(DisclosedRow.statement_id)).all()
    assert (row.recipient["name"], row.people) == ("Acme Sales Ltd", 1)
    assert row.withheld == {"not-notified": 1, "telephone: not-screened": 1}
    assert row.proof == hashlib.sha256(path.read_bytes()).hexdigest()
    leaving = json.loads(path.read_text("utf-8"))
    values = [values for values in leaving.values() if isinstance(values, list)]
    assert len(statements) == sum(map(len, values))


def test_who_objects_stays_here(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    with engine.begin() as connection:
        suppress(connection, KEY, [("email", "ada@noord.example")], "objection", LATER)
    made, _ = export()
    assert (made.people, made.withheld["suppressed"]) == (0, 1)


def test_retention_ends_what_leaves(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    assert export(now=EARLY + timedelta(days=729))[0].people == 1
    assert export(now=EARLY + timedelta(days=730))[0].withheld["retention-ended"] == 2


def test_what_a_spreadsheet_would_run_is_text(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(update(MentionRow).values(country="US"))
    tell_all(engine, rights, tmp_path / "out")
    _, path = export()
    assert {row["name"]: row["jobTitle"] for row in table(path)} == {"Ada Noord": "Head of IT", "Bo Zuid": "'=cmd()"}


def test_a_card_is_one_that_address_books_read(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    _, path = export(Format.VCARD)
    card = path.read_bytes().decode().split("\r\n")
    assert card[0] == "BEGIN:VCARD"
    assert "FN:Ada Noord" in card
    assert "EMAIL;TYPE=work:ada@noord.example" in card
    assert r"ADR;TYPE=work:;;1 Quay\, London;;;;" in card


def test_parquet_holds_the_same_people(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    made, path = export(Format.PARQUET)
    assert made.proof == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with duckdb.connect() as database:
        (row,) = database.read_parquet(str(path)).fetchall()
        names = [column[0] for column in database.read_parquet(str(path)).description]
    leaving = dict(zip(names, row, strict=True))
    assert (leaving["name"], leaving["email"], leaving["telephone"]) == (["Ada Noord"], ["ada@noord.example"], None)
    assert leaving["emailContactable"] == "consent-needed"
    assert not list(tmp_path.glob(".parquet-*"))


@pytest.mark.parametrize("name", columnmaps.BUNDLED)
def test_a_map_makes_the_rows_that_another_system_imports(
    engine: Engine, rights: RightsRegister, export: Callable[..., tuple[Export, Path]], tmp_path: Path, name: str
) -> None:
    tell_all(engine, rights, tmp_path / "out")
    path = export(columns=columnmaps.load(name))[1]
    (row,) = table(path)
    assert (row["Last Name"], row["Email"]) == ("Ada Noord", "ada@noord.example")
    assert {"TRUE"} == {row[key] for key in row if key in {"Email Opt Out", "Do Not Call", "Do not call"}}
    with engine.connect() as connection:
        statements = connection.scalars(select(DisclosedRow.statement_id)).all()
    assert len(statements) == 4  # name, job title, address, place of work; nothing that the map leaves out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no"),
        ("[[column]]\nname = 'X'\n", "column 1: it has a name"),
        ("[[column]]\nname = 'X'\nfrom = ['birthday']\n", "column 1: from names some of"),
        ("column = ", "not valid TOML"),
    ],
)
def test_a_wrong_map_is_told(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "map.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=says):
        columnmaps.load(str(tmp_path / "map.toml"))


def test_an_export_never_replaces_a_file(
    export: Callable[..., tuple[Export, Path]], engine: Engine, rights: RightsRegister, tmp_path: Path
) -> None:
    (tmp_path / "there.csv").write_text("mine", "utf-8")
    made = Export(rights.recipients["acme"], "business-directory", Format.CSV, datetime.now(UTC), KEY)
    with pytest.raises(UsageError, match="exists"):
        exporting.write(engine, made, tmp_path / "there.csv")
    assert (tmp_path / "there.csv").read_text("utf-8") == "mine"
