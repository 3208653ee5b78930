"""SQL that one test has compiled, kept for all others: a small store costs more in SQLAlchemy's compiler than anywhere.

SQLAlchemy keeps what it has compiled for as long as an engine lives, and nearly every test makes an engine of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event

#: Statements that are kept; there are about a thousand.
_MOST = 3_000


class _Compiled(dict[tuple[Any, ...], Any]):
    """A compiled cache for all engines of one dialect, where SQLAlchemy looks by each engine's own copy of it."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        if len(self) >= _MOST:
            self.clear()
        super().__setitem__((type(key[0]), *key[1:]), value)


def share() -> None:
    """Let every engine of this process use what others have compiled."""
    known = _Compiled()

    def connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=known)

    event.listen(Engine, "engine_connect", connected)
