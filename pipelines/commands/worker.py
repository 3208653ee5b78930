"""`scrapy worker`: crawls what waits in the queue, on this machine beside any number of others."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import CardfileError, UsageError
from pipelines.runs.command import CrawlingCommand

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from pipelines.queue.show import Show
    from pipelines.queue.worker import Terms
    from pipelines.runs.plan import Plan

#: Crawls at a time in one worker: each is a process of its own.
_MOST = 64


class Command(CrawlingCommand):
    """Crawl the jobs that `scrapy run PLAN --queue` has deferred, one process a job, until SIGTERM or Ctrl-C.

    Any number of workers on any number of machines share one queue; it needs PostgreSQL. No two of them crawl one host
    at a time. A worker that is stopped gives its jobs back, one that is killed is noticed by the others, which take
    over; what was stored is not stored twice. A job that fails is tried again after 2, 8 and 32 minutes, and then
    stands in `scrapy report runs` as dead.

    With --plan the worker also defers a plan whenever its `every` says so, once for all workers that were given it.

    Exit codes: 0 stopped in order; 1 the store went away; 2 wrong usage. With --once and --until-empty the gravest
    outcome counts, as for `scrapy run`: 1 a job failed, 3 found too little, 4 was refused.
    """

    summary = "Crawl what waits in the queue, beside any number of other workers"
    arguments = "[options]"
    example: ClassVar[str] = """
        scrapy worker
        scrapy worker --concurrency 4 --plan /etc/cardfile/nightly.toml
        scrapy worker --until-empty --queues crawl,slow --json
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare how much, how long and from where."""
        parser.add_argument("--concurrency", metavar="N", type=int, default=1, help="crawls at a time, 1 by default")
        parser.add_argument("--queues", metavar="A,B", default="crawl", help="queues to work for, by default crawl")
        parser.add_argument(
            "--plan", metavar="PLAN.toml", type=Path, action="append", default=[], help="defer this plan in its time"
        )
        ends = parser.add_mutually_exclusive_group()
        ends.add_argument("--once", action="store_true", help="end after one job")
        ends.add_argument("--until-empty", action="store_true", help="end when nothing waits or runs any more")
        super().add_arguments(parser)

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Work, and return the exit code."""
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.master.faults import store_error  # noqa: PLC0415
        from pipelines.queue.schema import install, require_postgresql  # noqa: PLC0415
        from pipelines.queue.worker import Terms  # noqa: PLC0415

        assert self.settings is not None
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        require_postgresql(url)
        queues = [name for name in opts.queues.split(",") if name]
        if not queues or not 1 <= opts.concurrency <= _MOST:
            raise UsageError(f"--queues names at least one queue, and --concurrency is a number from 1 to {_MOST}.")
        terms = Terms(
            queues,
            opts.concurrency,
            self.settings.getfloat("CARDFILE_QUEUE_SILENCE"),
            self.settings.getfloat("CARDFILE_QUEUE_POLL"),
            opts.once,
            opts.until_empty,
        )
        plans = [self._plan(path) for path in opts.plan]
        engine = open_store(url)
        try:
            install(engine)
            return self._work(engine, terms, plans)
        except DBAPIError as error:
            raise store_error(error, url) from None
        finally:
            engine.dispose()

    def _work(self, engine: Engine, terms: Terms, plans: list[Plan]) -> int:
        from pipelines.queue.hand import Hand  # noqa: PLC0415
        from pipelines.queue.show import Show  # noqa: PLC0415
        from pipelines.queue.worker import Worker  # noqa: PLC0415
        from pipelines.runs.child import Crawler, handed_on  # noqa: PLC0415
        from pipelines.runs.warm import WarmCrawler, modules  # noqa: PLC0415

        assert self.settings is not None
        # It logs each job with a traceback when it fails; the lines of this command say it in a sentence.
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        show = Show(self, quiet=self._quiet)
        crawler = WarmCrawler(Crawler(*handed_on(self.opts)), [*modules(self.settings), "pipelines.queue.kindling"])
        with show:
            hand = Hand(
                engine,
                crawler,
                Path(self.settings["CARDFILE_HOME"]) / "jobs",
                show.watch,
                asyncio.Event(),
                self.settings["CARDFILE_ALERTS"],
                self.warn,
            )
            worker = Worker(hand, terms, plans, lambda plan: self._tick(plan, engine, show))

            async def warm_and_run() -> None:
                await crawler.warm_up()
                await worker.run()

            asyncio.run(warm_and_run())
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # all is done but to say so, which takes no longer than dying
        show.conclude()
        return show.exit_code if terms.once or terms.until_empty else 0

    def _plan(self, path: Path) -> Plan:
        from crawler import sources  # noqa: PLC0415
        from pipelines.queue.periodic import check  # noqa: PLC0415
        from pipelines.runs import plan as plans  # noqa: PLC0415

        assert self.settings is not None
        return check(plans.load(path, sources.load(self.settings["CARDFILE_SOURCES"])), path)

    def _tick(self, name: str, engine: Engine, show: Show) -> None:
        """Defer a plan that has come round, as its file and the register are now."""
        from crawler import sources  # noqa: PLC0415
        from pipelines.queue.deferring import defer  # noqa: PLC0415

        assert self.settings is not None
        try:
            register = sources.load(self.settings["CARDFILE_SOURCES"])
            plan = next((plan for plan in map(self._plan, self.opts.plan) if plan.name == name), None)
            if plan is not None:
                done = defer(plan, engine, register)
                show.tick(name, done.new, done.waiting)
        except CardfileError as error:
            self.warn(f"Plan {name} has come round and was not deferred: {error}")
