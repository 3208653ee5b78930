"""What every test can rely on: no network but loopback, no environment but its own, and both databases."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import browser, compiled, crawling, postgres, tree
from tests.support.guard import sitecustomize as guard
from tests.support.web import Web, serve

#: Left in place although they are ours: they name a program of this machine, not how Cardfile behaves.
_KEPT = frozenset({"CARDFILE_CHROMIUM"})
_OURS = ("CARDFILE_", "SCRAPY_")
_TRACES = pytest.StashKey[set[str]]()
_PROXIES = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"})

# A busy machine is no reason to fail a property.
settings.register_profile("cardfile", deadline=None, print_blob=True)
settings.load_profile("cardfile")


def _foreign(name: str) -> bool:
    return (
        (name.startswith(_OURS) and name not in _KEPT)
        or name.startswith(("XDG_", "PG"))  # PGPORT and its kin would lead server and client astray
        or name == "DATABASE_URL"
        or name.lower() in _PROXIES
    )


def _playwright_browsers() -> Path:
    """Where `playwright install` put its browsers; it looks for them below HOME, which the tests replace."""
    caches = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path.home() / caches / "ms-playwright"


def pytest_configure(config: pytest.Config) -> None:
    """Give the run an environment that is nobody's, before any module of ours can read it while it is imported."""
    patch = pytest.MonkeyPatch()
    home = tempfile.TemporaryDirectory(prefix="cardfile-tests-")
    config.add_cleanup(home.cleanup)
    config.add_cleanup(patch.undo)
    patch.setenv("PLAYWRIGHT_BROWSERS_PATH", os.environ.get("PLAYWRIGHT_BROWSERS_PATH", str(_playwright_browsers())))
    for name in filter(_foreign, list(os.environ)):
        patch.delenv(name)
    patch.setenv("HOME", home.name)
    patch.setenv("SCRAPY_PROJECT", "test")
    patch.setenv("PYTHONPATH", str(Path(guard.__file__).parent))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what it puts into the background so, and each program under test would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    compiled.share()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole crawls: processes share the files out, and all would wait for a long one at the end."""
    items.sort(key=lambda item: "e2e" not in item.path.parts)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember what lies in the tree."""
    session.stash[_TRACES] = tree.traces()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when a test left something in the tree; which one did, `make test ARGS=...` narrows down."""
    before: set[str] = session.stash[_TRACES]
    left = sorted(tree.traces() - before)
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.write_line(f"\nthe tests left this in the tree: {', '.join(left)}", red=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say in one sentence that there is no browser, in place of a hundred lines of what follows from it."""
    if item.get_closest_marker("browser") and not browser.starts():
        pytest.fail("no Chromium starts on this machine; `make browser` looks for one and says why not", pytrace=False)


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Give each test an empty home, and put back every variable afterwards.

    Scrapy writes SCRAPY_SETTINGS_MODULE into the environment when it first looks for a project, and every process that
    a later test starts would obey it.
    """
    before = dict(os.environ)
    os.environ["HOME"] = tempfile.mkdtemp(dir=Path.home())
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fail the test that tried to leave this machine, also when the code swallowed the refusal."""
    guard.attempts.clear()
    yield
    assert not guard.attempts, f"no test may leave this machine, but this one tried: {', '.join(guard.attempts)}"


@pytest.fixture(scope="session")
def reactor() -> Iterator[crawling.Reactor]:
    """The one reactor of this session; crawls of many tests run in it."""
    with crawling.reactor() as running:
        yield running


@pytest.fixture
def web() -> Iterator[Web]:
    """A loopback web of this test's own."""
    with serve() as running:
        yield running


@pytest.fixture
def tidy_browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A page is quiet sooner, because loopback answers at once; none is open any more when a crawl ends."""
    from crawler.middlewares.renderer import Renderer

    monkeypatch.setattr("crawler.middlewares.view.QUIET", 0.15)
    found: list[int] = []
    close = Renderer.close

    async def counting(renderer: Renderer) -> None:
        browser = renderer.__dict__.get("browser")
        found.append(len(browser.contexts) if browser else 0)
        found.append(len(renderer.context_wrappers))
        await close(renderer)

    monkeypatch.setattr(Renderer, "close", counting)
    yield
    assert set(found) <= {0}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server for this session."""
    with postgres.server(postgres.find()) as server:
        yield server


@pytest.fixture(scope="session")
def _fresh_database(postgres_server: postgres.Server) -> Iterator[str]:
    """The name of a database to copy; see `tests.support.fresh`."""
    from tests.support import fresh  # not before there is an environment that is nobody's

    with postgres_server.database() as name:
        fresh.make(postgres_server.url(name))
        yield name


@pytest.fixture
def postgresql_url(postgres_server: postgres.Server, _fresh_database: str) -> Iterator[str]:
    """The SQLAlchemy URL of a store on PostgreSQL that holds nothing, for a test that only makes sense there."""
    with postgres_server.database(_fresh_database) as name:
        yield postgres_server.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy URL of a store that holds nothing, once for each kind of store."""
    from tests.support import fresh

    if request.param == "sqlite":
        return str(fresh.put(f"sqlite:///{tmp_path / 'cardfile.sqlite'}"))
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def bare_postgresql_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL database without a table."""
    with postgres_server.database() as name:
        yield postgres_server.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy URL of a database without a table, once for each kind of store: for what makes its own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cardfile.sqlite'}"
    url: str = request.getfixturevalue("bare_postgresql_url")
    return url
