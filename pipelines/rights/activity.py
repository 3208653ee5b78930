"""The activity log: who did what with personal data, and when; a chain that nobody without the secret can rebuild.

Every entry is sealed by an HMAC over itself and the seal before it, so that a changed, swapped or missing entry breaks
the chain from there on. What a chain cannot show is that its end was cut off: `head` is to be noted somewhere else and
compared later (`scrapy audit --expect`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Text, insert, select, text, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from pipelines.master.activity import ActivityRow
from pipelines.rights.secret import Keyring, key_id

#: What stands in the place of a seal before the first entry.
GENESIS = "0" * 64
_PAGE = 1_000
#: Codes, ids, counts and dates: nothing in which an address or a sentence would fit.
_CODE = re.compile(r"[\w.:+/-]{0,128}")
_NO_CODE = re.compile(r"[^\w.:+/-]+")


class Action(StrEnum):
    """What is recorded; one entry for an act, however many people it was about."""

    # Processing by the operator.
    CRAWL = "crawl"
    IMPORT = "import"
    RESOLVE = "resolve"
    JUDGE = "judge"
    UNMERGE = "unmerge"
    RESCREEN = "rescreen"
    REBUILD = "rebuild"
    BACKUP = "backup"
    RESTORE = "restore"
    UPGRADE = "upgrade"
    EXPORT = "export"
    # What is done for the people.
    NOTICE = "notice"
    ACCESS = "access"
    RECTIFY = "rectify"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"
    PORT = "port"
    REQUEST = "request"
    SUPPRESS = "suppress"
    RELEASE = "release"
    CONSENT = "consent"
    WITHDRAW = "withdraw-consent"
    DROP = "drop"
    DO_NOT_CALL = "do-not-call"
    ROTATE_KEY = "rotate-key"
    RETAIN = "retain"
    # What the controller answers for.
    EVENT = "event"
    BREACH = "breach"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was recorded; `at` in UTC."""

    sequence: int
    at: datetime
    action: str
    by: str
    reference: str
    details: Mapping[str, Any]
    key_id: str
    previous: str
    hash: str

    def seal(self, key: bytes) -> str:
        """Return the hash that this entry has when nobody changed it."""
        content = [
            self.sequence, self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.action, self.by,
            self.reference, self.details, self.key_id, self.previous,
        ]  # fmt: skip
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hmac.new(_derived(key), canonical.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verification found: how many entries hold, the last seal among them, and the first that does not.

    `broken` is the sequence number of that entry, 0 when the chain holds; `reason` says what is wrong with it.
    """

    entries: int
    head: str
    broken: int = 0
    reason: str = ""


def record(
    connection: Connection,
    action: Action,
    *,
    key: bytes | Keyring,
    by: str,
    now: datetime,
    reference: str = "",
    details: Mapping[str, int | str | bool] | None = None,
) -> int:
    """Append one entry in the caller's transaction and return its sequence number.

    `key` is the operator's secret, or the keyring that holds it. `by` is who acts, `reference` the id of
    what came of it, `details` are counts, codes and ids; ValueError for anything else, because no personal value may
    stand here. Call it last in a transaction, on a connection that may write: until that ends, other appends wait for
    it, so two processes that lock anything else afterwards could wait for each other.
    """
    told = dict(details or {})
    for name, value in (("reference", reference), *told.items()):
        if not isinstance(value, int) and not _CODE.fullmatch(value):
            raise ValueError(f"{name} is not a count, a code or an id: it may be somebody's")
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE activity IN EXCLUSIVE MODE"))  # SQLite has one writer anyway
    query = select(ActivityRow.sequence, ActivityRow.hash).order_by(ActivityRow.sequence.desc()).limit(1)
    last = connection.execute(query).one_or_none()
    number, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    at = now.astimezone(UTC)
    secret = Keyring.of(key).current
    entry = Entry(number, at, action.value, by, reference, told, key_id(secret), previous, "")
    row = {
        "sequence": number, "at": at, "action": entry.action, "by": by, "reference": reference, "details": told,
        "key_id": entry.key_id, "previous": previous, "hash": entry.seal(secret),
    }  # fmt: skip
    connection.execute(insert(ActivityRow), [row])
    return number


def verify(connection: Connection, keys: Keyring, expect: str = "", earlier: Sequence[bytes] = ()) -> Proof:
    """Check the whole chain; `earlier` are secrets that are live no more, `expect` is a seal that was noted before.

    The first entry that was changed, moved, put in or taken out is named.
    """
    known = {key_id(key): key for key in (*keys.keys, *earlier)}
    number, last, met = 0, GENESIS, expect in {"", GENESIS}
    for entry in entries(connection):
        number += 1
        reason = _fault(entry, number, last, known) if entry else "it cannot be read"
        if entry is None or reason:
            return Proof(number - 1, last, number, reason)
        last = entry.hash
        met = met or last == expect
    if not met:
        return Proof(number, last, number + 1, "the log does not hold the seal noted earlier: its end was cut off")
    return Proof(number, last)


def entries(connection: Connection, since: datetime | None = None) -> Iterator[Entry | None]:
    """Yield the entries in their order, from a moment on; None for one that cannot be read, as after damage."""
    after, size = 0, _PAGE
    while True:
        try:
            page = [_entry(row) for row in connection.execute(_query(after, size, since))]
        except (ValueError, TypeError, SQLAlchemyError):
            if size == 1:
                yield None
                return
            size = 1  # one at a time up to the entry that cannot be read
            continue
        yield from page
        if len(page) < size:
            return
        after = page[-1].sequence


def head(connection: Connection) -> str:
    """Return the last seal, to be noted where nobody who can write to the store can change it."""
    query = select(ActivityRow.hash).order_by(ActivityRow.sequence.desc()).limit(1)
    return connection.scalar(query) or GENESIS


def word(declared: str) -> str:
    """Return what an operator's register calls something (a purpose, a recipient's id) as one word for an entry."""
    return _NO_CODE.sub("-", declared)[:128]


def _derived(key: bytes) -> bytes:
    return hmac.new(key, b"cardfile activity 1", hashlib.sha256).digest()


def _query(after: int, size: int, since: datetime | None):  # type: ignore[no-untyped-def]  # a Select of nine columns
    row = ActivityRow
    query = select(
        row.sequence, row.at, row.action, row.by, row.reference, type_coerce(row.details, Text).label("details"),
        row.key_id, row.previous, row.hash,
    )  # fmt: skip
    query = query.where(row.sequence > after).order_by(row.sequence).limit(size)
    return query.where(row.at >= since) if since else query


def _entry(row: Any) -> Entry:
    details = json.loads(row.details) if isinstance(row.details, str) else row.details
    return Entry(row.sequence, row.at, row.action, row.by, row.reference, details, row.key_id, row.previous, row.hash)


def _fault(entry: Entry, number: int, previous: str, keys: Mapping[str, bytes]) -> str:
    if entry.sequence != number:
        return f"it is missing; the next one is {entry.sequence}"
    if entry.previous != previous:
        return "it does not follow the one before it: one of the two was changed, or one between them is gone"
    if entry.key_id not in keys:
        return "it was sealed under another secret, or changed; an earlier secret is named with --earlier-key-file"
    if not hmac.compare_digest(entry.seal(keys[entry.key_id]).encode(), entry.hash.encode()):
        return "it was changed after it was recorded"
    return ""
