"""`scrapy resolve`: batch resolution of the whole store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.resolution.local_engine import PairEngine

_ENGINES = ("local", "spark")


class Command(StoreCommand):
    """Resolve the whole store anew, over what it teaches about names, numbers and employers.

    Crawls resolve what they read at once, over frozen statistics, so that a pair scores the same today and in a
    year. This learns a new version of them from the store as it is now, compares everything again and derives the
    master, in one transaction: killed in the middle, the store is as it was. People's judgements hold. Run it after
    the first large crawl, when the store has doubled, and after an upgrade that brings new weights.

    `--engine spark` weighs the pairs on Spark (`CARDFILE_SPARK`, by default all cores of this machine), with the
    same result: it pays on a cluster of several machines (docs/scale.md). It needs Java and the extra `spark`.

    `--check` compares, over the statistics in use, what stands in the store with what a batch gives, changes nothing
    and exits with 1 when they differ.
    """

    summary = "Resolve the whole store anew and learn from it"
    example: ClassVar[str] = """
        scrapy resolve
        scrapy resolve --check
        scrapy resolve --engine spark
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the engine and what to leave alone."""
        parser.add_argument("--engine", choices=_ENGINES, default="local", help="where pairs are weighed")
        parser.add_argument("--check", action="store_true", help="compare only, over the statistics in use")
        parser.add_argument("--keep-statistics", action="store_true", help="learn nothing; use the version in use")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Resolve, and say what changed."""
        from crawler import clock  # noqa: PLC0415
        from pipelines.resolution.whole import resolve_store  # noqa: PLC0415  DuckDB costs every `scrapy list`
        from pipelines.upkeep.replay import stop_suppressed  # noqa: PLC0415

        with self._engine(opts.engine) as engine, self.writing() as connection:
            stop_suppressed(connection, self.journal.keys)
            before = _entries(connection)
            found = resolve_store(
                connection,
                engine,
                self.progress,
                clock.now(),
                learn=not (opts.check or opts.keep_statistics),
            )
            after = _entries(connection)
            if opts.check:
                connection.rollback()
            else:
                self.record(connection, "resolve", found.statistics, {"mentions": found.mentions})
        same = found.before == found.after
        if opts.json:
            self.write_json({**asdict(found), "same": same, "entries_before": before, "entries": after})
        elif opts.check:
            differs = f"The store differs from what a batch gives: {_changed(before, after)}."
            self.write("The store is as a batch gives it." if same else differs)
        else:
            outcome = "is the same, byte for byte" if same else f"has changed: {_changed(before, after)}"
            learnt = f"statistics {found.statistics or 'of no store'}"
            self.write(f"{found.mentions} mentions, {found.judged} judgements, {learnt}: the master {outcome}.")
        return int(opts.check and not same)

    @contextmanager
    def _engine(self, name: str) -> Iterator[PairEngine]:
        """Open an engine; Spark first, so that what it lacks is said before the store is locked."""
        if name == "spark":
            from pipelines.resolution.spark.engine import SparkEngine  # noqa: PLC0415
            from pipelines.resolution.spark.session import opened  # noqa: PLC0415

            assert self.settings is not None
            with opened(self.settings["CARDFILE_SPARK"], Path(self.settings["CARDFILE_HOME"])) as (session, folder):
                yield SparkEngine(session, folder)
            return
        from pipelines.resolution.local_engine import ENGINES  # noqa: PLC0415

        yield ENGINES[name]


def _entries(connection: Connection) -> dict[str, int]:
    """Count the people and organisations of the master."""
    from sqlalchemy import func, select  # noqa: PLC0415  the base says why

    from pipelines.master.models import OrganisationRow, PersonRow  # noqa: PLC0415

    tables = {"people": PersonRow, "organisations": OrganisationRow}
    return {kind: connection.scalar(select(func.count()).select_from(table)) or 0 for kind, table in tables.items()}


def _changed(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """Say how many entries there are, and were when that is another number."""
    return ", ".join(
        f"{after[kind]} {kind}" + (f" ({before[kind]} before)" if before[kind] != after[kind] else "") for kind in after
    )
