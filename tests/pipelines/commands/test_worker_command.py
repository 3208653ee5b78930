"""`scrapy worker` and `scrapy run --queue`, run the way Scrapy runs them; whole queues are worked off in tests/e2e."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.settings import Settings
from sqlalchemy.engine import make_url

from pipelines.commands.worker import Command
from pipelines.master.database import open_store
from pipelines.queue.show import Show
from tests.support import commands

PLAN = '{}name = "nightly"\n[[job]]\nsource = "alpha"\n'

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    own = commands.registered(tmp_path)
    (tmp_path / "plan.toml").write_text(PLAN.format(""), "utf-8")

    def call(*arguments: str, database_url: str = "", head: str = "") -> int:
        (tmp_path / "timed.toml").write_text(PLAN.format(head), "utf-8")
        words = [word.replace("DIR", str(tmp_path)) for word in arguments]
        return commands.call(*words, **own, CARDFILE_DATABASE_URL=database_url)

    return call


@pytest.mark.parametrize("arguments", [["worker"], ["worker", "--once"], ["run", "DIR/plan.toml", "--queue"]])
def test_one_machine_has_no_queue(run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert "A queue needs PostgreSQL" in err
    assert "set DATABASE_URL to postgresql://" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "head", "says"),
    [
        (["--concurrency", "0"], "", "--concurrency is a number from 1 to 64"),
        (["--concurrency", "many"], "", "invalid int value"),
        (["--queues", ","], "", "--queues names at least one queue"),
        (["--once", "--until-empty"], "", "not allowed with"),
        (["--untilempty"], "", "--untilempty"),
        (["--plan", "DIR/none.toml"], "", "cannot be read"),
        (["--plan", "DIR/plan.toml"], "", 'a worker defers plans that say when: every = "06:00"'),
        (["--plan", "DIR/timed.toml"], 'every = "25:00"\n', "line 1: every is a time of day in UTC"),
        (["--plan", "DIR/timed.toml"], 'every = "61 3 * * *"\n', "is no cron expression"),
        (["--plan", "DIR/timed.toml"], 'queue = "No Name"\n', "line 1: queue is a name of lower-case letters"),
    ],
)
def test_wrong_usage_gets_a_sentence(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], head: str, says: str
) -> None:
    assert run("worker", *arguments, database_url="postgresql://nobody@nowhere.example/none", head=head) == 2
    out, err = capsys.readouterr()
    assert says in out + err
    assert "Traceback" not in err


def test_an_empty_queue_ends_at_once(run: Run, capsys: pytest.CaptureFixture[str], postgresql_url: str) -> None:
    timed = ["--plan", "DIR/timed.toml"]
    assert run("worker", "--until-empty", *timed, database_url=postgresql_url, head='every = "06:00"\n') == 0
    assert capsys.readouterr().out.startswith("Worker: no job; ")


def test_a_plan_is_deferred_in_words_and_in_json(
    run: Run, capsys: pytest.CaptureFixture[str], postgresql_url: str
) -> None:
    assert run("run", "DIR/plan.toml", "--queue", database_url=postgresql_url) == 0
    assert capsys.readouterr().out == (
        "Plan nightly: 1 job deferred to the queue crawl, 0 waiting or running already, 0 done before; "
        "`scrapy worker` crawls them\n"
    )
    assert run("run", "DIR/plan.toml", "--queue", "--json", database_url=postgresql_url) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["event"], told["deferred"], told["waiting"], told["queue"]) == ("deferred", 0, 1, "crawl")


def test_the_help_has_an_example(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("worker", "--help") == 0
    assert "scrapy worker --concurrency 4 --plan" in capsys.readouterr().out


def test_a_plan_that_comes_round_is_read_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], postgresql_url: str
) -> None:
    file = tmp_path / "timed.toml"
    command = Command()
    command.settings = Settings(commands.registered(tmp_path))
    command.opts = argparse.Namespace(plan=[file], json=True)
    engine = open_store(make_url(postgresql_url))
    show = Show(command, quiet=True)

    def tick(text: str) -> tuple[str, str]:
        file.write_text(text, "utf-8")
        command._tick("nightly", engine, show)
        return capsys.readouterr()

    timed = PLAN.format('every = "06:00"\n')
    assert json.loads(tick(timed)[0]) == {"event": "tick", "plan": "nightly", "deferred": 1, "waiting": 0}
    assert json.loads(tick(timed)[0])["waiting"] == 1
    assert tick(timed.replace("nightly", "other")) == ("", ""), "nobody has given us that plan any more"
    out, err = tick(timed.replace("alpha", "alpa"))
    assert out == ""
    assert err.startswith("Plan nightly has come round and was not deferred: ")
    assert "there is no registered source" in err
    engine.dispose()
