"""What is wrong when a database refuses, by its own codes: what passes by itself, and what somebody has to mend.

SQLite tells its primary result code (https://www.sqlite.org/rescode.html), PostgreSQL an SQLSTATE (appendix A of its
manual). Messages are not read: they come in the language of the server, and may quote values.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipelines.errors import StoreError, StoreLocked


class Fault(StrEnum):
    """The kinds of trouble that an operator has to tell apart."""

    BUSY = "busy"  # somebody else holds what is needed: a lock, a deadlock, a serialization failure
    AWAY = "away"  # it cannot be reached, is starting or stopping, or takes no more connections
    FULL = "full"
    READ_ONLY = "read-only"
    DAMAGED = "damaged"
    REFUSED = "refused"  # it works and does not take this


#: What a later attempt may find gone. The transaction is rolled back, so trying again is safe.
PASSING = frozenset({Fault.BUSY, Fault.AWAY})

_SQLITE = {
    3: Fault.READ_ONLY,  # PERM
    5: Fault.BUSY,
    6: Fault.BUSY,  # LOCKED
    8: Fault.READ_ONLY,
    10: Fault.DAMAGED,  # IOERR
    11: Fault.DAMAGED,  # CORRUPT
    13: Fault.FULL,
    14: Fault.AWAY,  # CANTOPEN
    26: Fault.DAMAGED,  # NOTADB
}
#: The longest prefix of an SQLSTATE decides.
_POSTGRESQL = {
    "08": Fault.AWAY,  # connection exceptions
    "25006": Fault.READ_ONLY,
    "25P03": Fault.AWAY,  # the session was ended for idling in a transaction
    "28": Fault.AWAY,  # the server does not let us in
    "3D000": Fault.AWAY,  # no such database
    "40001": Fault.BUSY,  # serialization failure
    "40P01": Fault.BUSY,  # deadlock
    "53": Fault.AWAY,  # out of memory, too many connections
    "53100": Fault.FULL,
    "55P03": Fault.BUSY,  # lock not available
    "57014": Fault.BUSY,  # a statement was cancelled, by a time limit or by somebody
    "57P": Fault.AWAY,  # shutting down, starting up, crashed, connection ended by the administrator
    "58": Fault.DAMAGED,  # the operating system cannot read or write
    "XX001": Fault.DAMAGED,
    "XX002": Fault.DAMAGED,
}
#: Parts of a URL's query that say where the store is; the rest may hold passwords and paths of keys.
_SHOWN = frozenset({"host", "port", "dbname", "sslmode"})


def fault_of(error: SQLAlchemyError) -> Fault:
    """Return what is wrong, by the code that the database gave."""
    if isinstance(error, PoolTimeout):  # of our own pool: every connection is taken
        return Fault.BUSY
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return next((_POSTGRESQL[state[:size]] for size in (5, 3, 2) if state[:size] in _POSTGRESQL), Fault.REFUSED)
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF, Fault.REFUSED)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return Fault.AWAY if lost or isinstance(error, OperationalError) else Fault.REFUSED


def store_error(error: SQLAlchemyError, url: URL) -> StoreError:
    """Return our error for a database error: what to do, and nothing of the statement or its parameters."""
    place, fault = shown(url), fault_of(error)
    if fault is Fault.BUSY:
        return StoreLocked(f"The store {place} is locked by another process; wait for it to end and run again.")
    if fault is Fault.REFUSED:
        return StoreError(f"The store {place} refused ({type(error).__name__}); run `scrapy db check`.")
    reason = _reason(error, url)
    if fault is Fault.FULL:
        return StoreError(f"The store {place} is full ({reason}); make room on its disk and run again.")
    if fault is Fault.READ_ONLY:
        return StoreError(f"The store {place} can only be read ({reason}); let its user write to it and run again.")
    if fault is Fault.DAMAGED:
        return StoreError(
            f"The store {place} cannot be used ({reason}); check its disk, or `scrapy db restore` a backup."
        )
    return StoreError(f"The store {place} cannot be used ({reason}); check DATABASE_URL and that it is reachable.")


def shown(url: URL) -> str:
    """Return a URL as it may be told: no password, and of its query only where the store is."""
    query = {key: value for key, value in url.query.items() if key in _SHOWN}
    return url.set(query=query).render_as_string(hide_password=True)


def _reason(error: SQLAlchemyError, url: URL) -> str:
    """Return the first line of what the driver says: the lines behind it may quote a row."""
    told = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()
    line = told[0] if told else type(error).__name__
    for secret in (url.password, *_texts(url, "password"), *_texts(url, "sslpassword")):
        line = line.replace(str(secret), "***") if secret else line
    return line


def _texts(url: URL, key: str) -> tuple[str, ...]:
    found = url.query.get(key, ())
    return (found,) if isinstance(found, str) else tuple(found)
