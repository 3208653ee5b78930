"""What Spark's workers run: the verdicts of one machine, by code that knows no store."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import pytest

from pipelines.resolution.preparation import prepare
from pipelines.resolution.spark import executor
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.thawing import freeze
from pipelines.resolution.weighing import weigh
from tests.bench.resolution import mentions
from tests.support import tree

RECORDS = [prepare(record) for record, _ in mentions(60)]
LEARNT = Statistics.from_prepared(RECORDS)


def test_a_worker_weighs_as_one_machine_does() -> None:
    prepared = {one.id: one for one in RECORDS}
    pairs = [(a, b) for a, b in combinations(range(len(RECORDS)), 2) if RECORDS[a].type is RECORDS[b].type]
    rows = [(a, b, executor.packed(RECORDS[a]), executor.packed(RECORDS[b])) for a, b in pairs]
    found = {(a, b): executor.comparison(*rest) for a, b, *rest in executor.weighed(rows, freeze(LEARNT))}
    here = {(a, b): weigh(prepared, (RECORDS[a].id, RECORDS[b].id), LEARNT) for a, b in pairs}
    assert found == {pair: verdict for pair, verdict in here.items() if verdict}
    assert found


def test_a_worker_that_kept_much_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "KEPT", 2)
    rows = [(a, b, executor.packed(RECORDS[a]), executor.packed(RECORDS[b])) for a, b in combinations(range(30), 2)]
    few = list(executor.weighed(rows, freeze(LEARNT)))
    monkeypatch.undo()
    assert few == list(executor.weighed(rows, freeze(LEARNT)))


def test_a_worker_loads_no_store_and_no_crawler() -> None:
    code = (
        "import sys, pipelines.resolution.spark.executor as executor\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'sqlalchemy', 'alembic', 'scrapy', 'twisted', 'duckdb', 'psycopg', 'pyspark'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tree.ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
