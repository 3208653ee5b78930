"""What waits in the queue: one source with its budget, the plan that wants it, and what that plan allows in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.items import Budget, Source
from pipelines.runs.plan import Job, Plan, hosts_of


@dataclass(frozen=True, slots=True)
class Order:
    """One job of a queue. `pages`, `host_pages` and `until` are the plan's bounds for all its jobs; None means none."""

    plan: str
    job: Job
    pages: int | None = None
    host_pages: int | None = None
    until: datetime | None = None

    @property
    def queueing_lock(self) -> str:
        """What at most one waiting job may carry: a plan waits for a source once."""
        return f"{self.plan}/{self.job.source_id}"

    def as_args(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        budget = asdict(self.job.budget)
        job = {"source": self.job.source_id, "spider": self.job.spider, "hosts": list(self.job.hosts), "budget": budget}
        until = self.until.isoformat() if self.until else None
        return {"plan": self.plan, **job, "pages": self.pages, "host_pages": self.host_pages, "until": until}

    @classmethod
    def from_args(cls, args: Mapping[str, Any]) -> Order:
        """Read it back."""
        job = Job(args["source"], args["spider"], tuple(args["hosts"]), Budget(**args["budget"]))
        until = datetime.fromisoformat(args["until"]) if args["until"] else None
        return cls(args["plan"], job, args["pages"], args["host_pages"], until)


def orders(plan: Plan, jobs: Iterable[Job], now: datetime) -> list[Order]:
    """Return what a plan orders at `now` (UTC), from when its seconds count."""
    until = now + timedelta(seconds=plan.seconds) if plan.seconds else None
    return [Order(plan.name, job, plan.pages, plan.host_pages, until) for job in jobs]


def locks(sources: Iterable[Source]) -> dict[str, str]:
    """Return for each source the lock that only one running crawl may hold: its host, by name.

    A queue knows one lock a job, and a source may have several hosts. Hosts that one source asks share a lock, directly
    or over others (connected components), so that no two crawls that hold different locks ask one host.
    """
    parent: dict[str, str] = {}

    def root(host: str) -> str:
        while parent.setdefault(host, host) != host:
            parent[host] = parent[parent[host]]
            host = parent[host]
        return host

    hosts = {source.id: hosts_of(source) for source in sources}
    for mine in hosts.values():
        for host in mine:
            first, other = sorted((root(mine[0]), root(host)))
            parent[other] = first
    return {identifier: root(mine[0]) for identifier, mine in hosts.items() if mine}
