"""Leases: what only one process may do at a time, and how a dead one's claim is recognised.

A row in the store and not a lock of the database or the file system, because it has to work over SQLite and
PostgreSQL, from several machines, and to say who holds what. The price is that a killed process leaves its row behind,
so each row names its process well enough to tell whether that one still lives: on this machine by asking the system,
for another machine by its last sign of life.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipelines.errors import RefusedError
from pipelines.master.operation import LeaseRow

#: Seconds between two signs of life.
BEAT = 20.0
#: A holder on another machine that was silent for so long is taken for dead: several beats and a slow database.
SILENCE = timedelta(minutes=5)
#: Seconds by which the system's answer to when a process began may shift while it lives.
_CLOCK_STEP = 2.0


class LeaseHeld(RefusedError):
    """Another process holds it."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be mistaken for another: where it runs, its number, and when it began (as text)."""

    host: str
    pid: int
    process: str

    @classmethod
    def current(cls) -> Process:
        """Return this process."""
        me = psutil.Process()
        return cls(_host(), me.pid, _began(me))

    def lives(self, seen_at: datetime, now: datetime) -> bool:
        """Tell whether the process lives: ask the system, or for another machine's take its last sign of life."""
        if self.host != _host():
            return now - seen_at < SILENCE
        try:
            found = psutil.Process(self.pid)
            return self.same(Process(self.host, self.pid, _began(found))) and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def same(self, other: Process) -> bool:
        """Tell whether two descriptions mean one process."""
        near = self.process == other.process or _apart(self.process, other.process) < _CLOCK_STEP
        return (self.host, self.pid) == (other.host, other.pid) and near


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that this process holds; `token` tells it from every other one.

    `shared` says that it was taken over from this very process: leases keep processes apart, not the crawls of one.
    """

    name: str
    token: str
    shared: bool = False


def acquire(engine: Engine, name: str, what: str) -> Lease:
    """Take a lease, over a dead holder's body if need be; raises LeaseHeld with a sentence about `what` and the holder.

    Two processes that try at the same moment are decided by the primary key.
    """
    try:
        with engine.begin() as connection:
            return _take(connection, name, what)
    except IntegrityError:
        with engine.begin() as connection:
            return _take(connection, name, what)


def renew(engine: Engine, lease: Lease) -> bool:
    """Give a sign of life; False when the lease has gone to somebody else meanwhile."""
    mine = (LeaseRow.name == lease.name, LeaseRow.holder == lease.token)
    with engine.begin() as connection:
        return connection.execute(update(LeaseRow).where(*mine).values(seen_at=_wall())).rowcount == 1


def release(engine: Engine, lease: Lease) -> None:
    """Give a lease back; somebody else's is left alone."""
    with engine.begin() as connection:
        connection.execute(delete(LeaseRow).where(LeaseRow.name == lease.name, LeaseRow.holder == lease.token))


def held(
    connection: Connection, names: Collection[str] | None = None, *, now: datetime | None = None
) -> frozenset[str]:
    """Return the names of all leases whose holder lives, or of those among `names`; `now` only tests choose."""
    now = now or _wall()
    query = select(LeaseRow) if names is None else select(LeaseRow).where(LeaseRow.name.in_(names))
    return frozenset(row.name for row in connection.execute(query) if _holder(row).lives(row.seen_at, now))


def _take(connection: Connection, name: str, what: str) -> Lease:
    me, now, token = Process.current(), _wall(), uuid.uuid4().hex
    facts: dict[str, Any] = {"holder": token, **asdict(me), "taken_at": now, "seen_at": now}
    row = connection.execute(select(LeaseRow).where(LeaseRow.name == name).with_for_update()).one_or_none()
    if row is None:
        connection.execute(insert(LeaseRow).values(name=name, **facts))
        return Lease(name, token)
    holder = _holder(row)
    if not holder.same(me) and holder.lives(row.seen_at, now):
        place = "this machine" if holder.host == me.host else holder.host.partition(" ")[0]
        raise LeaseHeld(
            f"{what} since {row.taken_at:%Y-%m-%d %H:%M} UTC by process {holder.pid} on {place}; "
            "wait for it to end, or stop it."
        )
    connection.execute(update(LeaseRow).where(LeaseRow.name == name).values(**facts))
    return Lease(name, token, shared=holder.same(me))


def _holder(row: Any) -> Process:
    return Process(row.host, row.pid, row.process)


def _wall() -> datetime:
    """The time of day that other machines see too: a crawl's own may be held back for what its source showed last."""
    return datetime.now(UTC)


def _host() -> str:
    """This machine, and where process numbers are given out: two containers may share a host name, not those."""
    try:
        numbers = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        numbers = ""
    return f"{socket.gethostname()} {numbers}".strip()


def _began(process: psutil.Process) -> str:
    """When a process began: in ticks since this machine was started, and the id of that start.

    Where the system does not tell that, the time of day, which shifts when the clock is set.
    """
    try:
        told = Path(f"/proc/{process.pid}/stat").read_text("ascii", "replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return f"{process.create_time():.2f}"
    return f"{told.rpartition(')')[2].split()[19]} {boot}"


def _apart(one: str, other: str) -> float:
    """Return the seconds between two times of day; for ever, where one is told in ticks."""
    return float("inf") if " " in one or " " in other else abs(float(one) - float(other))
