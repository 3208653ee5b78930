"""What a person says is right is checked like a page, outranks it, and recipients of what was wrong are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from crawler.items import Property
from pipelines.errors import RefusedError, UsageError
from pipelines.master.check import check
from pipelines.master.models import MasterValueRow
from pipelines.requests.rectifying import Changes, assignments, checked, rectify, take_back
from pipelines.requests.rules import Kind
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve_pending
from tests.support.asked import JANE, SEEN, asked, desk
from tests.support.reported import store

WHO = {"email": JANE[Property.EMAIL]}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = store(database_url, SEEN)
    yield engine
    engine.dispose()


def test_what_is_right_replaces_and_can_be_taken_back(engine: Engine, tmp_path: Path) -> None:
    at = desk(tmp_path)
    titles = select(MasterValueRow.value).where(MasterValueRow.property == "jobTitle")
    with engine.begin() as connection:
        changes = Changes(right={Property.JOB_TITLE: "Head of Sales"}, wrong=[(Property.NAME, "j. roe")])
        for _ in range(2):  # the same request twice in one file
            (case,) = asked(connection, at, Kind.RECTIFY, WHO)
            rectify(connection, case, at, changes)
        resolve_pending(connection)
        assert set(connection.scalars(titles)) == {"Head of Sales"}
        names = select(MasterValueRow.value).where(MasterValueRow.property == "name")
        assert "J. Roe" not in set(connection.scalars(names))
        before, after = rebuild(connection)
        assert before == after
        (case,) = asked(connection, at, Kind.RECTIFY, WHO)
        assert case.person is not None
        for correction in sorted(case.person.corrections):
            take_back(connection, case, at, correction[:8])
        assert set(connection.scalars(titles)) == {"Director"}
        assert [finding.invariant for finding in check(connection) if finding.broken] == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({Property.EMAIL: "no address"}, "email cannot be set"),
        ({Property.JOB_TITLE: "Mother of three"}, "jobTitle cannot be set"),
        ({Property.TELEPHONE: "12"}, "telephone cannot be set"),
        ({Property.NAME: "12345"}, "The name is none"),
    ],
)
def test_what_a_page_could_not_say_is_refused_without_the_value(values: dict[Property, str], says: str) -> None:
    with pytest.raises(RefusedError, match=says) as caught:
        checked(values)
    assert not any(text in str(caught.value) for text in values.values())


@pytest.mark.parametrize("text", ["jobTitle", "gender=x", "jobTitle=", "=x"])
def test_an_assignment_names_a_property_that_may_be_stored(text: str) -> None:
    with pytest.raises(UsageError, match="PROPERTY=VALUE"):
        assignments([text], "--set")
