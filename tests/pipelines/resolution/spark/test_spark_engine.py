"""Spark gives what one machine gives: pairs, components, clusters, the master's bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pipelines.errors import UsageError
from pipelines.master.database import open_store
from pipelines.resolution import engine
from pipelines.resolution.local_engine import ENGINES
from pipelines.resolution.spark.engine import SparkEngine
from pipelines.resolution.spark.session import check, opened
from tests.bench.spark import fill, resolved


def _lacking() -> str:
    try:
        check()
    except UsageError as error:
        return str(error)
    return ""


pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(bool(_lacking()), reason=_lacking() or "complete"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # PySpark leaves its pipes to the garbage collector
]
SIZE = 1_500


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    with opened("local[2]", tmp_path_factory.mktemp("spark")) as (session, folder):
        assert folder.stat().st_mode & 0o077 == 0
        yield SparkEngine(session, folder)


def test_the_clusters_and_the_master_are_those_of_one_machine(spark: SparkEngine, tmp_path: Path) -> None:
    store = open_store(make_url(f"sqlite:///{tmp_path / 'store.db'}"))
    fill(store, SIZE)
    here, there = resolved(store, ENGINES["local"]), resolved(store, spark)
    store.dispose()
    assert there == here
    assert len(set(here[0].values())) < 0.8 * len(here[0])


def test_components_are_those_of_one_machine(spark: SparkEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.resolution.spark.engine.FEW", 0)
    dice = random.Random(4)
    links = [(dice.randrange(300), dice.randrange(300)) for _ in range(170)]
    links = [(a, b) for a, b in links if a != b] + [(n, n + 1) for n in range(400, 500)]
    assert spark.components(600, links) == engine.components(600, links)
    assert spark.components(600, []) == []
