"""What a request changes for others: exports, recipients, backups; and what an answer tells of earlier choices."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler import clock
from crawler.items import Property
from pipelines.master.backup.sealing import MAGIC, read_key
from tests.support import commands
from tests.support.asked import BO, JANE, NOW, OTHER, SEEN
from tests.support.reported import Seen, store
from tests.support.rights import written

Run = Callable[..., int]
PURPOSE = "business-directory"
HERS, HIS, NAMESAKES, IDAS = JANE[Property.EMAIL], BO[Property.EMAIL], OTHER[Property.EMAIL], "ida@oost.example"
IDA = Seen(
    {Property.NAME: "Ida Oost", Property.WORKS_FOR: "Oost BV", Property.EMAIL: IDAS}, url="http://one.example/ida"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder, which an erasure searches; what is written beside it is not its."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A store of four people who have been told."""
    store(f"sqlite:///{home / 'cardfile.db'}", [*SEEN, IDA]).dispose()
    written(home)
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def call(*arguments: str | Path) -> int:
        own = {"CARDFILE_HOME": str(home), "CARDFILE_RIGHTS": str(home / "rights.toml")}
        return commands.call(*arguments, **own)

    assert call("notice", "--into", tmp_path / "outbox") == 0
    return call


def exported(run: Run, file: Path) -> dict[str, tuple[str, str]]:
    """Return who leaves for a recipient, by number of row: e-mail address and telephone number."""
    assert run("export", "--recipient", "acme", "--purpose", PURPOSE, "-o", file) == 0
    with file.open(encoding="utf-8", newline="") as stream:
        return {row["id"]: (row["email"], row["telephone"]) for row in csv.DictReader(stream)}


def agreed(run: Run, folder: Path, *about: str, at: str = "2026-11-02T09:00:00+00:00") -> None:
    """Record a consent."""
    text = folder / "optin.txt"
    text.write_text("I agree.", "utf-8")
    proof = ("--text", text, "--collected", "double-opt-in", "--evidence", "form-17")
    assert run("consent", "record", *about, *proof, "--at", at) == 0


def corrections(home: Path) -> list[dict[str, object]]:
    """Return the lines of all correction files."""
    files = sorted((home / "corrections").iterdir())
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("limit", "leave", "action"),
    [
        ([], {IDAS}, "erase"),  # a namesake waits until somebody has decided who that is
        (["--purpose", PURPOSE], {IDAS}, "erase"),
        (["--purpose", "newsletter"], {HERS, HIS, NAMESAKES, IDAS}, ""),
        (["--channel", "email"], {"", NAMESAKES, IDAS}, "object"),
        (["--channel", "telephone"], {HERS, HIS, NAMESAKES, IDAS}, "object"),
    ],
)
def test_objections_in_bulk_hold_in_the_next_export(
    run: Run, home: Path, tmp_path: Path, limit: list[str], leave: set[str], action: str
) -> None:
    agreed(run, tmp_path, "--email", HERS, "--purpose", PURPOSE, "--channel", "telephone")  # no register is in the way
    before = exported(run, tmp_path / "before.csv")
    assert {address for address, _ in before.values()} == {HERS, HIS, NAMESAKES, IDAS}
    assert any(number for _, number in before.values())
    file = tmp_path / "objections.csv"
    file.write_text(f"email\n{HERS}\n{HIS}\nnobody@west.example\n", "utf-8")
    assert run("object", "--requests", file, *limit, "--json") == 0
    after = exported(run, tmp_path / "after.csv")
    assert {address for address, _ in after.values()} == leave
    if "telephone" in limit:
        assert [number for _, number in after.values() if number] == []
    if action:
        told = corrections(home)
        assert [one["action"] for one in told] == [action, action]
        assert {address for address, _ in before.values()}.isdisjoint(json.dumps(told))
    else:
        assert (home / "corrections").exists() is False


