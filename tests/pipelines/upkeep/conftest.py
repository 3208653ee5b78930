"""A filled store on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support import kept


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = kept.filled(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
