"""The record of processing leaves no column of the schema out."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Table, Text

from pipelines.master import accounts, activity, answering, choices, operation, requests
from pipelines.master.models import Base
from pipelines.rights.processing import classified, faults

ALL = (accounts, activity, answering, choices, operation, requests)  # imported for their tables


def test_every_column_has_one_class() -> None:
    assert faults() == []


def test_every_table_has_an_activity_and_a_time_limit() -> None:
    facts = classified()
    for name, entry in facts["tables"].items():
        assert entry["activity"] in facts["activities"], name
        assert entry["kept"] in facts["kept"], name


def test_every_activity_has_tables() -> None:
    used = {entry["activity"] for entry in classified()["tables"].values()}
    assert used == set(classified()["activities"])


def test_a_new_column_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("surprise", Base.metadata, Column("birthday", Text))
    try:
        assert faults() == ["surprise.birthday has no class"]
    finally:
        Base.metadata.remove(table)
