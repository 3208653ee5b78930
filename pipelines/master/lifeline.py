"""A PostgreSQL that has fallen silent: its connections are cut, so that whoever waits for them can try again.

The network's own time limits (`pipelines.master.database.VANISHED`) end a connection whose packets nobody acknowledges.
A server that hangs, and a proxy that passes nothing on, acknowledge everything and answer nothing, and libpq would wait
for ever. A statement may take its time, for a batch or a lock, so its length says nothing; whether the server still
lets anybody in does.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy import Engine, event

#: Seconds without an answer after which the server is asked for a sign of life.
SILENCE = 30.0
#: Seconds that it has for that.
_ANSWER = 10


class Lifeline:
    """The connections that an engine makes from now on; one that was idle is let go, to be made anew."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: WeakSet[Any] = WeakSet()
        engine.dispose()
        event.listen(engine, "connect", self._connected)

    def _connected(self, connection: Any, _record: object) -> None:
        self._open.add(connection)

    def check(self) -> None:
        """Cut every connection when the server lets nobody in and does not refuse either; takes ten seconds at most.

        Whoever waits for an answer on one of them gets the driver's error for a connection that was lost.
        """
        if self._silent():
            for connection in list(self._open):
                self._cut(connection)

    def _silent(self) -> bool:
        from psycopg import connect, errors  # noqa: PLC0415  an extra, which whoever has such an engine has

        _, where = self._engine.dialect.create_connect_args(self._engine.url)
        try:  # not libpq's ping, in which psycopg keeps the interpreter to itself
            connect(**{**where, "connect_timeout": _ANSWER}).close()
        except errors.ConnectionTimeout:
            return True
        except errors.Error:
            return False
        return False

    def _cut(self, connection: Any) -> None:
        with (
            suppress(OSError, self._engine.dialect.loaded_dbapi.Error),  # it has gone by itself
            socket.socket(fileno=os.dup(connection.fileno())) as wire,
        ):
            wire.shutdown(socket.SHUT_RDWR)
