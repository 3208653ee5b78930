"""Files through all five stages, on both databases; and the command as somebody types it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from scrapy import cmdline
from scrapy.settings import Settings
from sqlalchemy import create_engine, select

from crawler.errors import UsageError
from pipelines.master.check import check
from pipelines.master.models import (
    CaptureRow,
    MasterValueRow,
    PermissionRow,
    PersonRow,
    RunRow,
    SourceRow,
    StatementRow,
)
from pipelines.rights import apart
from pipelines.rights.activity import entries
from tests.support import tree
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import Web

BUNDLED = tree.ROOT / "fixtures" / "imports"
MARIT = "Marit Zandvoort"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the bundled files, to be changed."""
    return Path(shutil.copytree(BUNDLED, tmp_path / "imports"))


@pytest.fixture
def imports(reactor: Reactor, web: Web, files: Path, tmp_path: Path, database_url: str) -> Callable[..., Any]:
    crawls = Crawls(reactor, web, tmp_path / "home", database_url)

    def run(source: str, *names: str, **settings: Any) -> Mapping[str, Any]:
        paths = [str(files / name) for name in names]
        register = {"CARDFILE_SOURCES": str(files / "sources.toml")}
        return crawls.run("import_file", {"source": source, "paths": paths}, **register, **settings)

    return run


