"""What the run report shows: each source's history, what is unusual in it, and how we behaved towards its hosts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from crawler.extensions.outcome import COMPLETE, LEAST_READINGS, Finding, Past, people_of, usual_people
from pipelines.errors import UsageError
from pipelines.master.models import RunRow, SourceRow
from pipelines.master.operation import AlertRow, PlanJobRow, PlanRunRow
from pipelines.queue.state import QueueState, state
from pipelines.runs.history import source_lease
from pipelines.runs.lease import held

#: Days that the report looks back, unless told otherwise.
DAYS = 90
#: Outcomes that ask for somebody's attention, gravest first.
TROUBLE = ("failed", "blocked", "empty", "expectation-missed", "refused", "interrupted")


@dataclass(frozen=True, slots=True)
class HostLine:
    """How we behaved towards one host in one run. `min_gap` is in seconds, None after a single request."""

    host: str
    requests: int
    min_gap: float | None
    max_concurrency: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run. `fields` are shares of filled fields by property, `refused` counts by reason, `seconds` its duration."""

    id: str
    source: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    pages: int
    unchanged: int
    page_budget: int
    people: int
    new: int
    retired: int
    findings: tuple[str, ...]
    fields: Mapping[str, float]
    refused: Mapping[str, int]
    hosts: tuple[HostLine, ...]

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None

    @property
    def complete(self) -> bool:
        """Whether it came to an end that says something about its source."""
        return self.outcome in COMPLETE or self.outcome == "empty"


@dataclass(frozen=True, slots=True)
class SourceRuns:
    """A source and its runs, oldest first. `usual` is the range of people that its history leads to expect."""

    id: str
    kind: str
    publisher: str
    runs: tuple[RunLine, ...]
    usual: tuple[float, float, float] | None

    @property
    def last(self) -> RunLine:
        """The newest run."""
        return self.runs[-1]

    @property
    def trouble(self) -> bool:
        """Whether somebody should look."""
        return self.last.outcome in TROUBLE

    @property
    def fields(self) -> list[tuple[str, list[float]]]:
        """The shares of each field over the runs that had enough readings, the fullest field first."""
        found: dict[str, list[float]] = defaultdict(list)
        names = {name for run in self.runs for name in run.fields}
        for run in (run for run in self.runs if run.fields):
            for name in names:
                found[name].append(run.fields.get(name, 0.0))
        return sorted(found.items(), key=lambda one: (-max(one[1]), one[0]))


@dataclass(frozen=True, slots=True)
class AlertLine:
    """Something the operator was told, or should have been."""

    source: str
    kind: str
    outcome: str
    made_at: datetime
    delivered: bool


@dataclass(frozen=True, slots=True)
class PassLine:
    """One pass through a plan; `ended_at` is None while it waits to be gone on with."""

    plan: str
    started_at: datetime
    ended_at: datetime | None
    sources: int
    done: int
    pages: int
    attempts: int


@dataclass(frozen=True, slots=True)
class RunsReport:
    """All of it: sources in trouble first."""

    made_at: datetime
    days: int
    sources: tuple[SourceRuns, ...]
    alerts: tuple[AlertLine, ...]
    passes: tuple[PassLine, ...]
    queue: QueueState | None = None

    @property
    def runs(self) -> list[RunLine]:
        """All runs, newest first."""
        return sorted((run for source in self.sources for run in source.runs), key=lambda run: run.started_at)[::-1]

    @property
    def in_trouble(self) -> list[SourceRuns]:
        """The sources that somebody should look at."""
        return [source for source in self.sources if source.trouble]

    @property
    def lead(self) -> str:
        """One sentence on how things are."""
        bad, count = len(self.in_trouble), len(self.sources)
        if dead := self.queue.dead if self.queue else ():
            jobs = f"{len(dead)} job{'s' * (len(dead) != 1)} of the queue {'is' if len(dead) == 1 else 'are'} dead"
            return f"{jobs}, and {bad} of {count} source{'s' * (count != 1)} need a look."
        if not count:
            return "No run was recorded."
        sources = f"{count} source{'s' * (count != 1)}"
        if not bad:
            return f"All is well: the last run of each of {sources} gave what it usually gives."
        needs = "needs" if bad == 1 else "need"
        return f"{bad} of {sources} {needs} a look: the last run failed, was turned away, or found too little."


