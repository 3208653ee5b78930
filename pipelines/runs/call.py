"""One call of a plan: take its lease, stop when told to, and give the lease back whatever happens."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from scrapy.settings import BaseSettings
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipelines.runs import lease
from pipelines.runs.child import Crawler
from pipelines.runs.conductor import Conductor, Watcher
from pipelines.runs.plan import Plan
from pipelines.runs.results import Call

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(
    plan: Plan,
    engine: Engine,
    settings: BaseSettings,
    handed_on: tuple[dict[str, str], Sequence[str]],
    watch: Watcher,
) -> Call:
    """Run a plan to its end, or until SIGTERM or SIGINT; raises LeaseHeld when another call of it runs.

    `handed_on` are settings and options for each crawl.
    """
    folder = Path(settings["CARDFILE_HOME"]) / "jobs"
    mine = lease.acquire(engine, f"plan:{plan.name}", f"Plan {plan.name!r} is running")
    try:
        conductor = Conductor(plan, engine, Crawler(*handed_on), folder, watch)
        return asyncio.run(_conduct(conductor, mine))
    finally:
        lease.release(engine, mine)


async def _conduct(conductor: Conductor, mine: lease.Lease) -> Call:
    beating = asyncio.ensure_future(_beat(conductor, mine))
    try:
        with _signals(conductor.stop):
            return await conductor.run()
    finally:
        beating.cancel()


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` at the first signal; a second one changes nothing, because the end is only seconds away."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _beat(conductor: Conductor, mine: lease.Lease) -> None:
    """Renew the plan's lease now and then; a call that lost it stops."""
    while True:
        await asyncio.sleep(lease.BEAT)
        with suppress(SQLAlchemyError):  # a database that is away for a moment is no reason to stop
            if not await asyncio.to_thread(lease.renew, conductor.engine, mine):
                logger.error("Another process has taken over plan %s; this one stops.", conductor.plan.name)
                conductor.stop.set()
                return
