"""How fast PostgreSQL hands out jobs: deferred, fetched and finished a second, with few and with many waiting.

The queue's own cost only: a job crawls nothing. Commits are durable (`fsync` and `synchronous_commit` on), which a
server for tests is not otherwise. Ratios compare a long queue with a short one, and four workers with one.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping

from procrastinate import App
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from pipelines.queue.app import CRAWL, deferring, working
from pipelines.queue.schema import SCHEMA, install
from tests.support import postgres

#: Jobs that wait while a rate is measured, and jobs that are measured.
SHORT, LONG, COUNT = 1_000, 50_000, 400
#: Jobs to a statement when a plan is deferred.
_BATCH = 1_000


def durable(engine: Engine) -> None:
    """Make commits wait for the disk."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = on"))
        connection.execute(text("SELECT pg_reload_conf()"))


def defer(app: App, first: int, count: int, batch: int = _BATCH) -> float:
    """Defer jobs of so many hosts and return how many a second."""
    began = time.perf_counter()
    for start in range(first, first + count, batch):
        numbers = range(start, min(start + batch, first + count))
        app.job_manager.batch_defer_jobs([_job(number) for number in numbers])
    return count / (time.perf_counter() - began)


def _job(number: int) -> QueuedJob:
    host = f"host-{number // 2}.example"  # two sources a host
    return QueuedJob(
        id=None,
        queue="crawl",
        task_name=CRAWL,
        lock=host,
        queueing_lock=f"nightly/source-{number}",
        task_kwargs={
            "plan": "nightly",
            "source": f"source-{number}",
            "hosts": [host],
            "budget": {"pages": 200, "depth": 3, "seconds": 900},
        },
    )


async def work(url: str, workers: int) -> float:
    """Fetch and finish jobs with so many workers and return how many a second they do together."""

    async def one(app: App, count: int) -> None:
        worker = await app.job_manager.register_worker()
        for _ in range(count):
            job = await app.job_manager.fetch_job(["crawl"], worker)
            assert job is not None
            await app.job_manager.finish_job(job, Status.SUCCEEDED, delete_job=True)

    apps = [working(make_url(url)) for _ in range(workers)]
    for app in apps:
        await app.open_async()
    began = time.perf_counter()
    await asyncio.gather(*(one(app, COUNT // workers) for app in apps))
    spent = time.perf_counter() - began
    for app in apps:
        await app.close_async()
    return COUNT / spent


def main() -> Mapping[str, float]:
    """Measure, print a table and return the ratios."""
    with postgres.server(postgres.find()) as server, server.database() as name:
        engine = create_engine(server.url(name))
        install(engine)
        durable(engine)
        rates: dict[str, float] = {}
        with deferring(engine.url).open() as app:
            rates["deferred one by one"] = defer(app, 0, 200, batch=1)
            defer(app, 200, SHORT - 200)
            _analyse(engine)
            rates["fetched and finished, short queue, 1 worker"] = asyncio.run(work(server.url(name), 1))
            rates["deferred in batches"] = defer(app, SHORT, LONG - SHORT)
            _analyse(engine)
        rates["fetched and finished, long queue, 1 worker"] = asyncio.run(work(server.url(name), 1))
        rates["fetched and finished, long queue, 4 workers"] = asyncio.run(work(server.url(name), 4))
        engine.dispose()
    for label, rate in rates.items():
        sys.stdout.write(f"{label:<50} {rate:>10,.0f} a second\n")
    long = rates["fetched and finished, long queue, 1 worker"]
    return {
        "queue/long against short": long / rates["fetched and finished, short queue, 1 worker"],
        "queue/four workers against one": rates["fetched and finished, long queue, 4 workers"] / long,
        **{f"queue/{label}": rate for label, rate in rates.items()},
    }


def _analyse(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ANALYZE {SCHEMA}.procrastinate_jobs"))


if __name__ == "__main__":
    main()
