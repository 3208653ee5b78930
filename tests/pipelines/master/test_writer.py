"""Group commit: durable when it returns, and one bad payload harms no other."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, Engine, text

from pipelines.errors import StoreError
from pipelines.master.sharing import TURN
from pipelines.master.writer import GROUP, GroupWriter

groups: list[int] = []


def insert(connection: Connection, payloads: Sequence[int]) -> list[int]:
    groups.append(len(payloads))
    connection.execute(text("INSERT INTO number VALUES (:value)"), [{"value": payload} for payload in payloads])
    return [payload * 2 for payload in payloads]


@pytest.fixture
def numbers(engine: Engine) -> Engine:
    groups.clear()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE number (value INTEGER PRIMARY KEY)"))
    return engine


def stored(engine: Engine) -> list[int]:
    with engine.begin() as connection:
        return list(connection.scalars(text("SELECT value FROM number ORDER BY value")))


def test_a_result_means_that_it_is_durable(numbers: Engine) -> None:
    async def run() -> None:
        writer = GroupWriter(numbers)
        assert await writer.submit(insert, 21) == 42
        assert stored(numbers) == [21]
        await writer.close()

    asyncio.run(run())


def test_a_writer_leaves_the_interpreter_as_it_was(numbers: Engine) -> None:
    def state() -> float:
        return round(sys.getswitchinterval(), 6)

    async def run() -> float:
        writer = GroupWriter(numbers)
        meanwhile = state()
        await writer.close()
        return meanwhile

    before = state()
    assert asyncio.run(run()) == TURN
    assert state() == before


def test_what_comes_in_together_is_committed_together(numbers: Engine) -> None:
    async def run() -> list[int]:
        writer = GroupWriter(numbers)
        results = await asyncio.gather(*(writer.submit(insert, value) for value in range(GROUP + 50)))
        await writer.close()
        return results

    assert asyncio.run(run()) == [value * 2 for value in range(GROUP + 50)]
    assert len(stored(numbers)) == GROUP + 50
    assert max(groups) <= GROUP
    assert len(groups) < 10


def test_a_bad_payload_fails_alone(numbers: Engine) -> None:
    async def run() -> list[int | BaseException]:
        writer = GroupWriter(numbers)
        results = await asyncio.gather(
            *(writer.submit(insert, value) for value in (1, 2, 2, 3)), return_exceptions=True
        )
        await writer.close()
        return results

    results = asyncio.run(run())
    assert [isinstance(result, StoreError) for result in results] == [False, False, True, False]
    assert stored(numbers) == [1, 2, 3]


def test_closing_waits_for_the_last_group(numbers: Engine) -> None:
    async def run() -> None:
        writer = GroupWriter(numbers)
        tasks = [asyncio.ensure_future(writer.submit(insert, value)) for value in range(5)]
        await asyncio.sleep(0)
        await writer.close()
        assert stored(numbers) == [0, 1, 2, 3, 4]
        await asyncio.gather(*tasks)

    asyncio.run(run())
