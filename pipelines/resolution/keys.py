"""Blocking keys in the store, as numbers: a key names a person, its hash does not, and a number is a small row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b

from sqlalchemy import Connection, delete

from pipelines.master.models import BlockKeyRow
from pipelines.master.upsert import chunks, upsert
from pipelines.resolution import blocking
from pipelines.resolution.preparation import Prepared


def numbers(one: Prepared, crowded: frozenset[str] = frozenset()) -> tuple[int, ...]:
    """Return the blocking keys of a record as sorted 64-bit numbers; people and organisations never share one."""
    found = (f"{one.type}\x1f{key}" for key in blocking.keys(one, crowded))
    hashed = (blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in found)
    return tuple(sorted({int.from_bytes(value, "big", signed=True) for value in hashed}))


def write(connection: Connection, changed: Collection[str], keys: Iterable[tuple[str, tuple[int, ...]]]) -> None:
    """Replace the keys of the changed mentions by those given as (mention, numbers)."""
    for chunk in chunks(sorted(changed)):
        connection.execute(delete(BlockKeyRow).where(BlockKeyRow.mention_id.in_(chunk)))
    upsert(connection, BlockKeyRow, [{"key": key, "mention_id": one} for one, numbers in keys for key in numbers])
