"""`scrapy worker` over a loopback web; kills and many workers are in tests/proof."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.engine import make_url

from crawler.sources import load as load_register
from pipelines.master.database import open_store
from pipelines.master.models import PersonRow
from pipelines.queue.deferring import defer
from pipelines.queue.schema import SCHEMA
from pipelines.runs.plan import load as load_plan
from tests.support.planned import Planned, ended
from tests.support.web import Web

ALL = '[[job]]\nsource = "*"\n'
QUICK = ("-s", "CARDFILE_QUEUE_POLL=0.3", "-s", "CARDFILE_QUEUE_SILENCE=20")


@pytest.fixture
def planned(web: Web, tmp_path: Path, postgresql_url: str) -> Planned:
    return Planned(web, tmp_path, postgresql_url)


@pytest.fixture
def store(planned: Planned) -> Iterator[Engine]:
    engine = open_store(make_url(planned.database_url))
    yield engine
    engine.dispose()


def until(condition: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        assert process.poll() is None, "the process is over"
        threading.Event().wait(0.05)


def people(store: Engine) -> int:
    with store.connect() as connection:
        return len(connection.scalars(select(PersonRow.id)).all())


def queued(store: Engine) -> int:
    with store.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs")) or 0


def test_a_worker_is_stopped_and_the_next_one_goes_on(planned: Planned, web: Web, store: Engine) -> None:
    planned.register("alpha", "beta")
    planned.site("alpha")
    planned.site("beta", pages=6, hang=0.7)
    register = load_register(str(planned.folder / "home" / "sources.toml"))
    defer(load_plan(planned.plan(ALL), register), store, register)
    with ended(planned.start("worker", "--json", *QUICK)) as first:
        until(lambda: "/team/1" in web.paths("beta.example"), first)
        first.send_signal(signal.SIGTERM)
        out, err = first.communicate(timeout=120)
    assert (first.returncode, err) == (0, "")
    told = [json.loads(line) for line in out.splitlines()]
    assert [(line["event"], line.get("source"), line.get("outcome")) for line in told] == [
        ("job", "alpha", "finished"),
        ("job", "beta", "interrupted"),
        ("worker", None, None),
    ]
    second = planned.run("worker", "--until-empty", *QUICK)
    assert (second.code, second.err) == (0, "")
    assert second.out.startswith("nightly: beta finished; ")
    assert "Worker: 1 finished" in second.out
    assert web.paths("alpha.example").count("/team") == 1
    read = [path for path in web.paths("beta.example") if path != "/sitemap.xml"]
    assert len(set(read)) == 6
    assert len(read) <= 8, "only what was on its way was asked for again"
    assert (people(store), queued(store)) == (6 * 4, 0), "the first page of both shows the same people"
