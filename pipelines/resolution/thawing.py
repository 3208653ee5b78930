"""Statistics as bytes, names as hashes: what is kept in the store, and what is sent to the executors of Spark. Pure."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from hashlib import blake2b
from typing import Any, TypeVar

from pipelines.resolution.remembering import remembered
from pipelines.resolution.statistics import Statistics

V = TypeVar("V")

#: Tables of relations between organisations' names; every other table is a count or a look-up and is kept by hash.
_READABLE = frozenset({"aliases"})


class Hashed(dict[str, V]):
    """A table whose keys are hashes; it is asked with the plain key."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under a plain key."""
        return super().get(_hash(key), default)

    def __getitem__(self, key: str) -> V:
        return super().__getitem__(_hash(key))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(_hash(key))


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


@remembered(1 << 13)
def _hash(key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
