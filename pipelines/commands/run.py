"""`scrapy run`: many sources in one call, as cron needs it."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.runs.command import CrawlingCommand

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.sources import SourceRegister
    from pipelines.runs.plan import Plan
    from pipelines.runs.results import Call


class Command(CrawlingCommand):
    """Crawl the sources of a plan, within its limits, and say in one line how that went.

    Each source is crawled by a process of its own. Only one call of a plan runs at a time. A call that was stopped
    (SIGTERM, Ctrl-C) or killed is gone on with by the next one: what was finished is not crawled again. One source's
    failure does not stop the others.

    With --queue nothing is crawled here: each source becomes a job for `scrapy worker`, on this machine or others. What
    waits already or is being crawled is not deferred twice. This needs PostgreSQL.

    Exit codes: 0 done; 1 a source failed, or the call was stopped; 2 wrong usage; 3 a source found fewer or more
    people than it should, or lost a field; 4 a site or the register refused a source, or the plan is running already.
    The gravest of 1, 3, 4 counts, in this order.
    """

    summary = "Crawl the sources of a plan: lock, resume, exit codes, one summary line"
    arguments = "PLAN.toml [options]"
    example: ClassVar[str] = """
        scrapy run nightly.toml
        scrapy run nightly.toml --check
        scrapy run nightly.toml --queue
        scrapy run nightly.toml --json --log-format json --logfile cardfile.log
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the plan and the form of the log."""
        parser.add_argument("plan", metavar="PLAN.toml", type=Path, help="the plan, see docs/runs.md")
        parser.add_argument("--check", action="store_true", help="check the plan, list its sources, and crawl nothing")
        parser.add_argument("--queue", action="store_true", help="defer the sources to workers, see `scrapy worker`")
        super().add_arguments(parser)

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Run the plan and return the exit code of its gravest source."""
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        from crawler import sources  # noqa: PLC0415
        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.master.faults import store_error  # noqa: PLC0415
        from pipelines.queue.schema import require_postgresql  # noqa: PLC0415
        from pipelines.runs import plan as plans  # noqa: PLC0415

        assert self.settings is not None
        register = sources.load(self.settings["CARDFILE_SOURCES"])
        plan = plans.load(opts.plan, register)
        self._check_spiders(plan)
        if opts.check:
            return self._list(plan)
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        if opts.queue:
            require_postgresql(url)
        engine = open_store(url)
        try:
            if opts.queue:
                return self._defer(plan, engine, register)
            return self._run(plan, engine, opts)
        except DBAPIError as error:
            raise store_error(error, url) from None
        finally:
            engine.dispose()

    def _defer(self, plan: Plan, engine: Engine, register: SourceRegister) -> int:
        """Put the sources of the plan into the queue, and say how many."""
        from pipelines.queue.deferring import defer  # noqa: PLC0415

        done = defer(plan, engine, register)
        facts = {"deferred": done.new, "waiting": done.waiting, "done_before": done.done}
        if self.opts.json:
            self.write_json(
                {"event": "deferred", "plan": plan.name, "pass": done.going.id, "queue": plan.queue, **facts}
            )
        else:
            jobs = f"{done.new} job{'s' * (done.new != 1)} deferred"
            more = f"{done.waiting} waiting or running already, {done.done} done before"
            self.write(f"Plan {plan.name}: {jobs} to the queue {plan.queue}, {more}; `scrapy worker` crawls them")
        return 0

    def _run(self, plan: Plan, engine: Engine, opts: argparse.Namespace) -> int:
        from pipelines.runs.call import run  # noqa: PLC0415
        from pipelines.runs.child import handed_on  # noqa: PLC0415
        from pipelines.runs.show import Show  # noqa: PLC0415

        assert self.settings is not None
        show = Show(self, plan, quiet=self._quiet)
        with show:
            call = run(plan, engine, self.settings, handed_on(opts), show.watch)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # all is done but to say so, which takes no longer than dying
        show.conclude(call)
        self._tell(call, engine)
        return call.exit_code

    def _tell(self, call: Call, engine: Engine) -> None:
        """Tell the operator what changed, where they asked to be told."""
        from pipelines.runs.alerts import Event, details, tell  # noqa: PLC0415

        assert self.settings is not None
        events = [
            Event(one.source_id, one.outcome, one.run_id, details(one.counts, one.remark), died=call.complete)
            for one in call.results
        ]
        for sentence in tell(engine, self.settings["CARDFILE_ALERTS"], events).troubles:
            self.warn(sentence)

    def _check_spiders(self, plan: Plan) -> None:
        from scrapy.spiderloader import get_spider_loader  # noqa: PLC0415

        from pipelines.errors import UsageError  # noqa: PLC0415

        assert self.settings is not None
        known = get_spider_loader(self.settings).list()
        for job in plan.jobs:
            if job.spider not in known:
                raise UsageError(
                    f"Source {job.source_id!r} names the spider {job.spider!r}; there is {', '.join(known)}."
                )

    def _list(self, plan: Plan) -> int:
        for job in plan.jobs:
            budget = job.budget
            facts = {"source": job.source_id, "spider": job.spider, "hosts": list(job.hosts), "pages": budget.pages}
            if self.opts.json:
                self.write_json({**facts, "depth": budget.depth, "seconds": budget.seconds})
            else:
                self.write(f"{job.source_id}  {job.spider}  {budget.pages} pages, {budget.seconds} s")
        return 0
