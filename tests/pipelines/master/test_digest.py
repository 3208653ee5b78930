"""The digest of the master is one of its rows, and not of how a database sorts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from crawler.items import Property
from pipelines.master.check import digest
from tests.support.reported import Seen, store

#: In bytes: B, a, Ä; in a dictionary: a, Ä, B.
TITLES = ("Buyer", "accountant", "Ärztin")
SEEN = [
    Seen(
        {Property.NAME: "Jane Roe", Property.EMAIL: "jane.roe@noord.example", Property.JOB_TITLE: title},
        url=f"http://one.example/{number}",
    )
    for number, title in enumerate(TITLES)
]


def _titles(connection: Connection) -> list[str]:
    query = "SELECT value FROM master_value WHERE property = 'jobTitle' ORDER BY entity_id, property, value"
    return list(connection.scalars(text(query)))


def test_a_dictionary_order_changes_nothing(tmp_path: Path, postgresql_url: str) -> None:
    embedded, server = store(f"sqlite:///{tmp_path / 'store.db'}", SEEN), store(postgresql_url, SEEN)
    try:
        with embedded.connect() as here, server.connect() as there:
            if not there.scalar(text("SELECT count(*) FROM pg_collation WHERE collname = 'en-x-icu'")):
                pytest.skip("this PostgreSQL was built without ICU")
            there.execute(text('ALTER TABLE master_value ALTER COLUMN value TYPE text COLLATE "en-x-icu"'))
            assert (_titles(here), _titles(there)) == (
                ["Buyer", "accountant", "Ärztin"],
                ["accountant", "Ärztin", "Buyer"],
            )
            assert digest(there) == digest(here)
            there.rollback()
    finally:
        embedded.dispose()
        server.dispose()
