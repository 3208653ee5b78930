"""What was learnt from the store, frozen under a version: a pair scores the same today and in a year.

Only `scrapy resolve` makes a new version. Names, numbers and addresses are kept as hashes of eight bytes, because a
count needs no name: what was learnt from somebody does not keep them in the store when they are erased. Words of
organisations' names and of job titles stay readable, as aliases are relations between them.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

from sqlalchemy import Connection, select, update

from pipelines.master.models import StatisticsRow
from pipelines.master.upsert import upsert
from pipelines.resolution.statistics import Statistics

V = TypeVar("V")

#: Tables of relations between organisations' names; every other table is a count or a look-up and is kept by hash.
_READABLE = frozenset({"aliases"})
#: Versions kept in memory: the one in use and, while a new one is made, the next.
_KEPT = 2
#: Levels of pairs of employers that one process remembers before it starts anew: about 100 MB.
_MEMO = 500_000
_loaded: dict[str, Statistics] = {}


class Hashed(dict[str, V]):
    """A table whose keys are hashes; it is asked with the plain key."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under a plain key."""
        return super().get(_hash(key), default)

    def __getitem__(self, key: str) -> V:
        return super().__getitem__(_hash(key))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(_hash(key))


def current(connection: Connection) -> Statistics:
    """Return the version in use, or what is known of names in general when none was learnt yet."""
    version = version_in_use(connection)
    if version not in _loaded:
        while len(_loaded) >= _KEPT:
            del _loaded[next(iter(_loaded))]
        data = connection.scalar(select(StatisticsRow.data).where(StatisticsRow.id == version)) if version else None
        _loaded[version] = thaw(data) if data else Statistics()
    found = _loaded[version]
    if len(found.memo) > _MEMO:
        found.memo.clear()
    return found


def version_in_use(connection: Connection) -> str:
    """Return the id of the version in use, "" for none."""
    return connection.scalar(select(StatisticsRow.id).where(StatisticsRow.in_use)) or ""


def keep(connection: Connection, statistics: Statistics, mentions: int, now: datetime) -> str:
    """Store statistics as the version in use and return its id; equal statistics are one version."""
    data = freeze(statistics)
    version = blake2b(data, digest_size=6).hexdigest()
    connection.execute(update(StatisticsRow).where(StatisticsRow.id != version).values(in_use=False, data=b""))
    row = {"id": version, "made_at": now, "mentions": mentions, "data": data, "in_use": True}
    upsert(connection, StatisticsRow, [row], lambda _, offered: {"in_use": True, "data": offered["data"]})
    return version


def freeze(statistics: Statistics) -> bytes:
    """Return statistics as compressed JSON; equal ones give equal bytes."""
    table: dict[str, Any] = {}
    for item in fields(statistics):
        value = getattr(statistics, item.name)
        if isinstance(value, dict) and not isinstance(value, Hashed) and item.name not in _READABLE:
            value = {_hash(key): found for key, found in value.items()}
        table[item.name] = sorted(value) if isinstance(value, frozenset) else value
    return zlib.compress(json.dumps(table, sort_keys=True, ensure_ascii=False).encode(), 6)


def thaw(data: bytes) -> Statistics:
    """Read what `freeze` wrote; a table that this program no longer knows is left out."""
    table = json.loads(zlib.decompress(data))
    known: dict[str, Any] = {}
    for item in fields(Statistics):
        if item.name in table:
            value = table[item.name]
            hashed = isinstance(value, dict) and item.name not in _READABLE
            known[item.name] = Hashed(value) if hashed else frozenset(value) if isinstance(value, list) else value
    return Statistics(**known)


@lru_cache(maxsize=1 << 16)
def _hash(key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
