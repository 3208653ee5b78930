"""A store with three sources, on both databases, and a way to fill it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.statements import declare_source
from tests.support.readings import source


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        for identifier in ("noord", "press", "zuid"):
            declare_source(connection, source(identifier))
        yield connection
    engine.dispose()
