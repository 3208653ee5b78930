"""Stores as `open_store` makes them, copied: a test that asks no question about migrations does not wait for them.

The copies are of what the real way made in this very session, so they cannot be behind it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import URL, make_url

from pipelines.master.database import open_store


def put(url: str | URL) -> URL:
    """Put an empty store of today's schema where a SQLite URL says, unless there is one; return the URL, parsed.

    Of PostgreSQL the fixtures `database_url` and `postgresql_url` give copies.
    """
    url = make_url(url)
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_sqlite())
            path.chmod(0o600)
    return url


def make(url: str) -> None:
    """Make the store that others are copies of."""
    open_store(make_url(url)).dispose()


@cache
def _sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.db"
        make(f"sqlite:///{path}")
        return path.read_bytes()
