"""What people set right outranks every source and holds until it is withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from crawler.items import Property
from pipelines.errors import UsageError
from pipelines.master.check import check, digest
from pipelines.master.database import open_store
from pipelines.master.models import EmploymentRow, MasterValueRow, PersonRow
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.resolution.corrections import correct, withdraw
from pipelines.resolution.local_engine import ENGINES
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve
from pipelines.resolution.whole import resolve_store
from tests.support.readings import START, reading, source

NOW = START + timedelta(days=50)
VALUES = {"job_title": "Director", "works_for": "Noord NV", "email": "jane.roe@noord.example"}


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        declare_source(connection, source())
        yield connection
    engine.dispose()


def crawl(connection: Connection, day: int = 0) -> str:
    read = reading("Jane Roe", VALUES, day=day)
    write_readings(connection, [read])
    resolve(connection, [mention_ids(read.mention)])
    return mention_ids(read.mention)[-1]


def shown(connection: Connection) -> tuple[str, str, int]:
    (row,) = connection.execute(select(PersonRow.name, PersonRow.email, PersonRow.mentions)).all()
    return row.name, row.email, row.mentions


CORRECTED = {Property.EMAIL: "j.roe@noord.example", Property.NAME: "Jane Mary Roe-Poe"}


def test_a_correction_stands_first_and_holds_through_everything(connection: Connection) -> None:
    mention = crawl(connection)
    wrong = [(Property.EMAIL, "jane.roe@noord.example")]
    correct(connection, mention, CORRECTED, replaces=wrong, by="jane", now=NOW)
    for act in (
        lambda: None,
        lambda: crawl(connection, day=60),
        lambda: resolve_store(connection, ENGINES["local"], lambda items, label, total=None: iter(items), NOW),
        lambda: rebuild(connection),
    ):
        act()
        assert shown(connection) == ("Jane Mary Roe-Poe", "j.roe@noord.example", 1)
        assert "jane.roe@noord.example" not in set(connection.scalars(select(MasterValueRow.value)))
        assert not any(finding.broken for finding in check(connection))


def test_a_withdrawn_correction_leaves_every_byte_as_it_was(connection: Connection) -> None:
    mention = crawl(connection)
    before = digest(connection)
    values = {Property.JOB_TITLE: "Chair", Property.WORKS_FOR: "Zuid BV"}
    wrong = [(Property.WORKS_FOR, "Noord NV")]
    correction = correct(connection, mention, values, replaces=wrong, by="jane", now=NOW)
    assert set(connection.scalars(select(EmploymentRow.works_for))) == {"Zuid BV"}
    withdraw(connection, correction, NOW + timedelta(days=1))
    assert digest(connection) == before
    with pytest.raises(UsageError, match="nothing to withdraw"):
        withdraw(connection, correction, NOW)


@pytest.mark.parametrize(
    "changes",
    [{"mention": "0" * 32}, {"values": {}}, {"reason": "because"}, {"by": " "}],
    ids=lambda one: next(iter(one)),
)
def test_a_correction_must_say_what_and_why(connection: Connection, changes: dict[str, object]) -> None:
    facts: dict[str, object] = {"mention": crawl(connection), "values": CORRECTED, "reason": "mistake", "by": "ann"}
    facts |= changes
    with pytest.raises(UsageError, match="names a known mention"):
        correct(connection, facts["mention"], facts["values"], by=facts["by"], reason=facts["reason"], now=NOW)  # type: ignore[arg-type]
