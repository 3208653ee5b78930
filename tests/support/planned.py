"""Plans run as cron runs them: another process, a loopback web, and an environment with nothing in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, insert

from pipelines.master.models import RunRow
from pipelines.master.statements import declare_source
from pipelines.runs.plan import Job
from tests.support import tree
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.readings import source
from tests.support.web import Answer, Web

_FAMILIES = (
    "Quillfeather", "Thackeray", "Locksmith", "Wolverly", "Penhaligon", "Ashworth",
    "Oosterlaken", "Duyvendak", "Quintanilha", "Tarnowiecki", "Montfaucon", "Zambrano",
)  # fmt: skip


def pretend_run(engine: Engine, job: Job, outcome: str, pages: int) -> None:
    """Write the run of a job as a crawl of so many pages would; one without an outcome died without a word."""
    now = datetime.now(UTC)
    counts = {"pages/read": min(pages, job.budget.pages), "people/found": 2}
    row = {"id": uuid.uuid4().hex, "source_id": job.source_id, "spider": job.spider, "started_at": now}
    with engine.begin() as connection:
        declare_source(connection, source(job.source_id))
        row |= {"ended_at": now if outcome else None, "outcome": outcome, "counts": counts if outcome else {}}
        connection.execute(insert(RunRow).values(row))


def team(host: str, page: int = 0, *, mail: bool = True) -> str:
    """A page of four invented colleagues."""
    family = _FAMILIES[page]
    people = [(f"{first} {family}", f"{first}.{family}".lower()) for first in ("Oswin", "Marla", "Tilda", "Bronwen")]
    items = "".join(
        f"<li><h3>{name}</h3><p>Sales Engineer</p>" + f'<a href="mailto:{box}@{host}">Mail</a></li>' * mail
        for name, box in people
    )
    return f'<!DOCTYPE html><html lang="en"><title>Our team</title><h1>Our team</h1><ul>{items}</ul>'


@dataclass
class Planned:
    """A register and plans over the hosts of a loopback web; each source is named like its host."""

    web: Web
    folder: Path
    database_url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def register(self, *sources: str, **more: str) -> None:
        """Register sources; `more` holds further TOML lines of a source, by its id."""
        tables = [
            f'[[source]]\nid = "{name}"\nstart_urls = ["http://{name}.example/team"]\n{more.get(name, "")}\n'
            for name in sources
        ]
        self.crawls.register("\n".join(tables))

    def site(self, *names: str, pages: int = 1, hang: float = 0.0) -> None:
        """Serve a team of so many pages on each host."""
        for name in names:
            host = f"{name}.example"
            links = "".join(f'<a href="/team/{page}">Our team {page}</a>' for page in range(1, pages))
            self.web.pages[f"{host}/team"] = Answer(team(host) + links, hang=hang)
            for page in range(1, pages):
                self.web.pages[f"{host}/team/{page}"] = Answer(team(host, page), hang=hang)

    def plan(self, text: str, name: str = "nightly") -> Path:
        """Write a plan."""
        file = self.folder / f"{name}.toml"
        file.write_text(f'name = "{name}"\n{text}', "utf-8")
        return file

    @property
    def crawls(self) -> Crawls:
        """The register's folder, and in-process settings of the same store."""
        return Crawls(Reactor.__new__(Reactor), self.web, self.folder / "home", self.database_url)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `scrapy ARGUMENTS` the way cron does."""
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", *arguments, *self._options(arguments)],
            env={**self.variables(), **environment},
            cwd=tree.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> Finished:
        """Run it to its end."""
        with ended(self.start(*arguments, **environment)) as process:
            out, err = process.communicate(timeout=180)
        return Finished(process.returncode, out, err)

    def variables(self) -> Mapping[str, str]:
        """The whole environment: nothing but what a crontab would set."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "PYTHONPATH": os.environ["PYTHONPATH"],  # the guard against the network
            "SCRAPY_SETTINGS_MODULE": "settings.test",
            "CARDFILE_HOME": str(self.folder / "home"),
            "CARDFILE_SOURCES": str(self.folder / "home" / "sources.toml"),
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": ".example",
            "DATABASE_URL": self.database_url,
            **self.environment,
        }

    def _options(self, arguments: tuple[str, ...]) -> list[str]:
        if arguments[0] not in {"run", "crawl", "worker"}:
            return []
        return ["-s", f"CARDFILE_HOSTS={json.dumps({'.example': f'127.0.0.1:{self.web.port}'})}", "-s", "RETRY_TIMES=0"]


@dataclass(frozen=True)
class Finished:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        """The JSON lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """See to it that a process is gone afterwards, whatever happens."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