@pytest.mark.parametrize(
    "command", [("suppress", "add", "--email", HERS, "--reason", "objection"), ("erase", "--email", HERS)], ids=" ".join
)
def test_files_for_recipients_lie_in_the_data_folder_and_not_where_the_command_runs(
    run: Run, home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    exported(run, tmp_path / "before.csv")
    identity = ("--identity", "email-loop") if command[0] == "erase" else ()
    assert run(*command, *identity) == 0
    assert corrections(home)
    assert not Path("corrections").exists()


def test_a_recipient_of_what_was_wrong_is_told_what_is_right(run: Run, home: Path, tmp_path: Path) -> None:
    before = exported(run, tmp_path / "before.csv")
    (hers,) = [one for one, (address, _) in before.items() if address == HERS]
    who = ("rectify", "--email", HERS, "--identity", "email-loop")
    assert run(*who, "--set", "jobTitle=Head of Sales", "--wrong", "name=J. Roe") == 0
    (line,) = corrections(home)
    assert (line["action"], line["law"], line["date"]) == ("rectify", "Article 19 GDPR", "2026-11-22")
    assert isinstance(line["ids"], list)
    assert hers in line["ids"]
    assert {"property": "jobTitle", "wrong": ["Director"], "right": "Head of Sales"} in line["changes"]  # type: ignore[operator]
    assert "Bo Zuid" not in json.dumps(line)
    (file,) = (home / "corrections").iterdir()
    assert (file.name, file.stat().st_mode & 0o077) == ("acme-2026-11-22.jsonl", 0)
    assert run(*who, "--set", "jobTitle=Head of Sales") == 0
    assert file.read_text("utf-8") == f"{json.dumps(line)}\n"  # a file is never written over
    assert {one.name for one in file.parent.iterdir()} == {file.name, "acme-2026-11-22-2.jsonl"}


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(("policy", "code", "left"), [("rewrite", 0, 1), ("delete", 0, 0), ("keep", 3, 1)])
def test_a_backup_is_treated_as_was_said(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: str, code: int, left: int, sealed: bool
) -> None:
    file, key = tmp_path / "backup", tmp_path / "key"
    key.write_text("ab" * 32, "ascii")
    key.chmod(0o600)
    with_key = ("--key-file", key) if sealed else ()
    assert run("db", "backup", file, *with_key) == 0
    who = ("erase", "--email", HERS, "--identity", "known", "--backups", policy)
    if sealed and policy == "rewrite":
        assert run(*who) == 4
        assert "--key-file" in capsys.readouterr().err
    before = file.read_bytes()
    assert run(*who, *with_key) == code
    assert file.exists() == bool(left)
    if policy == "rewrite":
        assert file.read_bytes().startswith(MAGIC) == sealed
        assert file.stat().st_mode & 0o077 == 0
        assert HERS not in content(file, key if sealed else None)
        assert HIS in content(file, key if sealed else None)
        assert run("db", "restore", file, *with_key) == 0
    elif policy == "keep":
        assert file.read_bytes() == before
        assert str(file) in capsys.readouterr().err


def content(file: Path, key: Path | None) -> str:
    """Return what a backup says."""
    from pipelines.master.backup import read_backup

    with read_backup(file, read_key(key) if key else None) as stream:
        said = stream.read()
    return (gzip.decompress(said) if said[:2] == b"\x1f\x8b" else said).decode()


@pytest.mark.parametrize("form", ["json", "html", "md"])
def test_an_answer_tells_of_consents_and_opt_outs(run: Run, tmp_path: Path, form: str) -> None:
    about = ("--email", HERS, "--purpose", "newsletter", "--channel", "email")
    agreed(run, tmp_path, *about)
    assert run("consent", "withdraw", *about, "--at", "2026-11-20T09:00:00+00:00") == 0
    agreed(run, tmp_path, "--email", HIS, *about[2:], at="2026-11-03T09:00:00+00:00")
    assert run("suppress", "--email", HERS, "--scope", "channel:telephone", "--reason", "opt-out-form") == 0
    answer = tmp_path / f"answer.{form}"
    asked = ("--email", HERS, "--identity", "email-loop", "--language", "en")
    assert run("access", *asked, "-o", answer) == 0
    said = answer.read_text("utf-8")
    if form == "json":
        found = json.loads(said)
        acts = [(one["act"], one["purpose"], one["channel"], one["on"]) for one in found["consents"]]
        expected = [("given", "2026-11-02"), ("withdrawn", "2026-11-20")]
        assert acts == [(act, "newsletter", "email", day) for act, day in expected]
        assert found["consents"][0]["evidence"] == "form-17"
        assert found["choices"] == [{"scope": "channel:telephone", "since": "2026-11-22"}]
        return
    assert "You agreed to newsletter (email) on 2026-11-02." in said
    assert "You took back your consent to newsletter (email) on 2026-11-20." in said
    assert "You are kept out of: channel:telephone, since 2026-11-22." in said
    assert "2026-11-03" not in said
