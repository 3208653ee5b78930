"""A queue in a PostgreSQL database of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from crawler import sources
from crawler.items import Budget
from crawler.sources import SourceRegister
from pipelines.master.database import open_store
from pipelines.queue.schema import SCHEMA, install
from pipelines.runs.plan import Job, Plan, hosts_of

Register = Callable[..., SourceRegister]


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Engine]:
    """A store with a queue."""
    engine = open_store(make_url(postgresql_url))
    install(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Register sources: by name, or name and hosts."""

    def write(*names: str, **hosts: list[str]) -> SourceRegister:
        every = {name: [f"{name}.example"] for name in names} | hosts
        tables = [
            f'[[source]]\nid = "{name}"\nstart_urls = {json.dumps([f"http://{host}/" for host in mine])}'
            for name, mine in every.items()
        ]
        defaults = (
            '[defaults]\nkind = "company-site"\npublisher = "Noord NV"\nspider = "company_site"\npurpose = "test"\n'
            'legal_basis = "contract"\nretention_days = 30\n'
        )
        file = tmp_path / "sources.toml"
        file.write_text(defaults + "\n".join(tables), "utf-8")
        return sources.load(str(file))

    return write


def plan(register: SourceRegister, **more: Any) -> Plan:
    """A plan of every source of a register, ten pages each."""
    jobs = tuple(Job(source.id, source.spider, hosts_of(source), Budget(10, 3, 60)) for source in register)
    return replace(Plan("nightly", jobs), **more)


def jobs(store: Engine) -> list[tuple[str, str]]:
    """What stands in the queue: sources (or plans) and how they stand."""
    query = (
        f"SELECT coalesce(args->>'source', args->>'plan'), status::text FROM {SCHEMA}.procrastinate_jobs ORDER BY id"
    )
    with store.connect() as connection:
        return [(row[0], row[1]) for row in connection.execute(text(query))]


def execute(store: Engine, statement: str) -> None:
    """Change the queue behind everybody's back; its tables need no schema before their name."""
    with store.begin() as connection:
        connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        connection.execute(text(statement))
