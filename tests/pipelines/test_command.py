"""The strict base of our commands, run the way Scrapy runs it."""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest
from scrapy import cmdline
from scrapy.settings import Settings

from crawler.errors import SourceError, UsageError
from pipelines.command import CardfileCommand
from pipelines.errors import ExpectationMissed

Outcome = int | None | BaseException


class Rehearse(CardfileCommand):
    """Does what the test tells it to do."""

    requires_project = False
    summary = "Rehearse an outcome."
    example = """
        scrapy rehearse a.html
        scrapy rehearse a.html --json
    """
    outcome: ClassVar[Outcome] = None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*")
        parser.add_argument("--url")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int | None:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if opts.json:
            self.write_json({"paths": opts.paths, "name": "Zoë"})
        else:
            self.console.print(f"{len(list(self.progress(opts.paths, 'Reading')))} files")
        return self.outcome


Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    module = ModuleType("rehearse")
    monkeypatch.setattr(Rehearse, "__module__", "rehearse")
    vars(module)["Rehearse"] = Rehearse
    monkeypatch.setitem(sys.modules, "rehearse", module)

    def call(*argv: str, outcome: Outcome = None) -> int:
        monkeypatch.setattr(Rehearse, "outcome", outcome)
        with pytest.raises(SystemExit) as ended:
            cmdline.execute(["scrapy", "rehearse", *argv], Settings({"COMMANDS_MODULE": "rehearse"}))
        return int(ended.value.code or 0)

    return call


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["--jsn"], "unknown option --jsn"),
        (["--jso"], "unknown option --jso"),
        (["-x", "a.html"], "unknown option -x"),
        (["a.html", "--url"], "expected one argument"),
    ],
)
def test_unknown_options_are_wrong_usage(
    run: Run, capsys: pytest.CaptureFixture[str], argv: list[str], complaint: str
) -> None:
    assert run(*argv) == 2
    assert complaint in capsys.readouterr().err


def test_stray_arguments_are_wrong_usage(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rehearse, "add_arguments", CardfileCommand.add_arguments)
    assert run("stray") == 2
    assert "unexpected argument 'stray'" in capsys.readouterr().err


def test_arguments_may_stand_behind_options(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a.html", "--json", "b.html") == 0
    assert capsys.readouterr().out == '{"paths": ["a.html", "b.html"], "name": "Zoë"}\n'


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (None, 0, ""),
        (3, 3, ""),
        (ExpectationMissed("3 people were found, 5 to 60 expected."), 3, "3 people were found, 5 to 60 expected.\n"),
        (SourceError("The register names no source."), 4, "The register names no source.\n"),
        (KeyboardInterrupt(), 1, "interrupted\n"),
        (FileNotFoundError(2, "No such file or directory", "a.html"), 1, "a.html: No such file or directory\n"),
    ],
)
def test_outcomes_become_exit_codes_without_a_traceback(
    run: Run, capsys: pytest.CaptureFixture[str], outcome: Outcome, code: int, said: str
) -> None:
    assert run("a.html", outcome=outcome) == code
    assert capsys.readouterr().err == said


def test_our_usage_error_prints_the_usage(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(outcome=UsageError("name a file")) == 2
    assert "scrapy rehearse: error: name a file" in capsys.readouterr().err


def test_help_shows_the_example_as_written(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "Example\n=======\n  scrapy rehearse a.html\n  scrapy rehearse a.html --json" in capsys.readouterr().out


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(_Terminal(), True), (io.StringIO(), False)], ids=["terminal", "cron"])
def test_progress_is_for_terminals(run: Run, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, shown: bool) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    assert run("a.html", "b.html") == 0
    assert ("Reading" in stream.getvalue()) is shown


@pytest.mark.parametrize(
    ("terminal", "written"), [(False, "Zoë Ünal\n".encode()), (True, b"Zo? ?nal\n")], ids=["pipe", "terminal"]
)
def test_a_letter_that_the_locale_does_not_know_is_no_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch, terminal: bool, written: bytes
) -> None:
    stream = io.BytesIO()
    out = io.TextIOWrapper(stream, encoding="ascii")
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(Rehearse, "execute", lambda self, args, opts: self.write("Zoë Ünal"))
    assert run() == 0
    assert stream.getvalue() == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "2026-11-23T09:30:00+00:00"),
        (date(2026, 11, 23), "2026-11-23"),
        (Path("report.html"), "report.html"),
    ],
)
def test_json_has_times_as_iso_8601(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: object, written: str
) -> None:
    monkeypatch.setattr(Rehearse, "execute", lambda self, args, opts: self.write_json({"value": value}))
    assert run("--json") == 0
    assert capsys.readouterr().out == f'{{"value": "{written}"}}\n'


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "flood.py").write_text(
        "from pipelines.command import CardfileCommand\n"
        "class Flood(CardfileCommand):\n"
        "    requires_project = False\n"
        "    summary = example = 'flood'\n"
        "    def execute(self, args, opts):\n"
        "        for _ in range(100_000):\n"
        "            self.write('x' * 100)\n"
    )
    script = (
        "from scrapy import cmdline; from scrapy.settings import Settings;"
        "cmdline.execute(['scrapy', 'flood'], Settings({'COMMANDS_MODULE': 'flood'}))"
    )
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([root, str(tmp_path)])},
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), said) == (1, b"")
