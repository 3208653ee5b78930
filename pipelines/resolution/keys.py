"""Blocking keys in the store, as numbers: a key names a person, its hash does not, and a number is a small row.

A key that more than `LARGEST` records share proposes nothing: so many pairs would be compared for the sake of a fact
that hardly anybody lacks, and other keys propose the pairs that are one. The rule looks at nothing but the set of
records, so the order in which they came makes no difference; when a key crosses the line, its block is looked at again.
`scrapy resolve` splits such keys by a second one (`blocking.refined`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b

from sqlalchemy import Connection, delete, func, select

from pipelines.master.models import BlockKeyRow
from pipelines.master.upsert import chunks, upsert
from pipelines.resolution import blocking
from pipelines.resolution.judgements import Pair, ordered
from pipelines.resolution.preparation import Prepared

#: The most records that one key proposes to compare with one another.
LARGEST = 200


def numbers(one: Prepared, crowded: frozenset[str] = frozenset()) -> tuple[int, ...]:
    """Return the blocking keys of a record as sorted 64-bit numbers; people and organisations never share one."""
    found = (f"{one.type}\x1f{key}" for key in blocking.keys(one, crowded))
    hashed = (blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest() for key in found)
    return tuple(sorted({int.from_bytes(value, "big", signed=True) for value in hashed}))


def write(connection: Connection, gone: Collection[str], now: Mapping[str, tuple[int, ...]]) -> set[str]:
    """Replace the keys of mentions by what they have now.

    Returns the other mentions whose pairs are to be looked at again, because a key of theirs crossed the line.
    """
    balance: Counter[int] = Counter()
    for some in chunks(sorted({*gone, *now})):
        held = BlockKeyRow.mention_id.in_(some)
        balance.subtract(connection.scalars(select(BlockKeyRow.key).where(held)))
        connection.execute(delete(BlockKeyRow).where(held))
    for keys in now.values():
        balance.update(keys)
    upsert(connection, BlockKeyRow, [{"key": key, "mention_id": one} for one, keys in now.items() for key in keys])
    size = sizes(connection, (key for key, change in balance.items() if change))
    crossed = [
        key for key, change in balance.items() if change and (size[key] > LARGEST) != (size[key] - change > LARGEST)
    ]
    found: set[str] = set()
    for chunk in chunks(sorted(crossed)):
        found.update(connection.scalars(select(BlockKeyRow.mention_id).where(BlockKeyRow.key.in_(chunk))))
    return found - set(now)


def sizes(connection: Connection, keys: Iterable[int]) -> Counter[int]:
    """Return how many mentions share each key."""
    found: Counter[int] = Counter()
    for chunk in chunks(sorted(set(keys))):
        rows = connection.execute(
            select(BlockKeyRow.key, func.count()).where(BlockKeyRow.key.in_(chunk)).group_by(BlockKeyRow.key)
        ).all()
        found.update({row[0]: row[1] for row in rows})
    return found


def pairs(connection: Connection, now: Mapping[str, tuple[int, ...]]) -> list[Pair]:
    """Return the pairs of one of these mentions and another that share a key, each once, in order."""
    size = sizes(connection, (key for keys in now.values() for key in keys))
    telling = [key for key, count in size.items() if 1 < count <= LARGEST]
    blocks: dict[int, list[str]] = defaultdict(list)
    for chunk in chunks(sorted(telling)):
        rows = connection.execute(
            select(BlockKeyRow.key, BlockKeyRow.mention_id).where(BlockKeyRow.key.in_(chunk))
        ).all()
        for key, mention in rows:
            blocks[key].append(mention)
    found = {
        ordered(one, other)
        for one, keys in now.items()
        for key in keys
        for other in blocks.get(key, ())
        if other != one
    }
    return sorted(found)
