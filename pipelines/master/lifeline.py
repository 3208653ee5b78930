"""A PostgreSQL that has fallen silent: its connections are cut, so that whoever waits for them can try again.

The network's own time limits (`pipelines.master.database.VANISHED`) end a connection whose packets nobody acknowledges.
A server that hangs, and a proxy that passes nothing on, acknowledge everything and answer nothing, and libpq would wait
for ever. A statement may take its time, for a batch or a lock, so its length says nothing; whether the server still
lets anybody in does. Where it does, it is asked what our process there is waiting for: nobody but an operator can end
somebody else's transaction, or a process of the server that hangs by itself, and who is told can do so.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing, suppress
from threading import Timer
from typing import Any
from weakref import WeakSet

from sqlalchemy import Engine, event

#: Seconds without an answer after which the server is asked for a sign of life.
SILENCE = 30.0
#: Seconds that it has for that.
_ANSWER = 10
#: Of our processes at the server, the one that has been at it longest: its state, whom it waits for, and how long.
_AT_WORK = """
    SELECT pid, state, pg_blocking_pids(pid), extract(epoch FROM clock_timestamp() - state_change)::int
    FROM pg_stat_activity WHERE pid = ANY(%s) ORDER BY state_change
"""
_KILL = "`SELECT pg_terminate_backend({})` ends it"


class Lifeline:
    """The connections that an engine makes from now on; one that was idle is let go, to be made anew."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: WeakSet[Any] = WeakSet()
        engine.dispose()
        event.listen(engine, "connect", self._connected)

    def _connected(self, connection: Any, _record: object) -> None:
        self._open.add(connection)

    def check(self) -> str:
        """Cut every connection when the server lets nobody in and does not refuse either.

        Whoever waits for an answer on one of them gets the driver's error for a connection that was lost. Returns a
        sentence on what the wait is about when the server lives, "" when it does not or has nothing to say. Takes
        twenty seconds at most.
        """
        from psycopg import connect, errors  # noqa: PLC0415  an extra, which whoever has such an engine has

        _, where = self._engine.dialect.create_connect_args(self._engine.url)
        try:  # not libpq's ping, in which psycopg keeps the interpreter to itself
            with closing(connect(**{**where, "connect_timeout": _ANSWER}, autocommit=True)) as other:
                return self._told(other)
        except errors.ConnectionTimeout:
            for connection in list(self._open):
                self._cut(connection)
        except errors.Error:
            pass  # it refuses, so it is no silent one: our own connection gets to know by itself
        return ""

    def _told(self, other: Any) -> str:
        """Ask on another connection what ours wait for; it is cut as well when no answer comes."""
        asked = (one.info for one in list(self._open) if not one.closed)
        pids = [info.backend_pid for info in asked if info.transaction_status.name == "ACTIVE"]
        late = Timer(_ANSWER, self._cut, (other,))
        late.start()
        try:
            found = other.execute(_AT_WORK, [pids]).fetchone()
        finally:
            late.cancel()
        return _sentence(*found) if found else ""

    def _cut(self, connection: Any) -> None:
        with (
            suppress(OSError, self._engine.dialect.loaded_dbapi.Error),  # it has gone by itself
            socket.socket(fileno=os.dup(connection.fileno())) as wire,
        ):
            wire.shutdown(socket.SHUT_RDWR)


def _sentence(pid: int, state: str, holders: list[int], seconds: int) -> str:
    """Say what our process at a server that lives has been waiting for."""
    if holders:
        listed = ", ".join(map(str, holders))
        held = f"a transaction of process {listed} at the server holds what our process {pid} needs"
        return (
            f"The store has not answered for {seconds} s: {held}. We wait until it ends; pg_stat_activity says whose "
            f"it is, and {_KILL.format(holders[0])}."
        )
    doing = "has been at one statement" if state == "active" else "has not taken up our statement"
    return (
        f"The store has not answered for {seconds} s: its process {pid} {doing}, though the server lives. We wait for "
        f"it; should it hang, {_KILL.format(pid)}, or a restart of the server."
    )
