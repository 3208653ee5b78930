"""Procrastinate, pointed at the queue's schema: how the rest of this package reaches its jobs."""

from __future__ import annotations

from typing import Any

from procrastinate import App, BaseConnector, PsycopgConnector, SyncPsycopgConnector
from sqlalchemy import URL

from pipelines.queue.schema import SCHEMA

#: What a job of one source, and the tick of a plan that comes back, are called in the queue.
CRAWL, TICK = "crawl", "tick"
#: Connections of one worker to the queue at most: fetching, the sign of life, and two jobs that end at once.
_CONNECTIONS = 4


def plan_queue(plan: str) -> str:
    """Return the queue in which the ticks of a plan wait: only workers that were given the plan listen to it."""
    return f"plan.{plan}"


def deferring(url: URL) -> App:
    """Return an app that puts jobs into the queue; open it with `with`."""
    return App(connector=SyncPsycopgConnector(**_pool(url, 1)))


def working(url: URL) -> App:
    """Return an app that a worker takes jobs from; open it with `async with app.open_async()`."""
    connector: BaseConnector = PsycopgConnector(**_pool(url, _CONNECTIONS))
    return App(connector=connector)


def _pool(url: URL, size: int) -> dict[str, Any]:
    """Return the settings of a pool; its connections look for names in the queue's schema and nowhere else."""
    given = url.query.get("options", "")
    options = f"{given if isinstance(given, str) else ' '.join(given)} -c search_path={SCHEMA}".strip()
    plain = url.set(drivername="postgresql").difference_update_query(["options"])
    conninfo = plain.render_as_string(hide_password=False)
    return {"conninfo": conninfo, "kwargs": {"options": options}, "min_size": 1, "max_size": size, "timeout": 15.0}
