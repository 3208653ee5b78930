"""Whom a text names: on both databases the same, and no letter of it a wildcard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.engine import make_url

from crawler.items import Property
from pipelines.master.models import PersonRow
from pipelines.reports.lookup import MOST, find
from tests.support.reported import EARLY, Seen, store

NAMES = ("Jürgen Größl", "Žofie Dvořáková", "Jane_Roe", "Jane Roe", "Ann Lee", "Ann\\Lee", "100% Events")

#: What somebody types, and whom it means; one table, because a store a line would take its time.
NAMED = {
    "JÜRGEN GRÖSSL": ["Jürgen Größl"],
    "jurgen": ["Jürgen Größl"],
    "Ju\u0308rgen": ["Jürgen Größl"],
    "zofie dvorakova": ["Žofie Dvořáková"],
    "dvorakova zofie": [],
    "Jane_Roe": ["Jane_Roe"],
    "jane roe": ["Jane Roe"],
    "J_ne Roe": [],
    "J%Roe": [],
    "%": ["100% Events"],
    "_": ["Jane_Roe"],
    "\\": ["Ann\\Lee"],
    "": [],
    "  ": [],
    "+44 20 7946-0143": ["Jane Roe"],
    "+44 (20) 79460144": ["Ann Lee"],
}


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    seen = [
        Seen({Property.NAME: name, Property.TELEPHONE: f"+44207946014{number}", Property.WORKS_FOR: f"Noord {number}"})
        for number, name in enumerate(NAMES)
    ]
    engine = store(make_url(database_url).render_as_string(hide_password=False), seen)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_a_text_names_whom_it_spells(connection: Connection) -> None:
    assert {wanted: [row.name for row in find(connection, wanted)] for wanted in NAMED} == NAMED


def test_a_full_name_is_found_behind_a_hundred_that_hold_its_parts(connection: Connection) -> None:
    row = dict.fromkeys(PersonRow.__table__.columns.keys(), "") | {"mentions": 1, "first_seen": EARLY}
    many = [{**row, "id": f"{number:032x}", "name": f"Aann {number} Leeds"} for number in range(MOST + 1)]
    connection.execute(insert(PersonRow), many)
    assert [row.name for row in find(connection, "ann lee")] == ["Ann Lee"]
    assert len(find(connection, "ann leed")) == MOST
