"""Order, grouping, batch and the number of processes make no difference to a byte of the master."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import make_url

from pipelines.master.check import check, digest
from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.resolution import engine, keys
from pipelines.resolution.local_engine import ENGINES
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve
from pipelines.resolution.whole import resolve_store
from tests.support.population import SOURCES, population, shuffled
from tests.support.readings import START, source

KINDS = dict(zip(SOURCES, ("company-site", "press-release", "register"), strict=True))


@contextmanager
def opened(url: str = "sqlite://") -> Iterator[Engine]:
    opened = open_store(make_url(url))
    with opened.begin() as connection:
        for identifier, kind in KINDS.items():
            declare_source(connection, source(identifier, kind=kind))
    yield opened
    opened.dispose()


def crawl(connection: Connection, readings: Sequence[Reading], size: int) -> None:
    waiting = iter(readings)
    while group := list(islice(waiting, size)):
        write_readings(connection, group)
        resolve(connection, [mention_ids(one.mention) for one in group])


def batch(connection: Connection, *, learn: bool) -> str:
    def quiet(items: object, label: str, total: int | None = None) -> Iterator[object]:
        return iter(items)  # type: ignore[call-overload, no-any-return]

    return resolve_store(connection, ENGINES["local"], quiet, START, learn=learn).after  # type: ignore[arg-type]


def clusters(connection: Connection) -> set[frozenset[str]]:
    homes: dict[str, set[str]] = {}
    for mention, entity in connection.execute(select(MentionRow.id, MentionRow.entity_id)):
        homes.setdefault(entity or mention, set()).add(mention)
    return {frozenset(group) for group in homes.values()}


@pytest.mark.parametrize("tight", [False, True], ids=["as-shipped", "tight-limits"])
@settings(max_examples=5)
@example(seed=5000, size=9, orders=[4, 0])  # a copy that stands for itself again
@given(
    seed=st.integers(0, 10_000), size=st.integers(4, 16), orders=st.lists(st.integers(0, 99), min_size=2, max_size=2)
)
def test_any_order_and_grouping_gives_the_same_bytes(tight: bool, seed: int, size: int, orders: list[int]) -> None:
    readings = [one for one, _ in population(size, seed)]
    outcomes = []
    with pytest.MonkeyPatch.context() as patch, opened() as store:
        if tight:  # so that small stores cross the lines that large ones cross
            patch.setattr(keys, "LARGEST", 4)
            patch.setattr(engine, "LARGEST_COMPLETED", 4)
        for order, group in zip(orders, (1, 5), strict=True):
            with store.connect() as connection, connection.begin() as transaction:
                crawl(connection, shuffled(readings, order), group)
                assert not [finding for finding in check(connection) if finding.broken]
                outcomes.append((digest(connection), clusters(connection)))
                assert batch(connection, learn=False) == outcomes[0][0]
                assert rebuild(connection)[1] == outcomes[0][0]
                transaction.rollback()
    assert outcomes[0] == outcomes[1]


@settings(max_examples=5)
@given(seed=st.integers(0, 10_000), size=st.integers(6, 16), cut=st.integers(1, 5))
def test_over_learnt_statistics_too(seed: int, size: int, cut: int) -> None:
    readings = [one for one, _ in population(size, seed)]
    with opened() as store, store.begin() as connection:
        crawl(connection, readings[:-cut], 5)
        batch(connection, learn=True)
        crawl(connection, readings[-cut:], 1)
        found = digest(connection)
        assert batch(connection, learn=False) == found
        assert rebuild(connection)[1] == found


def _work(url: str, seeds: tuple[int, int], share: int) -> None:
    """Write and resolve every fourth reading, in a process of its own."""
    readings = [one for one, _ in population(40, seeds[0])][share::4]
    store = open_store(make_url(url))
    for one in shuffled(readings, seeds[1] + share):
        with store.begin() as connection:
            write_readings(connection, [one])
        with store.begin() as connection:
            resolve(connection, [mention_ids(one.mention)])
    store.dispose()


@pytest.mark.proof
def test_four_processes_on_one_postgresql_give_the_same_bytes(postgresql_url: str) -> None:
    with opened(postgresql_url) as store:
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=_work, args=(postgresql_url, (7, 1), share)) for share in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(120)
        assert [worker.exitcode for worker in workers] == [0] * 4
        with store.connect() as connection:
            together = (digest(connection), clusters(connection))
            assert not [finding for finding in check(connection) if finding.broken]
    with opened() as alone, alone.begin() as connection:
        crawl(connection, [one for one, _ in population(40, 7)], 40)
        assert (digest(connection), clusters(connection)) == together
