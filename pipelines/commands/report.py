"""`scrapy report`: what stands in the store and where it came from."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from crawler import clock
from pipelines.command import CardfileCommand
from pipelines.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from crawler.sources import SourceRegister
    from pipelines.reports.quality.figures import Decisions
    from pipelines.rights.declared import RightsRegister

#: Cards in a document that a person reads; a browser still searches this many at once.
_CARDS = 2000
_FORMATS = ("html", "md", "csv", "json")
_KINDS = ("provenance", "quality", "compliance", "runs")


class Command(CardfileCommand):
    """Report where every value of the master came from, how good it is, and by what right it is here.

    `provenance` shows for each person and organisation: which values, read where, when and how, on which legal basis
    and permission, which readings were merged and why; then the sources and how much was not kept, by rule. HTML is one
    file that opens offline; CSV has a line for each statement. Of people whose processing is restricted (Article 18
    GDPR) it shows only that, but for the privacy officer.

    `quality` shows, by source and property, how much is held, how much of it a second source says too, how old it is,
    what was no good, how people and rules agreed on merges, and what somebody should do next. It holds nobody's data.

    `compliance` reports what is due and overdue, who was told, what was asked, disclosed, deleted and broken; by what
    right the values are here and until when; what was not kept, and who is kept out. It holds nobody's data.

    `runs` shows each source's history: outcomes, people found, filled fields, what is unusual, how its hosts were
    treated (smallest gap, most requests at once, refusals), plans and alerts. It holds nobody's data either.
    """

    summary = "Report where every value came from, how good it is, and by what right"
    arguments = "provenance|quality|compliance|runs [options]"
    example: ClassVar[str] = """
        scrapy report provenance -o report.html
        scrapy report quality -o quality.html
        scrapy report compliance -o compliance.html
        scrapy report runs --days 30 -o runs.html
        scrapy report provenance --format csv --source example-nv > example-nv.csv
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the kind of report, its form and its scope."""
        parser.add_argument("kind", choices=_KINDS, help="what to report on")
        parser.add_argument(
            "--format", choices=_FORMATS, help="html, md, csv or json; else by FILE's name, md on a terminal"
        )
        parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write here in place of standard output")
        parser.add_argument("--person", metavar="ID", default="", help="only this person or organisation")
        parser.add_argument("--source", metavar="ID", default="", help="only what this source supports")
        parser.add_argument(
            "--limit",
            metavar="N",
            type=int,
            help=f"cards at most; html and md: {_CARDS} by default, 0 for all of them, in html over several files",
        )

        parser.add_argument("--days", metavar="N", type=int, help="how far `runs` looks back, 90 days by default")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write the report."""
        from pipelines.master.database import database_url, open_store  # noqa: PLC0415  the base says why
        from pipelines.reports.output import write_report  # noqa: PLC0415
        from pipelines.reports.overview import Scope  # noqa: PLC0415

        assert self.settings is not None
        form = _form(opts)
        limit = opts.limit if opts.limit is not None else _CARDS if form in {"html", "md"} else 0
        if limit < 0:
            raise UsageError("--limit is a number of cards, 0 for all of them.")
        if opts.kind != "provenance" and (opts.person or opts.limit is not None):
            raise UsageError(f"A {opts.kind} report knows neither --person nor --limit; --source narrows it.")
        if opts.days is not None and (opts.kind != "runs" or opts.days < 1):
            raise UsageError("--days is a number of days from 1, for `scrapy report runs`.")
        engine = open_store(database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"]))
        try:
            with self.status("Writing the report"):
                if opts.kind == "compliance":
                    self._compliance(engine, form, opts)
                elif opts.kind == "runs":
                    self._runs(engine, form, opts)
                elif opts.kind == "quality":
                    self._quality(engine, form, opts)
                else:
                    write_report(
                        engine,
                        form,
                        Scope(opts.person, opts.source, limit),
                        opts.output,
                        0 if limit else _CARDS,
                        masked=self.role.masked,
                        restricted=self.role.sees_restricted,
                    )
        finally:
            engine.dispose()
        if opts.output and sys.stdout.isatty():
            self.write(f"Report: {opts.output.resolve()}")
        return 0

    def _compliance(self, engine: Engine, form: str, opts: argparse.Namespace) -> None:
        from pipelines.accountability.dues import Dues  # noqa: PLC0415
        from pipelines.reports.compliance import compliance  # noqa: PLC0415
        from pipelines.reports.compliance.render import FORMATS  # noqa: PLC0415
        from pipelines.reports.output import write  # noqa: PLC0415

        register, now = self._register(), clock.now()
        more = () if opts.source else Dues(self._rights()).sections

        def draw(connection: Connection) -> Iterable[str]:
            return FORMATS[form](compliance(connection, register, opts.source, now, more))

        write(engine, draw, opts.output)

    def _quality(self, engine: Engine, form: str, opts: argparse.Namespace) -> None:
        from pipelines.reports.output import write  # noqa: PLC0415
        from pipelines.reports.quality import quality  # noqa: PLC0415
        from pipelines.reports.quality.render import FORMATS  # noqa: PLC0415

        register, now = self._register(), clock.now()

        def decisions(store: Connection, source_id: str, now: datetime) -> Decisions:
            from pipelines.review import figures  # noqa: PLC0415  most of a report is written before it is needed

            return figures.decisions(store, source_id, now)

        def draw(connection: Connection) -> Iterable[str]:
            return FORMATS[form](quality(connection, register, opts.source, now, decisions))

        write(engine, draw, opts.output)

    def _register(self) -> SourceRegister | None:
        """Return the source register, None where it cannot be read: the report says so."""
        from crawler.sources import load  # noqa: PLC0415

        assert self.settings is not None
        try:
            return load(self.settings["CARDFILE_SOURCES"])
        except SourceError:
            return None

    def _rights(self) -> RightsRegister | None:
        from pipelines.rights.register import load  # noqa: PLC0415

        assert self.settings is not None
        configured = self.settings["CARDFILE_RIGHTS"]
        return load(configured) if configured else None

    def _runs(self, engine: Engine, form: str, opts: argparse.Namespace) -> None:
        from pipelines.reports.output import write  # noqa: PLC0415
        from pipelines.reports.runs import DAYS, report  # noqa: PLC0415
        from pipelines.reports.runs_render import FORMATS  # noqa: PLC0415

        now, days = clock.now(), opts.days or DAYS
        write(engine, lambda connection: FORMATS[form](report(connection, now, opts.source, days)), opts.output)


def _form(opts: argparse.Namespace) -> str:
    """Return the form that was asked for, or that the file's name suggests."""
    asked: str = opts.format or ("json" if opts.json else "")
    if asked:
        return asked
    if not opts.output and sys.stdout.isatty():
        return "md"  # for eyes; a page is for a browser, and a pipe gets it as before
    suffix = opts.output.suffix.removeprefix(".").lower() if opts.output else ""
    return {"htm": "html", "markdown": "md"}.get(suffix, suffix if suffix in _FORMATS else "html")
