"""One run of the demo: serve, suppress who has objected, crawl, merge, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy.settings import Settings
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from crawler import clock
from crawler.extensions.ledger import EXIT_CODES
from pipelines.demo.crawls import Crawls, Progress, SourceRun
from pipelines.demo.plan import Plan, plan
from pipelines.demo.server import SiteServer
from pipelines.demo.sites import Sites
from pipelines.master.database import database_url, open_store, reading
from pipelines.master.faults import store_error
from pipelines.master.models import MentionRow, PersonRow, RunRow
from pipelines.reports.output import write, write_report
from pipelines.reports.overview import Scope
from pipelines.reports.quality import quality
from pipelines.reports.quality.render import html
from pipelines.reports.totals import NotKept, Totals, fingerprint, not_kept, totals
from pipelines.review.figures import decisions
from pipelines.rights.secret import secret_key
from pipelines.rights.suppression import suppress

#: Cards in the demo's report.
_CARDS = 2000
#: Given the sources' ids: something that shows the progress while it is entered.
Watch = Callable[[Sequence[str]], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class _Before:
    """The store as the run found it."""

    began: datetime
    totals: Totals
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A person whose readings come from several pages."""

    name: str
    readings: int
    sources: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the demo did; `dropped` counts this run only, `totals` is the store afterwards."""

    home: Path
    report: Path
    quality: Path
    runs: Sequence[SourceRun]
    objections: int
    totals: Totals
    added: int
    changed: bool
    dropped: Sequence[NotKept]
    merged: Sequence[Merged]

    @property
    def undrawn(self) -> int:
        """Pages that needed a browser and had none."""
        return sum(run.undrawn for run in self.runs)

    @property
    def exit_code(self) -> int:
        """1 when a crawl failed or was interrupted, 3 when one missed its expectation; a refusal is a result here."""
        codes = {EXIT_CODES[run.outcome] for run in self.runs}
        return next((code for code in (1, 3) if code in codes), 0)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome without anybody's name."""
        runs = [
            {"source": run.source.id, "outcome": run.outcome, "pages": run.pages, "people": run.people}
            for run in self.runs
        ]
        return {
            "home": str(self.home),
            "report": str(self.report),
            "quality_report": str(self.quality),
            "runs": runs,
            "suppressed_identifiers": self.objections,
            "totals": asdict(self.totals),
            "added_statements": self.added,
            "changed": self.changed,
            "undrawn_pages": self.undrawn,
            "not_kept": [asdict(row) for row in self.dropped],
        }


def run(
    folder: Path, home: Path, settings: Settings, watch: Watch, serve: Callable[[Sites], SiteServer] = SiteServer
) -> Outcome:
    """Run the demo over a folder of sites; raises a CardfileError for what keeps it from running at all.

    The settings are those of any crawl but for four things: the data folder is the demo's own, the host names of the
    sites lead to the server, and the pause between two requests, meant for other people's machines, is left out.
    """
    planned = plan(folder, home)
    own = settings.copy()
    url = database_url("", home)
    engine = open_store(url)
    try:
        began = clock.now()
        with engine.begin() as connection:
            before = _Before(began, totals(connection), fingerprint(connection))
            key = secret_key(settings["CARDFILE_SECRET"], home, production=False)
            suppress(connection, key, planned.objections, "objection (demo)", began)
        with serve(planned.sites) as sites, watch(list(planned.register.sources)) as progress:
            own.setdict(_overrides(planned, home, sites.address), priority="cmdline")
            runs = Crawls(planned.register, own, progress).run()
        return _outcome(engine, home, planned, runs, before)
    except DBAPIError as error:
        raise store_error(error, url) from None
    finally:
        engine.dispose()


def _overrides(planned: Plan, home: Path, address: str) -> dict[str, Any]:
    return {
        "CARDFILE_HOME": str(home),
        "CARDFILE_DATABASE_URL": "",
        "CARDFILE_PRODUCTION": False,
        "CARDFILE_SOURCES": str(planned.register.path),
        "CARDFILE_ALLOWED_PRIVATE_HOSTS": sorted(planned.sites.names),
        "CARDFILE_HOSTS": dict.fromkeys(sorted(planned.sites.names), address),
        "DOWNLOAD_DELAY": 0.0,
        "AUTOTHROTTLE_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,  # the command has installed its own
    }


def _outcome(engine: Engine, home: Path, planned: Plan, runs: Sequence[SourceRun], before: _Before) -> Outcome:
    report, good = home / "report.html", home / "quality.html"
    write_report(engine, "html", Scope(limit=_CARDS), report)
    now = clock.now()
    write(engine, lambda store: html(quality(store, planned.register, "", now, decisions)), good)
    with reading(engine) as connection:
        after = totals(connection)
        own = connection.scalars(select(RunRow.id).where(RunRow.started_at >= before.began)).all()
        return Outcome(
            home=home,
            report=report,
            quality=good,
            runs=runs,
            objections=len(planned.objections),
            totals=after,
            added=after.statements - before.totals.statements,
            changed=fingerprint(connection) != before.fingerprint,
            dropped=not_kept(connection, own),
            merged=_merged(connection),
        )


def _merged(connection: Connection, most: int = 8) -> list[Merged]:
    sources = func.count(MentionRow.source_id.distinct())
    query = (
        select(PersonRow.name, PersonRow.mentions, sources)
        .join(MentionRow, MentionRow.entity_id == PersonRow.id)
        .where(PersonRow.mentions > 1)
        .group_by(PersonRow.id, PersonRow.name, PersonRow.mentions)
        .order_by(sources.desc(), PersonRow.mentions.desc(), PersonRow.name)
        .limit(most)
    )
    return [Merged(*row) for row in connection.execute(query)]
