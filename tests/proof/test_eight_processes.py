"""Many processes on one store, with people whom several of them read: no deadlock, nobody twice, the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store, reading
from pipelines.master.models import MentionRow, StatementRow
from tests.support import forking, postgres, rough
from tests.support.contents import difference
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.planned import team
from tests.support.web import Answer, Web

pytestmark = pytest.mark.proof

#: Processes on each database. Every one reads all mentions of its share of the pages, and people stand on many pages.
WORKERS = {"sqlite": 2, "postgresql": 8}
SIZE, SEED = 100, 23


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[forking.Server]:
    with forking.serve(tmp_path_factory.mktemp("jobs")) as running:
        yield running


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_as_one_process(
    kind: str, server: forking.Server, tmp_path: Path, request: pytest.FixtureRequest, postgres_server: postgres.Server
) -> None:
    function, workers = "tests.support.jobs:write", WORKERS[kind]
    with postgres_server.database() as one, postgres_server.database() as other:
        together, alone = (
            f"sqlite:///{tmp_path / name}.db" if kind == "sqlite" else postgres_server.url(name)
            for name in (one, other)
        )
        open_store(make_url(together)).dispose()
        jobs = [server.call(function, together, SIZE, SEED, share, workers) for share in range(workers)]
        assert [job.end().said for job in jobs] == [""] * workers
        assert server.call(function, alone, SIZE, SEED).end().code == 0
        assert difference(rough.sound(together), rough.sound(alone)) == {}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whole_crawls(
    kind: str, server: forking.Server, web: Web, tmp_path: Path, postgres_server: postgres.Server
) -> None:
    """As many sites as processes, whose teams name each other's people; crawled at once, and one after the other."""
    hosts = [f"site{number}" for number in range(WORKERS[kind])]
    crawls = Crawls(Reactor.__new__(Reactor), web, tmp_path / "register")
    crawls.register("\n".join(f'[[source]]\nid = "{host}"\nstart_urls = ["http://{host}.example/"]' for host in hosts))
    for number, host in enumerate(hosts):
        web.pages[f"{host}.example/"] = f"<html>{''.join(f'<a href=/team/{page}>Our team</a>' for page in range(3))}"
        for page in range(3):
            web.pages[f"{host}.example/team/{page}"] = Answer(team("noord.example", (number + page) % rough.PAGES))
    with postgres_server.database() as one, postgres_server.database() as other:
        together, alone = (
            f"sqlite:///{tmp_path / name}.db" if kind == "sqlite" else postgres_server.url(name)
            for name in (one, other)
        )
        open_store(make_url(together)).dispose()
        jobs = [rough.start(server, crawls, tmp_path / "a", together, source=host) for host in hosts]
        ended = [job.end() for job in jobs]
        assert [(end.code, end.said) for end in ended] == [(0, "")] * len(hosts)
        for host in hosts:
            assert rough.start(server, crawls, tmp_path / "b", alone, source=host).end().code == 0
        assert difference(rough.sound(together), rough.sound(alone)) == {}
        engine = open_store(make_url(together))
        with reading(engine) as connection:
            mails = select(StatementRow.normalised, MentionRow.entity_id).join(MentionRow)
            found = connection.execute(mails.where(StatementRow.property == "email", MentionRow.type == "person"))
            homes: dict[str, set[str | None]] = {}
            for mail, entity in found:
                homes.setdefault(mail, set()).add(entity)
            assert connection.scalar(select(func.count()).select_from(MentionRow).where(MentionRow.pending)) == 0
        assert {len(entities) for entities in homes.values()} == {1}
        assert len(homes) < 4 * 3 * len(hosts)  # they do overlap
        engine.dispose()
