"""What SQLite does for a piece of code: instructions of its virtual machine, which no load of the machine changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

#: Instructions between two ticks.
_TICK = 20


@dataclass(slots=True)
class Steps:
    """Instructions so far."""

    count: int = 0

    def tick(self) -> int:
        """Count some; SQLite would stop for another answer."""
        self.count += _TICK
        return 0


@contextmanager
def counted(connection: Connection) -> Iterator[Steps]:
    """Count the instructions that all statements of a connection run meanwhile."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    steps = Steps()
    driver.set_progress_handler(steps.tick, _TICK)
    try:
        yield steps
    finally:
        driver.set_progress_handler(None, 0)
