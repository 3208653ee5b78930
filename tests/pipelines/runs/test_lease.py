"""One process at a time, and a dead one's claim is nobody's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.operation import LeaseRow
from pipelines.runs.lease import SILENCE, LeaseHeld, Process, _began, acquire, held, release, renew


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_store(make_url(database_url))
    yield opened
    opened.dispose()


@pytest.fixture
def neighbour() -> Iterator[Process]:
    """Another process of this machine that lives for as long as the test."""
    running = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield replace(Process.current(), pid=running.pid, process=_began(psutil.Process(running.pid)))
    running.communicate(b"\n")


def claim(engine: Engine, holder: Process, silent_for: timedelta = timedelta()) -> None:
    at = datetime.now(UTC) - silent_for
    facts = {"host": holder.host, "pid": holder.pid, "process": holder.process, "taken_at": at, "seen_at": at}
    with engine.begin() as connection:
        connection.execute(insert(LeaseRow).values(name="plan:nightly", holder="0" * 32, **facts))


def names(engine: Engine) -> frozenset[str]:
    with engine.connect() as connection:
        return held(connection)


def test_a_living_holder_is_respected(engine: Engine, neighbour: Process) -> None:
    claim(engine, neighbour)
    with pytest.raises(LeaseHeld, match=rf"The plan runs since .* by process {neighbour.pid} on this machine"):
        acquire(engine, "plan:nightly", "The plan runs")
    assert names(engine) == {"plan:nightly"}
    assert acquire(engine, "plan:weekly", "The plan runs").name == "plan:weekly"


@pytest.mark.parametrize("change", [{"pid": 4_194_303}, {"process": "1000.00"}], ids=["gone", "number given out again"])
def test_a_dead_holder_is_not(engine: Engine, neighbour: Process, change: dict[str, object]) -> None:
    claim(engine, replace(neighbour, **change))  # type: ignore[arg-type]
    assert names(engine) == frozenset()
    assert not acquire(engine, "plan:nightly", "The plan runs").shared
    assert names(engine) == {"plan:nightly"}


@pytest.mark.parametrize(("silent_for", "respected"), [(SILENCE / 2, True), (SILENCE * 2, False)])
def test_another_machine_is_known_by_its_signs_of_life(
    engine: Engine, neighbour: Process, silent_for: timedelta, respected: bool
) -> None:
    claim(engine, replace(neighbour, host="elsewhere.example pid:[1]"), silent_for)
    if respected:
        with pytest.raises(LeaseHeld, match=r"on elsewhere\.example;"):
            acquire(engine, "plan:nightly", "The plan runs")
    else:
        acquire(engine, "plan:nightly", "The plan runs")


def test_one_process_may_take_over_from_itself(engine: Engine) -> None:
    first = acquire(engine, "source:noord", "It runs")
    second = acquire(engine, "source:noord", "It runs")
    assert (first.shared, second.shared) == (False, True)
    assert not renew(engine, first)
    release(engine, first)  # no longer its own to give back
    assert renew(engine, second)
    release(engine, second)
    assert names(engine) == frozenset()


def test_a_table_full_of_the_dead_holds_nobody_up(engine: Engine, neighbour: Process) -> None:
    at = datetime.now(UTC) - timedelta(days=9)
    rows = [
        {"name": f"source:s{number}", "holder": "0" * 32, "host": neighbour.host, "pid": 4_190_000 + number}
        | {"process": "1000.00", "taken_at": at, "seen_at": at}
        for number in range(1000)
    ]
    with engine.begin() as connection:
        connection.execute(insert(LeaseRow), rows)
    acquire(engine, "source:s500", "It runs")
    assert names(engine) == {"source:s500"}


def test_a_sign_of_life_is_kept(engine: Engine) -> None:
    lease = acquire(engine, "plan:nightly", "The plan runs")
    with engine.connect() as connection:
        before = connection.scalars(select(LeaseRow.seen_at)).one()
    assert renew(engine, lease)
    with engine.connect() as connection:
        assert connection.scalars(select(LeaseRow.seen_at)).one() > before


def test_a_clock_that_is_set_back_makes_nobody_dead(
    engine: Engine, neighbour: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(engine, neighbour)
    began = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: began(process) - 3600)
    in_the_past = datetime.now(UTC) - timedelta(hours=1)
    with engine.connect() as connection:
        assert held(connection, now=in_the_past) == {"plan:nightly"}
    with pytest.raises(LeaseHeld):
        acquire(engine, "plan:nightly", "The plan runs")


@pytest.mark.parametrize(("shift", "same"), [(0.5, True), (3600.0, False)])
def test_where_only_the_time_of_day_is_known_a_little_shift_is_forgiven(shift: float, same: bool) -> None:
    one = Process("here", 1, "1000.00")
    assert one.same(replace(one, process=f"{1000 + shift:.2f}")) is same
    assert not one.same(replace(one, process="4711 boot"))
