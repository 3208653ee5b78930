"""`scrapy resolve` killed at any moment leaves the store as it was, and run again gives the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.master.check import check, digest
from pipelines.master.database import database_url, open_store
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.resolution.frozen import version_in_use
from pipelines.resolution.resolver import resolve
from tests.support.population import SOURCES, population
from tests.support.readings import source

KILLS = 5


def state(home: Path) -> tuple[str, str]:
    """The master's digest and the version of the statistics."""
    engine = open_store(database_url("", home))
    with engine.connect() as connection:
        assert [finding for finding in check(connection) if finding.broken] == []
        found = digest(connection), version_in_use(connection)
    engine.dispose()
    return found


def run(home: Path, kill_after: float | None) -> None:
    command = [sys.executable, "-m", "scrapy", "resolve"]
    environment = {**os.environ, "CARDFILE_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)


@pytest.mark.proof
def test_a_killed_resolve_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    engine = open_store(database_url("", tmp_path))
    with engine.begin() as connection:
        for identifier in SOURCES:
            declare_source(connection, source(identifier))
        readings = [one for one, _ in population(300, 11)]
        write_readings(connection, readings)
        resolve(connection, [mention_ids(one.mention) for one in readings])
    engine.dispose()
    old = state(tmp_path)
    dice = random.Random(5)
    seen = set()
    for _ in range(KILLS):
        run(tmp_path, dice.uniform(1.0, 6.0))
        seen.add(state(tmp_path))
    run(tmp_path, None)
    new = state(tmp_path)
    assert new[1]
    assert seen <= {old, new}
    run(tmp_path, None)
    assert state(tmp_path) == new