def people(url: str) -> dict[str, tuple[str, str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(select(PersonRow.name, PersonRow.job_title, PersonRow.email)).all()
        assert [finding.invariant for finding in check(connection) if finding.broken] == []
    engine.dispose()
    return {name: (title, email) for name, title, email in rows}


def test_records_and_cards_become_people(imports: Callable[..., Any], database_url: str) -> None:
    stats = imports("members", "members.csv")
    assert (stats["cardfile/import/records"], stats["cardfile/import/rejected"]) == (4, 1)
    imports("cards", "cards.vcf")
    assert people(database_url) == {
        MARIT: ("Hoofd inkoop", "m.zandvoort@noordlicht.example"),
        "Teun Wierda": ("Directeur", "t.wierda@wierda.example"),
        "Ines Sarmento": ("", "ines.sarmento@portonova.example"),
        "Ottilie Brandstetter": ("Leiterin Einkauf", "o.brandstetter@weber-brandt.example"),
        "Indrek Kallas": ("", ""),
    }
    engine = create_engine(database_url)
    with engine.connect() as connection:
        receipts = connection.execute(select(CaptureRow.url, PermissionRow.rule).join(PermissionRow)).all()
        values = connection.scalars(select(MasterValueRow.value)).all()
    engine.dispose()
    assert {rule for _, rule in receipts} == {"licensed, contract 2026-14", "contribution, given at the fair of 2026"}
    assert {url.partition("#")[0] for url, _ in receipts} == {"urn:cardfile:members", "urn:cardfile:cards"}
    assert not [value for value in values if "0190" in value or "190" in value[-4:] or "nuts" in value]


def test_an_import_is_in_the_activity_log_and_nobody_of_it(imports: Callable[..., Any], database_url: str) -> None:
    stats = imports("members", "members.csv")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        (entry,) = entries(connection)
        run = connection.execute(select(RunRow.id, RunRow.outcome)).one()
        articles = connection.execute(select(SourceRow.id, SourceRow.article)).all()
    engine.dispose()
    assert entry is not None
    assert (entry.action, entry.reference) == ("import", run.id)
    told = entry.details
    assert (told["source"], told["outcome"], told["people"]) == ("members", run.outcome, 3)
    assert told["new"] == stats["cardfile/statements/new"] > 0
    assert "Zandvoort" not in str(entry)
    assert articles == [("members", 14)]


def test_a_delivery_again_changes_nothing(imports: Callable[..., Any], web: Web) -> None:
    imports("members", "members.csv")
    again = imports("members", "members.csv")
    assert again["cardfile/outcome"] == "unchanged"
    assert again["cardfile/statements/new"] == 0
    assert web.visits == [], "what came as a file is on no site"


def test_what_a_whole_delivery_no_longer_holds_goes(
    imports: Callable[..., Any], files: Path, database_url: str
) -> None:
    mapping = files / "members.toml"
    mapping.write_text(f"snapshot = true\n{mapping.read_text('utf-8')}", "utf-8")
    table = files / "members.csv"
    rows = [row for row in table.read_text("utf-8").splitlines(keepends=True) if not row.startswith("104")]
    table.write_text("".join(rows), "utf-8")
    imports("members", "members.csv")
    assert len(people(database_url)) == 3
    table.write_text("".join(row for row in rows if "Marit" not in row), "utf-8")
    imports("members", "members.csv")
    assert MARIT not in people(database_url)
    table.write_text("".join(rows), "utf-8")
    imports("members", "members.csv")
    assert MARIT in people(database_url)


def test_a_delivery_that_is_cut_off_takes_nobody_out(
    imports: Callable[..., Any], files: Path, database_url: str
) -> None:
    mapping = files / "members.toml"
    mapping.write_text(f"snapshot = true\n{mapping.read_text('utf-8')}", "utf-8")
    imports("members", "members.csv")
    (files / "members.json").write_text('[{"Member no": "101", "First name": "Mar', "utf-8")
    stats = imports("members", "members.json")
    assert (stats["cardfile/pages/failed"], stats["cardfile/outcome"]) == (1, "failed")
    assert len(people(database_url)) == 3


def test_an_upload_stays_apart_until_a_document_permits_more(
    imports: Callable[..., Any], files: Path, database_url: str
) -> None:
    stats = imports("upload", "members.csv")
    assert stats["cardfile/suppress/upload"] == 3
    assert people(database_url) == {}
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert apart.counts(connection) == {"upload": 3}
        assert connection.execute(select(StatementRow)).all() == []
    (files / "letter.txt").write_text("They may be in the master.", "utf-8")
    register = files / "sources.toml"
    text = register.read_text("utf-8")
    register.write_text(text.replace('method = "upload",', 'method = "upload", permission = "letter.txt",'), "utf-8")
    assert imports("upload", "members.csv").get("cardfile/suppress/upload") is None
    assert MARIT in people(database_url)
    with engine.connect() as connection:
        assert apart.counts(connection) == {}
    engine.dispose()


@pytest.mark.parametrize(
    ("source", "name", "error", "says"),
    [
        ("cards", "members.csv", UsageError, "name a mapping file"),
        ("members", "nothing.csv", UsageError, "is not there"),
        ("members", "sources.toml", UsageError, "in no format"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_may_not_come_in_is_said_before_anything_is_read(
    imports: Callable[..., Any], source: str, name: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        imports(source, name)


@pytest.fixture
def command(files: Path, tmp_path: Path, reactor: Reactor) -> Callable[..., int]:
    def call(*arguments: str) -> int:
        settings = Settings()
        settings.setmodule("settings.test", priority="project")
        own = {"CARDFILE_HOME": str(tmp_path / "home"), "CARDFILE_SOURCES": str(files / "sources.toml")}
        settings.setdict(own, priority="cmdline")
        with pytest.raises(SystemExit) as ended:
            cmdline.execute(["scrapy", "import", *arguments, "--nolog"], settings)
        return int(ended.value.code or 0)

    return call


def test_a_dry_run_prints_and_stores_nothing(
    command: Callable[..., int], files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(str(files / "members.csv"), "--source", "members", "--dry-run", "--json") == 0
    out, err = capsys.readouterr()
    shown = [json.loads(line) for line in out.splitlines()]
    assert [one["name"] for one in shown] == [MARIT, "Teun Wierda", "Ines Sarmento"]
    assert shown[2]["email"] == ["ines.sarmento@portonova.example", "info@portonova.example"]
    assert "row=5: not read: no name" in err
    assert command(str(files / "members.csv"), "--source", "members", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "4 records read, 1 not read" in out
    assert "allergic" not in out
    assert not list((tmp_path / "home").glob("*.db"))


def test_a_mapping_is_suggested(command: Callable[..., int], files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(str(files / "members.csv"), "--suggest") == 0
    suggested = capsys.readouterr().out
    assert 'id = "Member no"' in suggested
    assert "# Date of birth: birth_date, is never stored" in suggested
    (files / "members.toml").write_text(suggested, "utf-8")
    assert command(str(files / "members.csv"), "--source", "members", "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["telephone"] == ["+31205550101"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "name a file"),
        (["members.csv"], 2, "--source"),
        (["members.csv", "--source", "nobody"], 4, "not registered"),
        (["members.csv", "--source", "members", "--sorce"], 2, "unknown option"),
        (["members.csv", "--source", "members", "--mapping", "births.toml"], 4, "speaks of birth_date"),
    ],
)
def test_wrong_use_is_told(
    command: Callable[..., int],
    files: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    (files / "births.toml").write_text(
        '[[mention]]\ntype = "person"\nname = "Last name"\nurl = "Date of birth"\n', "utf-8"
    )
    known = {path.name for path in files.iterdir()}
    assert command(*(str(files / one) if one in known else one for one in arguments)) == code
    assert says in capsys.readouterr().err
