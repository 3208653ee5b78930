"""A loopback web and a reactor for what crawls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import crawling
from tests.support.web import Web, serve


@pytest.fixture(scope="session")
def reactor() -> Iterator[crawling.Reactor]:
    with crawling.reactor() as running:
        yield running


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as running:
        yield running
