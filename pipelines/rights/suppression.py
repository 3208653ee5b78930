"""Keeping a person out for good, without keeping who it is.

Who objects (Article 21 GDPR), restricts (Article 18) or was erased (Article 17) must not come back with the next crawl.
That needs a memory, which is an HMAC of each identifier, useless without the operator's key. An entry has a scope:

    all                     the person stays out of the store and of every export
    restriction             kept, and neither exported nor otherwise used (Article 18)
    sale                    kept, and sold or shared with nobody (California Civil Code 1798.120)
    channel:email           kept; no e-mail address leaves, and the person is not written to
    channel:telephone       kept; no telephone number leaves ("do not call")
    purpose:<purpose>       nothing is read, kept or exported for that purpose (Article 21)

A key is either bytes (one key) or a `Keyring`: look-ups try every live key, new entries are made with the current one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from crawler.items import Mention, MentionType, Property
from pipelines.errors import UsageError
from pipelines.master.choices import ConsentRow, SuppressionRow
from pipelines.master.ids import name_key
from pipelines.master.upsert import chunks, upsert
from pipelines.rights.secret import Keyring

#: An identifier of a person: its kind ("email", "telephone", "url", "name", "name-only") and its normalised value.
Identifier = tuple[str, str]

#: The properties that identify a person for good, and the kind of identifier that each is.
KINDS = {
    Property.EMAIL: "email",
    Property.TELEPHONE: "telephone",
    Property.URL: "url",
    Property.SAME_AS: "url",
}
ALL = "all"
RESTRICTION = "restriction"
SALE = "sale"
NO_EMAIL = "channel:email"
NO_TELEPHONE = "channel:telephone"
_PURPOSE = "purpose:"
_PLAIN = (ALL, RESTRICTION, SALE, NO_EMAIL, NO_TELEPHONE)
NAME_ONLY = "name-only"
#: Characters of a scope; the column is no wider.
_LONGEST = 80


def for_purpose(purpose: str) -> str:
    """Return the scope of a purpose."""
    return f"{_PURPOSE}{purpose}"


def require_scope(scope: str) -> str:
    """Return a scope that is known; raises UsageError for another one."""
    if scope in _PLAIN:
        return scope
    if scope.startswith(_PURPOSE) and len(_PURPOSE) < len(scope) <= _LONGEST:
        return scope
    raise UsageError(f"{scope!r} is no scope; use {', '.join(_PLAIN)}, or {_PURPOSE}NAME with the name of a purpose.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against a person: the scopes of the entries that name one of the identifiers.

    `names` are (scope, hash) of suppressed names that equal the person's. A name alone decides nothing.
    """

    scopes: frozenset[str] = frozenset()
    names: tuple[tuple[str, str], ...] = ()

    def out(self, purpose: str = "") -> bool:
        """Return whether nothing about the person may be read or kept for a purpose (any, when none is named)."""
        return ALL in self.scopes or bool(purpose and for_purpose(purpose) in self.scopes)

    def namesake(self, purpose: str = "") -> str:
        """Return the hash of the name of somebody who is out for a purpose, which this person has too, or nothing.

        It is a reason to ask somebody: the same person at a new employer, or another one.
        """
        asked = {ALL, for_purpose(purpose)} if purpose else {ALL}
        return next((digest for scope, digest in self.names if scope in asked), "")

    @property
    def restricted(self) -> bool:
        """Whether the person's data are kept and not used (Article 18)."""
        return RESTRICTION in self.scopes


NOTHING = Standing()


def name_at(name: str, organisation: str) -> Identifier:
    """Return the identifier of a name at an organisation; a name alone would silence every namesake."""
    return "name", f"{name_key(name)}\x1f{name_key(organisation)}"


def name_only(name: str) -> Identifier:
    """Return the identifier of a name alone, its words in any order: it asks a question and never puts anybody out."""
    return NAME_ONLY, " ".join(sorted(name_key(name).replace(",", " ").split()))


def identifiers(mention: Mention) -> Iterator[Identifier]:
    """Yield what identifies the person of a validated mention; nothing for an organisation, and no name alone."""
    if mention.type is not MentionType.PERSON:
        return
    for prop, value in mention:
        if kind := KINDS.get(prop):
            yield kind, value.normalised or value.text
    for employer in mention.all(Property.WORKS_FOR):
        yield name_at(mention.text(Property.NAME), employer.normalised or employer.text)


def keyed_hash(key: bytes | Keyring, identifier: Identifier) -> str:
    """Return the HMAC-SHA-256 of an identifier in hex, under the current key."""
    return _hmac(Keyring.of(key).current, identifier)


def keyed_hashes(key: bytes | Keyring, suppressed: Iterable[Identifier]) -> frozenset[str]:
    """Return the hashes of identifiers under every live key: what a look-up asks for."""
    live = Keyring.of(key).keys
    return frozenset(_hmac(one, identifier) for identifier in suppressed for one in live)


def _hmac(key: bytes, identifier: Identifier) -> str:
    return hmac.digest(key, "\x1f".join(identifier).encode(), hashlib.sha256).hex()


