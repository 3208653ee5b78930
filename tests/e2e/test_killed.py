"""kill -9 at any moment, then run again: the same master as an undisturbed run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.master.check import check
from pipelines.master.database import database_url, open_store
from pipelines.master.models import MasterValueRow, PersonRow, StatementRow
from pipelines.resolution.rebuild import rebuild
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Web

FAMILIES = (
    "Quillfeather", "Thackeray", "Locksmith", "Wolverly", "Penhaligon", "Ashworth",
    "Oosterlaken", "Duyvendak", "Quintanilha", "Tarnowiecki", "Montfaucon", "Zambrano",
)  # fmt: skip
PAGES = len(FAMILIES)
KILLS = 10


def team(page: int) -> str:
    """A page of invented colleagues; the same two people stand on every page."""
    shared = [
        ("Bronwen Achterberg", "Managing Director", "bronwen"),
        ("Alasdair Pemberly", "Sales Manager", "alasdair"),
    ]
    family = FAMILIES[page]
    own = [(f"{first} {family}", "Engineer", f"{first}.{family}".lower()) for first in ("Oswin", "Marla", "Tilda")]
    items = "".join(
        f'<li><h3>{name}</h3><p>{title}</p><a href="mailto:{box}@noord.example">Mail</a></li>'
        for name, title, box in shared + own
    )
    return f'<!DOCTYPE html><html lang="en"><title>Team</title><ul>{items}</ul>'


def crawl(crawls: Crawls, home: Path) -> subprocess.Popen[bytes]:
    hosts = json.dumps({".example": f"127.0.0.1:{crawls.web.port}"})
    command = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "company_site",
        "-a",
        "source=noord",
        "-s",
        f"CARDFILE_HOSTS={hosts}",
    ]
    environment = {
        **os.environ,
        "CARDFILE_HOME": str(home),
        "CARDFILE_SOURCES": str(crawls.home / "sources.toml"),
        "CARDFILE_ALLOWED_PRIVATE_HOSTS": ".example",
    }
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def master(home: Path) -> tuple[Any, ...]:
    """Everything that the master and the statements say, without times and without ids that hang on times."""
    engine = open_store(database_url("", home))
    with engine.connect() as connection:
        assert [finding for finding in check(connection) if finding.broken] == []
        people = []
        for entity, name, mentions in connection.execute(select(PersonRow.id, PersonRow.name, PersonRow.mentions)):
            values = select(MasterValueRow.property, MasterValueRow.value).where(MasterValueRow.entity_id == entity)
            people.append((name, mentions, sorted(map(tuple, connection.execute(values)))))
        statements = sorted(connection.scalars(select(StatementRow.id)))
    with engine.begin() as connection:
        before, after = rebuild(connection)
    engine.dispose()
    assert before == after
    return sorted(people), statements


@pytest.mark.proof
def test_a_killed_crawl_is_made_good_by_the_next(crawls: Crawls, web: Web, tmp_path: Path) -> None:
    links = "".join(f'<a href="/team/{page}">Our team {page}</a>' for page in range(PAGES))
    web.pages["noord.example/"] = f"<html>{links}"
    for page in range(PAGES):
        web.pages[f"noord.example/team/{page}"] = Answer(team(page), hang=0.05)
    crawls.source("noord", "http://noord.example/")
    assert crawl(crawls, tmp_path / "undisturbed").wait(120) == 0
    wanted = master(tmp_path / "undisturbed")
    assert len(wanted[0]) > PAGES

    moments = random.Random(20261122)
    for kill in range(KILLS):
        home = tmp_path / f"killed-{kill}"
        running = crawl(crawls, home)
        with suppress(subprocess.TimeoutExpired):
            running.wait(moments.uniform(0.3, 6.0))
        running.send_signal(signal.SIGKILL)
        running.wait()
        if kill % 2:  # twice in a row is as good as once
            again = crawl(crawls, home)
            with suppress(subprocess.TimeoutExpired):
                again.wait(moments.uniform(1.0, 4.0))
            again.send_signal(signal.SIGKILL)
            again.wait()
        assert crawl(crawls, home).wait(120) == 0
        assert master(home) == wanted
