"""Whole crawls over a loopback web."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import forking
from tests.support.crawling import Reactor
from tests.support.demo import Demo
from tests.support.pipeline import Crawls
from tests.support.web import Web


@pytest.fixture
def crawls(reactor: Reactor, web: Web, tmp_path: Path) -> Crawls:
    """Crawls into a store of this test's own, SQLite."""
    return Crawls(reactor, web, tmp_path / "home")


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[forking.Server]:
    """What starts `scrapy` in processes of its own without importing everything each time."""
    with forking.serve(tmp_path_factory.mktemp("jobs")) as running:
        yield running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run twice; once a session, because it crawls all bundled sites."""
    return Demo.run_in(tmp_path_factory.mktemp("demo"))
