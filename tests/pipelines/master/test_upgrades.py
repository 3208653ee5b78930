"""A store of the first release, with data in it, comes forward to the schema of today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, Table, delete, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from crawler.items import Revisit
from pipelines.master.check import check
from pipelines.master.choices import SuppressionRow
from pipelines.master.database import _alembic_config, connect, current_revision, head_revision, upgrade
from pipelines.master.models import CaptureRow, DocumentRow, MentionRow, PermissionRow, SourceRow, StatementRow
from pipelines.resolution.resolver import resolve_pending
from pipelines.revisits import documents
from pipelines.rights.suppression import keyed_hash, suppress

PAGE = "http://www.noord.example/team"
SEEN = datetime(2026, 3, 1, 9, tzinfo=UTC)
CAPTURE, GRANT, MENTION, STATEMENT = ("c" * 32, "p" * 32, "a" * 32, "e" * 32)
KEY, ADDRESS = b"k" * 32, ("email", "jane@noord.example")
ROWS: dict[str, dict[str, object]] = {
    "source": {
        "id": "noord",
        "kind": "company-site",
        "publisher": "Noord NV",
        "purpose": "test",
        "legal_basis": "contract",
        "balancing_test": "",
        "balancing_hash": "",
        "retention_days": 30,
        "country": "NL",
        "language": "nl",
    },
    "permission": {
        "id": GRANT,
        "user_agent": "Cardfile",
        "robots_url": "http://www.noord.example/robots.txt",
        "robots_status": 404,
        "robots_hash": "",
        "rule": "no robots.txt (status 404)",
        "signals": [],
    },
    "capture": {
        "id": CAPTURE,
        "source_id": "noord",
        "run_id": None,
        "permission_id": GRANT,
        "url": PAGE,
        "fetched_at": SEEN,
        "content_hash": "0" * 64,
        "status": 200,
        "media_type": "text/html",
        "etag": '"v1"',
        "last_modified": "",
        "rendered": False,
    },
    "mention": {
        "id": MENTION,
        "source_id": "noord",
        "type": "person",
        "url": PAGE,
        "locator": "/html/body",
        "language": "nl",
        "country": "NL",
        "first_seen": SEEN,
        "last_seen": SEEN,
        "entity_id": None,
        "content": "",
        "pending": True,
    },
    "statement": {
        "id": STATEMENT,
        "mention_id": MENTION,
        "property": "name",
        "employment": 0,
        "original": "Jane Roe",
        "normalised": "Jane Roe",
        "evidence": "",
        "method": "card",
        "locator": "/html/body/p",
        "confidence": 0.9,
        "first_seen": SEEN,
        "last_seen": SEEN,
        "retired_at": None,
        "first_capture_id": CAPTURE,
        "last_capture_id": CAPTURE,
    },
    "suppression": {"hash": keyed_hash(KEY, ADDRESS), "kind": "email", "reason": "objection", "created_at": SEEN},
}


@pytest.fixture
def first_release(bare_url: str) -> Engine:
    engine = connect(make_url(bare_url))
    with engine.begin() as connection:
        config = _alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for name, row in ROWS.items():
            connection.execute(insert(Table(name, MetaData(), autoload_with=connection)), [row])
    return engine


def test_an_older_store_keeps_what_it_has(first_release: Engine) -> None:
    upgrade(first_release)
    assert current_revision(first_release) == head_revision()
    with first_release.begin() as connection:
        [suppression] = connection.execute(select(SuppressionRow)).all()
        assert (suppression.scope, suppression.key_id, suppression.lifted_at) == ("all", "", None)
        assert suppress(connection, KEY, [ADDRESS], "objection", SEEN) == 0  # it still holds
        [statement] = connection.execute(select(StatementRow).where(StatementRow.live())).all()
        assert (statement.normalised, statement.left_at, statement.quarantined_at) == ("Jane Roe", None, None)
        assert resolve_pending(connection)["person"] == 1
        documents.found(connection, "noord")
        [document] = connection.execute(select(DocumentRow)).all()
        assert (document.url, document.state, document.shown_at) == (PAGE, "shown", SEEN)
        [known] = documents.known(documents.load(connection, "noord"), "rules", Revisit(), SEEN)
        assert not known.conditional  # nobody knows by which rules it was read
    first_release.dispose()


def test_what_stands_on_its_page_was_last_seen_when_its_mention_was(first_release: Engine) -> None:
    before, title = SEEN - timedelta(days=30), "d" * 32
    left = {"id": title, "property": "jobTitle", "first_seen": before, "last_seen": before, "last_capture_id": "b" * 32}
    with first_release.begin() as connection:
        older = {**ROWS["capture"], "id": "b" * 32, "fetched_at": before}
        for name, row in {"capture": older, "statement": {**ROWS["statement"], **left}}.items():
            connection.execute(insert(Table(name, MetaData(), autoload_with=connection)), [row])
    upgrade(first_release)
    with first_release.connect() as connection:
        columns = (StatementRow.id, StatementRow.last_seen, StatementRow.seen(), StatementRow.shown_by())
        rows = connection.execute(select(*columns).join(MentionRow).order_by(StatementRow.id)).all()
        assert [tuple(row) for row in rows] == [
            (title, before, before, "b" * 32),
            (STATEMENT, None, SEEN, CAPTURE),
        ]
        assert {finding.invariant for finding in check(connection) if finding.broken} == {
            "no mention waits to be resolved"
        }
    with first_release.begin() as connection, pytest.raises(IntegrityError):  # references are held to again
        connection.execute(delete(CaptureRow))
    first_release.dispose()


@pytest.mark.parametrize(
    ("signals", "article"),
    [([], 14), (["gdpr-article: 14"], 14), (["received-on: 2026-03-01", "gdpr-article: 13"], 13)],
)
def test_the_receipts_say_by_which_article_people_are_told(
    first_release: Engine, signals: list[str], article: int
) -> None:
    with first_release.begin() as connection:
        connection.execute(update(PermissionRow).values(signals=signals))
    upgrade(first_release)
    with first_release.connect() as connection:
        assert connection.scalars(select(SourceRow.article)).all() == [article]
    first_release.dispose()
