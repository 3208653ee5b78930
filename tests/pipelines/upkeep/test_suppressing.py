"""An entry follows its person, whatever merges and unmerges make of the entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from crawler.items import Property
from pipelines.errors import UsageError
from pipelines.master.check import check
from pipelines.master.models import MentionRow, PersonRow
from pipelines.requests.naming import named
from pipelines.review.people import judge
from pipelines.rights.secret import Keyring
from pipelines.rights.subjects import subjects
from pipelines.rights.suppression import RESTRICTION, keyed_hashes, look_up
from pipelines.rights.wishes import gather
from pipelines.upkeep.suppressing import Listed, Order, apply, preview
from tests.support.reported import EARLY, Seen, store

KEYS = Keyring(b"k" * 32)
NOW = EARLY + timedelta(days=1)
JANE = {Property.NAME: "Jane Roe", Property.JOB_TITLE: "Director", Property.WORKS_FOR: "Noord NV"}
PEOPLE = [
    Seen({**JANE, Property.EMAIL: "jane@noord.example", Property.TELEPHONE: "+12125550101"}),
    Seen({**JANE, Property.TELEPHONE: "+12125550101"}, source="press", url="http://press.example/jane"),
    Seen({Property.NAME: "Bo Zuid", Property.WORKS_FOR: "Noord NV", Property.EMAIL: "info@noord.example"}),
]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = store(database_url, PEOPLE)
    yield engine
    engine.dispose()


def order(scope: str = "all", reason: str = "objection") -> Order:
    return Order(scope, reason, NOW, NOW.date(), "r" * 32)


def jane() -> Listed:
    return Listed("", named({"email": "jane@noord.example"}))


def restricted(connection: Connection) -> set[str]:
    people = list(subjects(connection))
    wishes = gather(connection, KEYS, people, "business-directory", now=NOW, today=NOW.date())
    return {one.id for one, wanted in zip(people, wishes, strict=True) if wanted.standing.restricted}


def test_an_entry_holds_for_both_sides_of_an_unmerge_and_for_what_is_merged(engine: Engine) -> None:
    with engine.begin() as connection:
        done = apply(connection, KEYS, [jane()], order(RESTRICTION))
        assert (done.people, done.mentions) == (1, 0)
        assert len(restricted(connection)) == 1
        (entity,) = restricted(connection)
        one, other = connection.scalars(select(MentionRow.id).where(MentionRow.entity_id == entity)).all()
        judge(connection, one, other, "different", by="A. Reviewer", reason="pages", now=NOW)
        assert len(restricted(connection)) == 2
        judge(connection, one, other, "same", by="A. Reviewer", reason="pages", now=NOW)
        assert len(restricted(connection)) == 1


def test_in_the_scope_all_every_reading_goes(engine: Engine) -> None:
    with engine.begin() as connection:
        told = preview(connection, [jane()], order())
        assert (told.people, told.mentions, told.new) == (1, 2, 0)
        done = apply(connection, KEYS, [jane(), jane()], order())
        assert (done.given, done.people) == (2, 1)
        assert connection.scalars(select(PersonRow.name)).all() == ["Bo Zuid"]
        assert not [one.invariant for one in check(connection) if one.broken]
        assert apply(connection, KEYS, [jane()], order()).new == 0


def test_a_teams_mailbox_is_nobodys(engine: Engine) -> None:
    """Who is put out by the name takes no address along that the team shares."""
    with engine.begin() as connection:
        bo = Listed("", named({"name": "Bo Zuid", "organisation": "Noord NV"}))
        assert apply(connection, KEYS, [bo], order()).people == 1
        assert connection.scalars(select(PersonRow.name)).all() == ["Jane Roe"]
        mailbox = keyed_hashes(KEYS, [("email", "info@noord.example")])
        assert look_up(connection, [mailbox]) == [False]


@pytest.mark.parametrize("reason", ["", "He asked me", "x" * 41, "Jane"])
def test_a_reason_is_a_code(reason: str) -> None:
    with pytest.raises(UsageError, match="a code"):
        order(reason=reason)
