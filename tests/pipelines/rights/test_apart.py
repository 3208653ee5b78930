"""What waits for a decision or a permission: in a table of its own, found by its own identifiers only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url

from crawler.items import Mention, MentionType
from pipelines.master.choices import ApartIdentifierRow
from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.master.statements import declare_source
from pipelines.rights import apart
from pipelines.rights.apart import Apart, Named
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import keyed_hashes, name_at, name_only
from tests.support.readings import reading, source

KEYS = Keyring(b"k" * 32)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def jane(**changes: str) -> Mention:
    values = {"email": "jane@zuid.example", "telephone": "+442079460141", "works_for": "Zuid BV", **changes}
    return reading("Jane Roe", values).mention


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        declare_source(connection, source(retention_days=400))
    yield engine
    engine.dispose()


def test_a_mention_comes_back_as_it_was() -> None:
    mention = jane(job_title="Head of IT")
    assert apart.decoded(apart.encoded(mention)) == mention


def test_what_waits_is_in_no_other_table_and_found_by_its_own_identifiers(engine: Engine) -> None:
    with engine.begin() as connection:
        apart.keep(connection, KEYS, [Apart(jane(), apart.NAMESAKE, "ab" * 32)], NOW)
        apart.keep(connection, KEYS, [Apart(jane(), apart.NAMESAKE, "ab" * 32)], NOW + timedelta(days=1))
        assert apart.counts(connection) == {"namesake": 1}
        assert connection.execute(select(MentionRow)).all() == []
        (question,) = apart.waiting(connection)
        assert (question.kept_at, question.mention) == (NOW, jane())
        for one, found in (
            (("email", "jane@zuid.example"), [question.id]),
            (name_at("jane roe", "ZUID BV"), [question.id]),
            (name_only("Jane Roe"), []),  # somebody else's name: their requests must not reach it
            (("email", "jane@noord.example"), []),
        ):
            assert apart.having(connection, keyed_hashes(KEYS, [one])) == found
        assert apart.content(connection, [question.id]) == {question.id: jane()}
        assert apart.matching(connection, question.id[:6]) == [question.id]
        assert apart.forget(connection, [question.id]) == 1
        assert connection.execute(select(ApartIdentifierRow)).all() == []


@pytest.mark.parametrize(
    ("reason", "kept", "now", "gone"),
    [
        (apart.NAMESAKE, 0, 90, 0),
        (apart.NAMESAKE, 0, 91, 1),
        (apart.UPLOAD, 0, 91, 0),
        (apart.UPLOAD, 0, 600, 1),
    ],
)
def test_what_waits_too_long_is_forgotten(engine: Engine, reason: str, kept: int, now: int, gone: int) -> None:
    with engine.begin() as connection:
        apart.keep(connection, KEYS, [Apart(jane(), reason)], NOW + timedelta(days=kept))
        assert apart.expire(connection, NOW + timedelta(days=now)) == gone


@pytest.mark.parametrize(
    ("other", "known"),
    [
        (jane(), True),
        (jane(telephone="+442079460199", works_for="Third NV"), True),
        (jane(email="other@zuid.example", telephone="+442079460199", works_for="Third NV"), False),
        (reading("Jan Roe", email="jane@zuid.example").mention, False),
    ],
    ids=["the same", "the same address", "another namesake", "another name"],
)
def test_a_decision_holds_for_the_name_with_one_of_the_identifiers(engine: Engine, other: Mention, known: bool) -> None:
    assert other.capture
    with engine.begin() as connection:
        apart.clear(connection, KEYS, Named(["Jane Roe"], list(Named.of(jane()).identifiers), []), "A. Reviewer", NOW)
        assert apart.cleared(connection, KEYS, [Named.of(other)]) == [known]
        assert apart.cleared(connection, Keyring(b"n" * 32, (b"k" * 32,)), [Named.of(other)]) == [known]


def test_an_organisation_has_no_namesakes() -> None:
    mention = jane()
    mention.type = MentionType.ORGANISATION
    assert list(apart.named(mention)) == []