def report(connection: Connection, made_at: datetime, source_id: str = "", days: int = DAYS) -> RunsReport:
    """Gather the report over some days; raises UsageError for a source that never ran."""
    since = made_at - timedelta(days=days)
    found = sorted(_sources(connection, source_id, since), key=_urgency)
    if source_id and not found:
        raise UsageError(f"Source {source_id!r} did not run in the last {days} days; check its id, or widen --days.")
    told = select(AlertRow).where(AlertRow.made_at >= since).order_by(AlertRow.made_at.desc())
    alerts = [
        AlertLine(row.source_id, row.kind, row.outcome, row.made_at, row.delivered)
        for row in connection.execute(told)
        if not source_id or row.source_id == source_id
    ]
    passes = () if source_id else tuple(_passes(connection, since))
    queue = None if source_id else state(connection, since)
    return RunsReport(made_at, days, tuple(found), tuple(alerts), passes, queue)


def _sources(connection: Connection, source_id: str, since: datetime) -> Iterator[SourceRuns]:
    alive = held(connection)
    query = select(RunRow).where(RunRow.started_at >= since)
    if source_id:
        query = query.where(RunRow.source_id == source_id)
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query.order_by(RunRow.started_at, RunRow.id)):
        rows[row.source_id].append(row)
    for source in connection.execute(select(SourceRow.id, SourceRow.kind, SourceRow.publisher)):
        if mine := rows.get(source.id):
            runs = tuple(_line(row, running=source_lease(source.id) in alive) for row in mine)
            past = [Past(row.outcome, row.counts) for row in reversed(mine[:-1])]
            yield SourceRuns(source.id, source.kind, source.publisher, runs, usual_people(past))


def _line(row: Any, *, running: bool) -> RunLine:
    """Return a run; an open one whose process no longer lives was interrupted, though nobody has noted that yet."""
    counts = row.counts
    outcome = row.outcome or ("running" if running else "interrupted")
    readings = counts.get("people/readings", 0)
    with_ = {key.removeprefix("people/with/"): count for key, count in counts.items() if key.startswith("people/with/")}
    fields = {name: count / readings for name, count in with_.items()} if readings >= LEAST_READINGS else {}
    words = {key.removeprefix("rights/"): count for key, count in counts.items() if key.startswith("rights/")}
    words |= {key.removeprefix("refusals/"): count for key, count in counts.items() if key.startswith("refusals/")}
    words.pop("asked", None)
    return RunLine(
        row.id, row.source_id, row.started_at, row.ended_at, outcome,
        pages=counts.get("pages/read", 0), unchanged=counts.get("pages/unchanged", 0),
        page_budget=counts.get("budget/pages", 0), people=people_of(counts),
        new=counts.get("statements/new", 0), retired=counts.get("statements/retired", 0),
        findings=tuple(str(Finding(**finding)) for finding in counts.get("findings", [])),
        fields=fields, refused=words, hosts=tuple(_hosts(counts)),
    )  # fmt: skip


def _hosts(counts: Mapping[str, Any]) -> Iterator[HostLine]:
    """Yield what the counts `host/<host>/…` say, the busiest host first."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for key, value in counts.items():
        parts = key.split("/", 2)
        if parts[0] == "host" and len(parts) == 3:
            found[parts[1]][parts[2]] = value
    for host, facts in sorted(found.items(), key=lambda one: (-one[1].get("requests", 0), one[0])):
        said_no = ("refused/", "refusals/", "cooloff/")
        refused = {key.partition("/")[2]: value for key, value in facts.items() if key.startswith(said_no)}
        yield HostLine(host, facts.get("requests", 0), facts.get("min_gap"), facts.get("max_concurrency", 0), refused)


def _passes(connection: Connection, since: datetime) -> Iterator[PassLine]:
    jobs: dict[str, list[Any]] = defaultdict(list)
    for job in connection.execute(select(PlanJobRow)):
        jobs[job.plan_run_id].append(job)
    query = select(PlanRunRow).where(PlanRunRow.started_at >= since).order_by(PlanRunRow.started_at.desc()).limit(20)
    for row in connection.execute(query):
        mine: Sequence[Any] = jobs[row.id]
        done = sum(bool(one.outcome) for one in mine)
        pages, attempts = sum(one.pages for one in mine), sum(one.attempts for one in mine)
        yield PassLine(row.plan, row.started_at, row.ended_at, len(mine), done, pages, attempts)


def _urgency(source: SourceRuns) -> tuple[int, str]:
    outcome = source.last.outcome
    return (TROUBLE.index(outcome) if outcome in TROUBLE else len(TROUBLE), source.id)
