"""Who has opted out stays out, and nobody can read who it was."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from crawler.items import Mention, MentionType, Property
from pipelines.errors import UsageError
from pipelines.master.database import open_store
from pipelines.master.models import SuppressionRow
from pipelines.rights.secret import secret_key
from pipelines.rights.suppression import identifiers, keyed_hash, look_up, name_at, suppress
from tests.support.readings import reading

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def jane(**changes: str) -> Mention:
    values = {"email": "jane@noord.example", "telephone": "+442079460141", "works_for": "Noord NV", **changes}
    return reading("Jane Roe", values, same_as="https://profiles.example/jane").mention


def hashes(mention: Mention) -> frozenset[str]:
    return frozenset(keyed_hash(KEY, one) for one in identifiers(mention))


@pytest.mark.parametrize(
    "suppressed",
    [
        ("email", "jane@noord.example"),
        ("telephone", "+442079460141"),
        ("url", "https://profiles.example/jane"),
        name_at("JANE  ROE", "noord nv"),
    ],
    ids=["email", "telephone", "profile", "name-at-organisation"],
)
def test_one_identifier_is_enough(database_url: str, suppressed: tuple[str, str]) -> None:
    engine = open_store(make_url(database_url))
    namesake = reading("Jane Roe", works_for="Zuid BV", email="j@zuid.example").mention
    with engine.begin() as connection:
        assert suppress(connection, KEY, [suppressed], "objection", NOW) == 1
        assert suppress(connection, KEY, [suppressed], "objection", NOW) == 0
        assert look_up(connection, [hashes(jane()), hashes(namesake), frozenset()]) == [True, False, False]
        stored = connection.execute(select(SuppressionRow)).one()
    engine.dispose()
    assert len(stored.hash) == 64
    assert suppressed[1] not in str(tuple(stored))


def test_another_key_finds_nobody() -> None:
    assert keyed_hash(KEY, ("email", "a@b.example")) != keyed_hash(b"x" * 32, ("email", "a@b.example"))


def test_an_organisation_cannot_opt_out() -> None:
    mention = jane()
    mention.type = MentionType.ORGANISATION
    assert list(identifiers(mention)) == []


def test_a_name_alone_identifies_nobody() -> None:
    mention = jane()
    mention.values = {Property.NAME: mention.all(Property.NAME)}
    assert list(identifiers(mention)) == []


def test_the_key_file_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    key = secret_key("", tmp_path / "home", production=False)
    assert secret_key("", tmp_path / "home", production=False) == key
    assert len(key) == 64
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("configured", "production", "says"), [("", True, "is not set"), ("short", False, "shorter than 32")]
)
def test_a_missing_or_weak_key_is_wrong_usage(tmp_path: Path, configured: str, *, production: bool, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        secret_key(configured, tmp_path, production=production)


def test_a_configured_key_is_used(tmp_path: Path) -> None:
    assert secret_key("s" * 32, tmp_path, production=True) == b"s" * 32
    assert list(tmp_path.iterdir()) == []
