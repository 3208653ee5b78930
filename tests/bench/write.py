"""What our unit of work adds to writing: `python -m tests.bench.write [--mentions 6000]`.

Mentions with eight statements (their employers among them, which are mentions too) are written in groups of 200, a
transaction each, with a capture and a permission: identities hashed, older readings looked up, times merged. Against
it: the same rows, ready made, inserted by the bare driver in transactions of the same size into a store with the same
tables, indexes and settings. On SQLite in a file, in seconds of CPU, and on PostgreSQL, in seconds; in turns, of each
the best of three rounds counts. Then the same mentions are read again a week later, with nothing new.
Returned: the mentions a second of ours as a share of the driver's; of the second reading, its time as a share of the
first one's, and on PostgreSQL its write-ahead log as well (full-page writes are off in this server).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, select, text
from sqlalchemy.engine import make_url

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Value
from pipelines.master.database import open_store
from pipelines.master.database import reading as reading_from
from pipelines.master.models import Base
from pipelines.master.statements import Reading, declare_source, write_readings
from tests.bench.stock import source
from tests.support import postgres

_GROUP, _ROUNDS = 200, 3
#: Mentions of a page, pages of a group, and the time that a group's pages take: a second each.
_SHARED = 5
_PAGES = _GROUP // _SHARED
_SPAN = timedelta(seconds=_PAGES)
_START = datetime(2026, 3, 1, tzinfo=UTC)
_GRANT = Permission("Cardfile", "http://bench.example/robots.txt", 200, "0" * 64, "Allow: /")
#: In the order in which they can be inserted.
_WRITTEN = ("permission", "capture", "mention", "statement")
#: The tables as the driver takes them: the statement and its rows.
Ready = list[tuple[str, list[tuple[Any, ...]]]]


def readings(count: int, days: int = 0) -> Iterator[Reading]:
    """Yield invented mentions with eight statements, five a page, a page a second, some days after the start."""
    for number in range(count):
        name = f"Jo{number} Roe{number}"
        values = {
            Property.NAME: name,
            Property.GIVEN_NAME: f"Jo{number}",
            Property.FAMILY_NAME: f"Roe{number}",
            Property.JOB_TITLE: "Engineer",
            Property.WORKS_FOR: f"Firm {number % 97} NV",
            Property.EMAIL: f"jo{number}@firm{number % 97}.example",
            Property.TELEPHONE: f"+1212555{number:07}",
            Property.URL: f"http://firm{number % 97}.example/people/{number}",
        }
        page = number // _SHARED
        fetched = _START + timedelta(days=days, seconds=page)
        capture = Capture("bench", f"http://firm{number % 97}.example/{page}", fetched, f"{page:064d}", _GRANT)
        mention = Mention(MentionType.PERSON, capture=capture, locator="/html/body/ul/li")
        for prop, said in values.items():
            mention.add(prop, Value(said, Method.CARD, "/html/body/ul/li/p", 0.9, normalised=said, evidence=said))
        yield Reading(mention)


def ours(engine: Engine, groups: Sequence[list[Reading]]) -> float:
    """Write the groups and return the seconds that took."""
    clock = _clock(engine)
    start = clock()
    for group in groups:
        with engine.begin() as connection:
            write_readings(connection, group)
    return clock() - start


def _clock(engine: Engine) -> Callable[[], float]:
    return time.process_time if engine.dialect.name == "sqlite" else time.perf_counter


def ready(engine: Engine, groups: int) -> list[Ready]:
    """Return the rows of a store as the driver takes them, those of each group together: they share their times."""
    found: list[Ready] = []
    tables = [Base.metadata.tables[name] for name in _WRITTEN]
    with reading_from(engine) as connection:
        for number in range(groups):
            start = _START + timedelta(seconds=number * _PAGES)
            parts: Ready = []
            for table in tables:
                seen = table.columns.get("first_seen", table.columns.get("fetched_at"))
                some = select(table) if seen is None else select(table).where(seen >= start, seen < start + _SPAN)
                rows = connection.execute(some).all() if seen is not None or not number else []
                parts.append((_insert(table, engine), [tuple(map(_plain, row)) for row in rows]))
            found.append(parts)
    return found


def _plain(value: Any) -> Any:
    """Return a value as both drivers take it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return "[]" if value == [] else value


def _insert(table: Table, engine: Engine) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join([mark] * len(table.columns))})'


def drivers(engine: Engine, groups: Sequence[Ready]) -> float:
    """Insert rows that are ready and return the seconds that took."""
    raw = engine.raw_connection()
    cursor = raw.cursor()
    clock = _clock(engine)
    start = clock()
    for group in groups:
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for statement, rows in group:
            if rows:
                cursor.executemany(statement, rows)
        raw.commit()
    spent = clock() - start
    raw.close()
    return spent


def compare(name: str, new_url: Callable[[], str], mentions: int) -> dict[str, float]:
    """Measure one database, print a line and return the shares."""
    groups, later = _groups(readings(mentions)), _groups(readings(mentions, days=7))
    spent: tuple[list[float], list[float], list[float]] = ([], [], [])
    logged: list[tuple[int, ...]] = []
    for _ in range(_ROUNDS):
        stores = [_opened(new_url()) for _ in range(2)]
        log = [_log(stores[0])]
        spent[0].append(ours(stores[0], groups))
        log.append(_log(stores[0]))
        spent[1].append(drivers(stores[1], ready(stores[0], len(groups))))
        log.append(_log(stores[0]))
        spent[2].append(ours(stores[0], later))
        log.append(_log(stores[0]))
        logged.append((log[1] - log[0], log[3] - log[2]))
        for store in stores:
            store.dispose()
    mine, bare, again = (mentions / min(seconds) for seconds in spent)
    found = {name: round(mine / bare, 2), f"{name} again": round(mine / again, 2)}
    first, second = min(logged)
    if first:
        found[f"{name} again, log"] = round(second / first, 3)
    sys.stdout.write(f"{name:12} ours {mine:8.0f} mentions/s, bare driver {bare:8.0f}, share {mine / bare:.2f}; ")
    sys.stdout.write(
        f"again {again:8.0f} mentions/s; log {first / mentions:.0f}, {second / mentions:.0f} B a mention\n"
    )
    return found


def _groups(made: Iterator[Reading]) -> list[list[Reading]]:
    groups = []
    while group := list(islice(made, _GROUP)):
        groups.append(group)
    return groups


def _log(engine: Engine) -> int:
    """Return how many bytes PostgreSQL has put into its write-ahead log; 0 on SQLite."""
    if engine.dialect.name == "sqlite":
        return 0
    with reading_from(engine) as connection:
        return int(connection.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) or 0)


def _opened(url: str) -> Engine:
    engine = open_store(make_url(url))
    with engine.begin() as connection:
        declare_source(connection, source())
    return engine


def main() -> dict[str, float]:
    """Measure both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=6000)
    mentions = parser.parse_args().mentions
    numbers = count()
    with tempfile.TemporaryDirectory() as folder:
        found = compare("sqlite", lambda: f"sqlite:///{Path(folder) / str(next(numbers))}.db", mentions)
    with postgres.server(postgres.find()) as server, ExitStack() as stack:
        new_url = lambda: server.url(stack.enter_context(server.database()))  # noqa: E731
        found |= compare("postgresql", new_url, mentions)
    return found


if __name__ == "__main__":
    main()
