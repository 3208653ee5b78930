"""`scrapy report`, run the way Scrapy runs it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.items import Property
from tests.support import commands
from tests.support.reported import Seen, store

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    engine = store(f"sqlite:///{tmp_path / 'cardfile.db'}", [Seen({Property.NAME: "Jane Roe"})])
    engine.dispose()

    def call(*arguments: str) -> int:
        return commands.call("report", *arguments, CARDFILE_HOME=str(tmp_path))

    return call


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ([], "<!DOCTYPE html>"),
        (["--format", "md"], "# Provenance report"),
        (["--format", "csv"], "type,id,name"),
        (["--format", "json"], '{"made_at"'),
        (["--json"], '{"made_at"'),
    ],
)
def test_it_writes_to_standard_output(
    run: Run, capsys: pytest.CaptureFixture[str], options: list[str], start: str
) -> None:
    assert run("provenance", *options) == 0
    out, err = capsys.readouterr()
    assert out.startswith(start)
    assert "Jane Roe" in out
    assert err == ""


def test_a_terminal_gets_text_and_is_told_where_a_file_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("quality") == 0
    assert capsys.readouterr().out.startswith("# Quality report")
    assert run("quality", "-o", str(tmp_path / "quality")) == 0
    assert capsys.readouterr().out == f"Report: {tmp_path / 'quality'}\n"
    assert (tmp_path / "quality").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("name", "start"),
    [("r.html", "<!DOCTYPE"), ("r.csv", "type,id"), ("r.JSON", "{"), ("r.md", "# Prov"), ("r", "<!DOCTYPE")],
)
def test_a_file_is_written_in_the_form_that_its_name_says(run: Run, tmp_path: Path, name: str, start: str) -> None:
    assert run("provenance", "-o", str(tmp_path / name)) == 0
    assert (tmp_path / name).read_text("utf-8").startswith(start)


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ([], "<!DOCTYPE html>"),
        (["--format", "md"], "# Quality report"),
        (["--format", "csv", "--source", "one"], "section,source,subject,measure,count,of"),
        (["--json", "--role", "analyst"], '{"made_at"'),
    ],
)
def test_the_quality_report_names_nobody(
    run: Run, capsys: pytest.CaptureFixture[str], options: list[str], start: str
) -> None:
    assert run("quality", *options) == 0
    out, err = capsys.readouterr()
    assert out.startswith(start)
    assert "Jane" not in out
    assert err == ""


def test_the_scope_is_passed_on(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("provenance", "--json", "--source", "one", "--limit", "1") == 0
    assert json.loads(capsys.readouterr().out)["scope"] == {"entity_id": "", "source_id": "one", "limit": 1}
    assert run("provenance", "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run("provenance", "--json", "--person", rows[0]["id"]) == 0
    assert [entity["name"] for entity in json.loads(capsys.readouterr().out)["entities"]] == ["Jane Roe"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["provenance", "--source", "nowhere"], 2, "nowhere"),
        (["provenance", "--person", "nobody"], 2, "nobody"),
        (["provenance", "--limit", "-1"], 2, "--limit"),
        (["provenance", "--limits", "1"], 2, "--limits"),
        (["provenance", "--format", "pdf"], 2, "pdf"),
        (["hearsay"], 2, "hearsay"),
        (["quality", "--source", "nowhere"], 2, "nowhere"),
        (["quality", "--person", "nobody"], 2, "knows neither"),
        (["quality", "--days", "3"], 2, "--days"),
        (["provenance", "-o", "missing/folder/r.html"], 1, "cannot be written"),
    ],
)
def test_bad_usage_gets_a_sentence(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, sentence: str
) -> None:
    assert run(*arguments) == code
    out, err = capsys.readouterr()
    assert sentence in out + err
    assert "Traceback" not in err
