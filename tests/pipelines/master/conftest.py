"""A store with one source, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.statements import declare_source
from tests.support import readings


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        declare_source(connection, readings.source())
        declare_source(connection, readings.source("register", kind="register"))
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection
