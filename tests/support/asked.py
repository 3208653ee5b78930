"""Requests against a small store, as a command would handle them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from crawler.items import Property
from pipelines.requests.cases import Ask, Case, Desk, open_cases
from pipelines.requests.naming import named
from pipelines.requests.rules import Identity, Kind
from pipelines.rights.register import load
from pipelines.rights.secret import Keyring
from tests.support.reported import Seen
from tests.support.rights import written

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = Keyring(b"s" * 32)
SWITCHBOARD = "+442079460100"
JANE = {
    Property.NAME: "Jane Roe",
    Property.JOB_TITLE: "Director",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "jane.roe@noord.example",
    Property.TELEPHONE: SWITCHBOARD,
}
BO = {
    Property.NAME: "Bo Zuid",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "bo.zuid@noord.example",
    Property.TELEPHONE: SWITCHBOARD,
}
#: A namesake at another firm.
OTHER = {Property.NAME: "Jane Roe", Property.WORKS_FOR: "Zuid BV", Property.EMAIL: "jane@zuid.example"}
SEEN = (
    Seen(JANE),
    Seen({**JANE, Property.NAME: "J. Roe"}, source="press", url="http://press.example/jane-roe"),
    Seen(BO),
    Seen(OTHER, source="zuid", url="http://zuid.example/team"),
)


def desk(folder: Path) -> Desk:
    """What requests are handled with."""
    return Desk(KEYS, load(written(folder)), NOW, "an officer")


def asked(
    connection: Connection,
    at: Desk,
    kind: Kind,
    *people: Mapping[str, str],
    identity: Identity = Identity.KNOWN,
    details: Mapping[str, Any] | None = None,
) -> Sequence[Case]:
    """Return the cases of requests that came in today."""
    asks = [Ask(kind, named(one), at.today, identity, details=details or {}) for one in people]
    return open_cases(connection, asks, at)
