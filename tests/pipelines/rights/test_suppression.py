"""Who has opted out stays out, and nobody can read who it was."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy.settings import Settings
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from crawler.items import Mention, MentionType, Property
from pipelines.errors import UsageError
from pipelines.master.choices import SuppressionRow
from pipelines.master.database import open_store
from pipelines.rights.consents import Act, live, record
from pipelines.rights.secret import Keyring, keyring, secret_key
from pipelines.rights.suppression import (
    ALL,
    NO_EMAIL,
    NOTHING,
    RESTRICTION,
    SALE,
    adopt,
    by_key,
    for_purpose,
    identifiers,
    keyed_hash,
    keyed_hashes,
    lift,
    look_up,
    name_at,
    name_only,
    renew,
    require_scope,
    standings,
    suppress,
)
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


OLD, NEW = Keyring(KEY), Keyring(b"n" * 32, (KEY,))
WHO = [("email", "jane@noord.example")]


def of_jane(keys: Keyring) -> frozenset[str]:
    return keyed_hashes(keys, identifiers(jane()))


@pytest.mark.parametrize(
    ("scope", "out", "out_for_research"),
    [
        (ALL, True, True),
        (for_purpose("research"), False, True),
        (RESTRICTION, False, False),
        (NO_EMAIL, False, False),
        (SALE, False, False),
    ],
)
def test_an_entry_has_a_scope(database_url: str, scope: str, out: bool, out_for_research: bool) -> None:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        suppress(connection, OLD, WHO, "objection", NOW, scope=scope)
        assert suppress(connection, OLD, WHO, "objection", NOW, scope=scope) == 0
        (standing,) = standings(connection, [of_jane(OLD)])
        assert (standing.out(), standing.out("research"), standing.scopes) == (
            out,
            out_for_research,
            frozenset({scope}),
        )
        assert lift(connection, OLD, WHO, NOW, scope=scope) == 1
        assert standings(connection, [of_jane(OLD)]) == [NOTHING]
        assert suppress(connection, OLD, WHO, "objection", NOW, scope=scope) == 1  # it stands again
        assert standings(connection, [of_jane(OLD)])[0].scopes == {scope}
    engine.dispose()


@pytest.mark.parametrize("scope", ["", "everything", "purpose:", "channel:fax", f"purpose:{'x' * 80}"])
def test_an_unknown_scope_is_wrong_usage(scope: str) -> None:
    with pytest.raises(UsageError, match="is no scope"):
        require_scope(scope)


@pytest.mark.parametrize(
    ("scope", "purpose", "asks"),
    [
        (ALL, "", True), (ALL, "research", True), (for_purpose("research"), "research", True),
        (for_purpose("research"), "directory", False), (RESTRICTION, "research", False), (NO_EMAIL, "", False),
    ],
)  # fmt: skip
def test_a_name_alone_asks_and_puts_nobody_out(database_url: str, scope: str, purpose: str, asks: bool) -> None:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        suppress(connection, OLD, [name_only("ROE, Jane")], "erasure", NOW, scope=scope)
        (standing,) = standings(connection, [keyed_hashes(OLD, [*identifiers(jane()), name_only("Jane Roe")])])
        assert not standing.out(purpose)
        assert bool(standing.namesake(purpose)) is asks
    engine.dispose()


def test_a_key_is_exchanged_value_by_value(database_url: str) -> None:
    engine = open_store(make_url(database_url))
    said = Act("given", "directory", "email", NOW, "optin@1", "ab" * 32, "paper", "box 7")
    with engine.begin() as connection:
        suppress(connection, OLD, [*WHO, ("email", "never.seen@noord.example")], "objection", NOW)
        record(connection, OLD, WHO, said, by="op", now=NOW)
        connection.execute(update(SuppressionRow).values(key_id=""))  # from before keys had ids
        assert adopt(connection, NEW) == 2
        assert look_up(connection, [of_jane(NEW), of_jane(Keyring(b"n" * 32))]) == [True, False]
        assert suppress(connection, NEW, WHO, "objection", NOW) == 0  # known under the old key
        assert renew(connection, NEW, identifiers(jane())) == 1
        assert by_key(connection) == {OLD.id: 1, NEW.id: 2}
        assert look_up(connection, [of_jane(Keyring(b"n" * 32))]) == [True]
        assert live(connection, [keyed_hashes(Keyring(b"n" * 32), WHO)], "directory", NOW) == [{"email"}]
        assert renew(connection, NEW, identifiers(jane())) == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("previous", "says"), [("short", "shorter than 32"), ("s" * 32, "repeats a key"), (f"{'o' * 32},x", "shorter")]
)
def test_wrong_keys_of_before_are_told(tmp_path: Path, previous: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        keyring(configured(tmp_path, previous))


def test_keys_of_before_are_read_newest_first(tmp_path: Path) -> None:
    found = keyring(configured(tmp_path, f"{'o' * 32}, {'p' * 32}"))
    assert found.keys == (b"s" * 32, b"o" * 32, b"p" * 32)
    assert "oooo" not in repr(found)


def configured(home: Path, previous: str) -> Settings:
    own = {"CARDFILE_SECRET": "s" * 32, "CARDFILE_SECRET_PREVIOUS": previous, "CARDFILE_HOME": str(home)}
    return Settings({**own, "CARDFILE_PRODUCTION": True})
