"""Keeping a person out for good, without keeping who it is.

Who objects (Article 21 GDPR) or was erased (Article 17) must not come back with the next crawl. That needs a
memory, which is an HMAC of each identifier, useless without the operator's key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from crawler.items import Mention, MentionType, Property
from pipelines.master.ids import name_key
from pipelines.master.models import SuppressionRow
from pipelines.master.upsert import chunks, upsert

#: An identifier of a person: its kind ("email", "telephone", "url", "name") and its normalised value.
Identifier = tuple[str, str]

#: The properties that identify a person for good, and the kind of identifier that each is.
KINDS = {
    Property.EMAIL: "email",
    Property.TELEPHONE: "telephone",
    Property.URL: "url",
    Property.SAME_AS: "url",
}


def name_at(name: str, organisation: str) -> Identifier:
    """Return the identifier of a name at an organisation; a name alone would silence every namesake."""
    return "name", f"{name_key(name)}\x1f{name_key(organisation)}"


def identifiers(mention: Mention) -> Iterator[Identifier]:
    """Yield what identifies the person of a validated mention; nothing for an organisation."""
    if mention.type is not MentionType.PERSON:
        return
    for prop, value in mention:
        if kind := KINDS.get(prop):
            yield kind, value.normalised or value.text
    for employer in mention.all(Property.WORKS_FOR):
        yield name_at(mention.text(Property.NAME), employer.normalised or employer.text)


def keyed_hash(key: bytes, identifier: Identifier) -> str:
    """Return the HMAC-SHA-256 of an identifier in hex."""
    return hmac.new(key, "\x1f".join(identifier).encode(), hashlib.sha256).hexdigest()


def suppress(connection: Connection, key: bytes, suppressed: Collection[Identifier], reason: str, now: datetime) -> int:
    """Add identifiers to the suppression list and return how many were new to it."""
    rows = {keyed_hash(key, one): one[0] for one in suppressed}
    known = _known(connection, rows)
    new = [
        {"hash": digest, "kind": kind, "reason": reason, "created_at": now}
        for digest, kind in rows.items()
        if digest not in known
    ]
    upsert(connection, SuppressionRow, new)
    return len(new)


def look_up(connection: Connection, groups: Sequence[frozenset[str]]) -> list[bool]:
    """Tell for each group of keyed hashes whether one of them is suppressed."""
    known = _known(connection, {digest for group in groups for digest in group})
    return [any(digest in known for digest in group) for group in groups]


def _known(connection: Connection, digests: Collection[str]) -> set[str]:
    found: set[str] = set()
    for chunk in chunks(digests):
        found.update(connection.scalars(select(SuppressionRow.hash).where(SuppressionRow.hash.in_(chunk))))
    return found
