"""`scrapy run`, run the way Scrapy runs it; whole plans are run in tests/e2e."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import commands

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    own = commands.registered(tmp_path)

    def call(plan: str, *arguments: str) -> int:
        file = tmp_path / "plan.toml"
        file.write_text(plan, "utf-8")
        return commands.call("run", file, *arguments, **own)

    return call


ALPHA = 'name = "nightly"\n[[job]]\nsource = "alpha"\n'


def test_a_plan_can_be_checked(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(ALPHA, "--check") == 0
    assert capsys.readouterr().out == "alpha  company_site  200 pages, 900 s\n"
    assert run(ALPHA, "--check", "--json") == 0
    assert json.loads(capsys.readouterr().out)["hosts"] == ["alpha.example"]
    assert not (tmp_path / "cardfile.db").exists()


@pytest.mark.parametrize(
    ("plan", "arguments", "says"),
    [
        ('name = "n"\n[[job]]\nsource = "alpa"\n', [], "plan.toml, line 3: there is no registered source"),
        ('name = "n"\nat_ones = 1\n[[job]]\nsource = "alpha"\n', [], "line 2: unknown key 'at_ones'"),
        ('name = "n"\n[[job]]\nsource = "odd"\n', [], "Source 'odd' names the spider 'no_such_spider'; there is"),
        (ALPHA, ["--chek"], "--chek"),
        (ALPHA, ["--log-format", "xml"], "xml"),
        (ALPHA, ["other.toml"], "other.toml"),
    ],
)
def test_wrong_usage_gets_a_sentence(
    run: Run, capsys: pytest.CaptureFixture[str], plan: str, arguments: list[str], says: str
) -> None:
    assert run(plan, *arguments) == 2
    out, err = capsys.readouterr()
    assert says in out + err
    assert "Traceback" not in err


def test_the_help_has_an_example(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ALPHA, "--help") == 0
    assert "scrapy run nightly.toml --check" in capsys.readouterr().out
