"""`scrapy run` as cron calls it: an empty environment, signals, kills, two calls at once."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, insert, select

from pipelines.master.database import database_url, open_store
from pipelines.master.models import PersonRow, RunRow
from pipelines.master.operation import AlertRow, LeaseRow
from pipelines.master.statements import declare_source
from tests.support.pipeline import Crawls
from tests.support.planned import Planned, ended, team
from tests.support.readings import source
from tests.support.web import Answer, Web

ALL = '[[job]]\nsource = "*"\n'
#: Seconds within which a stopped plan has to be over; a busy machine is given half of them.
PROMPT = 20.0


@pytest.fixture
def planned(web: Web, tmp_path: Path) -> Planned:
    return Planned(web, tmp_path)


@pytest.fixture
def store(planned: Planned) -> Iterator[Engine]:
    engine = open_store(database_url("", planned.folder / "home"))
    yield engine
    engine.dispose()


def until(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        assert process is None or process.poll() is None, "the process is over"
        threading.Event().wait(0.05)


def runs(store: Engine) -> list[tuple[str, str]]:
    with store.connect() as connection:
        return [(row.source_id, row.outcome) for row in connection.execute(select(RunRow.source_id, RunRow.outcome))]


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


def test_a_stopped_plan_ends_in_seconds_and_the_next_call_goes_on(planned: Planned, web: Web, store: Engine) -> None:
    planned.register("alpha", "beta")
    planned.site("alpha")
    planned.site("beta", pages=10)
    quick = threading.Event()
    for page in range(1, 10):
        content = team("beta.example", page)
        web.pages[f"beta.example/team/{page}"] = lambda visit, text=content: Answer(
            text, hang=0 if quick.is_set() else 6
        )  # type: ignore[misc]
    plan = planned.plan(ALL)
    with ended(planned.start("run", str(plan), "--json")) as first:
        until(lambda: "/team/1" in web.paths("beta.example"), first)
        second = planned.run("run", str(plan))
        assert second.code == 4
        assert "Plan 'nightly' is running since" in second.err
        assert f"by process {first.pid} on this machine" in second.err
        began = time.monotonic()
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=180)
        assert time.monotonic() - began < PROMPT
    assert first.returncode == 1
    assert err == ""
    summary = json.loads(out.splitlines()[-1])
    assert (summary["event"], summary["complete"], summary["exit_code"]) == ("plan", False, 1)
    queue = planned.folder / "home" / "jobs" / summary["pass"] / "beta"
    kept = b"".join(file.read_bytes() for file in queue.rglob("*") if file.is_file())
    assert b"team" in kept, "the queue is on disk"
    assert not any(word in kept for word in (b"Quillfeather", b"@beta", b"Engineer")), "no page is"
    assert queue.stat().st_mode & 0o077 == 0

    quick.set()
    again = planned.run("run", str(plan))
    assert (again.code, again.err) == (0, "")
    assert "1 source (1 done before): 1 finished" in again.out
    assert web.paths("alpha.example").count("/team") == 1
    read = [path for path in web.paths("beta.example") if path != "/sitemap.xml"]
    assert len(set(read)) == 10
    assert len(read) <= 12, "only what was on its way was asked for again"
    assert sorted(runs(store)) == [
        ("alpha", "finished"),
        ("beta", "finished"),
        ("beta", "interrupted"),
    ]
    with store.connect() as connection:
        assert len(connection.scalars(select(PersonRow.id)).all()) == 10 * 4
        assert connection.scalars(select(LeaseRow)).all() == []
    assert list((planned.folder / "home" / "jobs").iterdir()) == []


def test_trouble_with_a_source_is_told_and_harms_no_other(planned: Planned, web: Web, store: Engine) -> None:
    planned.register("alpha", "gone", "shy", alpha="expects = { people = [5, 9] }")
    planned.site("alpha")
    web.pages["shy.example/team"] = Answer(team("shy.example"))
    web.pages["shy.example/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", content_type="text/plain")
    hook: list[str] = []
    web.pages[f"127.0.0.1:{web.port}/told"] = lambda visit: hook.append(visit.path) or Answer("{}")  # type: ignore[func-returns-value]
    plan = planned.plan("at_once = 3\n" + ALL)
    alerts = f"json://127.0.0.1:{web.port}/told"
    call = planned.run("run", str(plan), "--json", "--log-format", "json", CARDFILE_ALERTS=alerts)
    assert call.code == 1
    found = {line["source"]: line["outcome"] for line in call.lines if line["event"] == "source"}
    assert found == {"alpha": "expectation-missed", "gone": "failed", "shy": "refused"}
    (missed,) = [line for line in call.lines if line.get("source") == "alpha"]
    assert missed["findings"] == [
        {"measure": "people", "found": 4, "low": 5, "high": 9, "by": "register", "usual": None}
    ]
    log = [json.loads(line) for line in call.err.splitlines()]
    assert {"time", "level", "logger", "message"} <= set(log[0])
    assert any("Source gone: its start URL" in line["message"] for line in log)
    assert len(hook) == 1
    with store.connect() as connection:
        told = connection.execute(select(AlertRow.source_id, AlertRow.outcome, AlertRow.delivered))
        assert sorted(map(tuple, told)) == [
            ("alpha", "expectation-missed", True),
            ("gone", "failed", True),
            ("shy", "refused", True),
        ]


def test_a_run_that_died_gets_its_end_and_a_living_one_is_respected(crawls: Crawls, web: Web) -> None:
    web.pages["noord.example/"] = Answer(team("noord.example"))
    crawls.source("noord", "http://noord.example/")
    engine = open_store(database_url("", crawls.home))
    row = {"spider": "company_site", "started_at": datetime.now(UTC), "ended_at": None, "outcome": "", "counts": {}}
    with engine.begin() as connection:
        declare_source(connection, source("noord"))
        connection.execute(insert(RunRow).values(id="1" * 32, source_id="noord", **row))
    assert crawls.crawl("noord")["cardfile/outcome"] == "finished"
    assert sorted(runs(engine)) == [("noord", "finished"), ("noord", "interrupted")]
    engine.dispose()


@pytest.mark.proof
@pytest.mark.parametrize("whom", ["child", "plan"])
def test_a_kill_loses_nothing(planned: Planned, web: Web, store: Engine, whom: str) -> None:
    planned.register("alpha", "beta")
    planned.site("alpha")
    planned.site("beta", pages=8, hang=0.3)
    plan = planned.plan(ALL)
    with ended(planned.start("run", str(plan))) as first:
        until(lambda: "/team/2" in web.paths("beta.example"), first)
        (child,) = children(first)
        if whom == "child":
            child.kill()
            first.communicate(timeout=180)
            assert first.returncode == 0, "it was tried once more"
        else:
            first.kill()
            first.communicate()
            until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, seconds=PROMPT)
            assert planned.run("run", str(plan)).code == 0
    assert web.paths("alpha.example").count("/team") == 1
    found = sorted(runs(store))
    assert ("beta", "finished") in found or ("beta", "unchanged") in found
    assert ("beta", "interrupted") in found
    with store.connect() as connection:
        assert len(connection.scalars(select(PersonRow.id)).all()) == 8 * 4
        assert connection.scalars(select(LeaseRow)).all() == []