def suppress(
    connection: Connection,
    key: bytes | Keyring,
    suppressed: Collection[Identifier],
    reason: str,
    now: datetime,
    *,
    scope: str = ALL,
) -> int:
    """Add identifiers to the suppression list in a scope and return how many were new to it.

    `reason` is a code such as "objection" or "erasure", never free text about the person. An entry that was lifted
    stands again. Give all identifiers of a person at once (`pipelines.upkeep.suppressing` gathers them), so that the
    entry still holds when an unmerge parts them. What is stored already is not touched here.
    """
    keys = Keyring.of(key)
    require_scope(scope)
    made = {one: [_hmac(live, one) for live in keys.keys] for one in dict.fromkeys(suppressed)}
    standing = _scopes(connection, {digest for digests in made.values() for digest in digests})
    rows = [
        {
            "hash": digests[0],
            "scope": scope,
            "key_id": keys.id,
            "kind": one[0],
            "reason": reason,
            "created_at": now,
            "lifted_at": None,
        }
        for one, digests in made.items()
        if not any(scope in standing.get(digest, ()) for digest in digests)
    ]
    renewed = ("key_id", "reason", "created_at", "lifted_at")
    upsert(connection, SuppressionRow, rows, lambda _, offered: {name: offered[name] for name in renewed})
    return len(rows)


def lift(
    connection: Connection, key: bytes | Keyring, suppressed: Iterable[Identifier], now: datetime, *, scope: str
) -> int:
    """End the entries of identifiers in one scope, because the person has taken them back; return how many ended."""
    ended = 0
    for chunk in chunks(keyed_hashes(key, suppressed)):
        one = update(SuppressionRow).where(SuppressionRow.hash.in_(chunk), SuppressionRow.scope == scope)
        ended += connection.execute(one.where(SuppressionRow.lifted_at.is_(None)).values(lifted_at=now)).rowcount
    return ended


def look_up(connection: Connection, groups: Sequence[frozenset[str]]) -> list[bool]:
    """Tell for each group of keyed hashes whether one of them is suppressed in the scope `all`."""
    return [standing.out() for standing in standings(connection, groups)]


def standings(connection: Connection, groups: Sequence[Collection[str]]) -> list[Standing]:
    """Tell for each group of keyed hashes (`keyed_hashes`), one group a person, what stands against that person.

    A group may hold the hash of the name alone, which is told apart from the others (`Standing.names`).
    """
    found = _entries(connection, {digest for group in groups for digest in group})
    return [_standing(group, found) for group in groups]


def _standing(group: Collection[str], found: dict[str, list[tuple[str, str]]]) -> Standing:
    hits = [(digest, scope, kind) for digest in group if digest in found for scope, kind in found[digest]]
    if not hits:
        return NOTHING
    names = tuple(sorted((scope, digest) for digest, scope, kind in hits if kind == NAME_ONLY))
    return Standing(frozenset(scope for _, scope, kind in hits if kind != NAME_ONLY), names)


def renew(connection: Connection, keys: Keyring, seen: Iterable[Identifier]) -> int:
    """Move entries and consents that an older key made to the current key, now that the values are seen.

    Returns how many entries of the suppression list moved.
    """
    moved = 0
    newest = {_hmac(old, one): _hmac(keys.current, one) for one in set(seen) for old in keys.previous}
    for chunk in chunks(newest):
        rows = connection.execute(select(SuppressionRow.__table__).where(SuppressionRow.hash.in_(chunk))).mappings()
        fresh = [{**row, "hash": newest[row["hash"]], "key_id": keys.id} for row in rows]
        upsert(connection, SuppressionRow, fresh)
        connection.execute(delete(SuppressionRow).where(SuppressionRow.hash.in_(chunk)))
        for digest in connection.scalars(select(ConsentRow.hash).where(ConsentRow.hash.in_(chunk)).distinct()).all():
            acts = update(ConsentRow).where(ConsentRow.hash == digest)
            connection.execute(acts.values(hash=newest[digest], key_id=keys.id))
        moved += len(fresh)
    return moved


def adopt(connection: Connection, keys: Keyring) -> int:
    """Note which key made the entries of before keys had ids: the oldest that is live. Return how many there were."""
    nameless = update(SuppressionRow).where(SuppressionRow.key_id == "")
    return connection.execute(nameless.values(key_id=Keyring(keys.keys[-1]).id)).rowcount


def by_key(connection: Connection) -> dict[str, int]:
    """Return how many entries and acts of consent each key has made, by key id: an old key can go when it has none."""
    found: Counter[str] = Counter()
    for table in (SuppressionRow, ConsentRow):
        rows = connection.execute(select(table.key_id, func.count()).group_by(table.key_id))
        found.update({row[0]: row[1] for row in rows})
    return dict(found)


def _scopes(connection: Connection, digests: Collection[str]) -> dict[str, set[str]]:
    entries = _entries(connection, digests)
    return {digest: {scope for scope, _ in found} for digest, found in entries.items()}


def _entries(connection: Connection, digests: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the live entries of some hashes: hash → (scope, kind)."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    columns = (SuppressionRow.hash, SuppressionRow.scope, SuppressionRow.kind)
    for chunk in chunks(digests):
        rows = select(*columns).where(SuppressionRow.hash.in_(chunk), SuppressionRow.lifted_at.is_(None))
        for digest, scope, kind in connection.execute(rows):
            found[digest].append((scope, kind))
    return found
