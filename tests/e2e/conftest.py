"""Whole crawls over a loopback web."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.crawling import Reactor
from tests.support.demo import Demo
from tests.support.pipeline import Crawls
from tests.support.web import Web


@pytest.fixture
def crawls(reactor: Reactor, web: Web, tmp_path: Path) -> Crawls:
    """Crawls into a store of this test's own, SQLite."""
    return Crawls(reactor, web, tmp_path / "home")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run twice; once a session, because it crawls all bundled sites."""
    return Demo.run_in(tmp_path_factory.mktemp("demo"))
