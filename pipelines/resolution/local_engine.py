"""Proposing and weighing all pairs of a store on one machine: DuckDB joins the keys, NumPy and rapidfuzz compare.

Memory is bounded by the keys (16 bytes each), the proposed pairs (8 bytes each) and `CACHE` prepared records; records
beyond that are read from the store again when their pair's turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import duckdb
import numpy as np

from pipelines.resolution import keys
from pipelines.resolution.comparison import Comparison
from pipelines.resolution.judgements import Pair
from pipelines.resolution.many_weighings import weigh_all
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics

T = TypeVar("T")
#: Pairs that are weighed at a time, and prepared records that are kept, about 1.2 kB each.
CHUNK, CACHE = 50_000, 300_000
#: Reads records by id and prepares them; one without a name is left out.
Reader = Callable[[Collection[str]], dict[str, Prepared]]


class Progress(Protocol):
    """Wraps an iterable to show how far it is: the iterable, a label, the number of items or None."""

    def __call__(self, items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """Iterate."""


class PairEngine(Protocol):
    """How all pairs of one type are found and weighed; another engine has to give the same pairs."""

    def __call__(
        self,
        names: Sequence[str],
        numbers: Iterable[tuple[int, keys.Telling]],
        read: Reader,
        statistics: Statistics,
        progress: Progress,
    ) -> Iterator[dict[Pair, Comparison]]:
        """Yield, in groups, the pairs that are worth a judgement.

        `names` are the ids of the records, sorted; `numbers` yields a place in `names` with the record's
        blocking keys and what they tell, more than once for a record when keys of it were too large.
        """


def local(
    names: Sequence[str],
    numbers: Iterable[tuple[int, keys.Telling]],
    read: Reader,
    statistics: Statistics,
    progress: Progress,
) -> Iterator[dict[Pair, Comparison]]:
    """Yield the pairs that are worth a judgement: the `PairEngine` of one machine."""
    pairs = propose(numbers)
    cache: dict[str, Prepared] = {}
    starts = range(0, len(pairs), CHUNK)
    for start in progress(starts, f"comparing {len(pairs)} pairs", len(starts)):
        chosen = [(names[a], names[b]) for a, b in pairs[start : start + CHUNK].tolist()]
        _fill(cache, {name for pair in chosen for name in pair}, read)
        yield weigh_all(cache, chosen, statistics)


def propose(numbers: Iterable[tuple[int, keys.Telling]]) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the distinct pairs of places, sorted, a row a pair.

    They share keys of at most `keys.LARGEST` records each that tell enough together (`keys.pairs`).
    """
    hashes: list[np.ndarray[Any, Any]] = [np.empty(0, dtype=np.int64)]
    places: list[np.ndarray[Any, Any]] = [np.empty(0, dtype=np.int32)]
    told: list[np.ndarray[Any, Any]] = [np.empty(0, dtype=np.int32)]
    for place, found in numbers:
        hashes.append(np.array(list(found), dtype=np.int64))
        places.append(np.full(len(found), place, dtype=np.int32))
        told.append(np.array(list(found.values()), dtype=np.int32))
        if len(hashes) > 50_000:  # many small arrays cost more than what is in them
            hashes, places, told = ([np.concatenate(arrays)] for arrays in (hashes, places, told))
    held = {"key": np.concatenate(hashes), "place": np.concatenate(places), "told": np.concatenate(told)}
    with duckdb.connect() as database:
        database.execute("SET threads = 2")
        database.execute("SET memory_limit = '1GB'")
        database.register("held", held)
        columns = database.execute(_PROPOSE, {"largest": keys.LARGEST, "strong": keys.STRONG}).fetchnumpy()
    return np.stack([columns["a"], columns["b"]], axis=1).astype(np.int32)


_PROPOSE = """
WITH telling AS (SELECT key FROM held GROUP BY key HAVING count(*) BETWEEN 2 AND $largest),
     shared AS (SELECT key, place, told FROM held SEMI JOIN telling USING (key))
SELECT one.place AS a, other.place AS b
FROM shared AS one JOIN shared AS other ON one.key = other.key AND one.place < other.place
GROUP BY a, b
HAVING bool_or(one.told = $strong) OR min(one.told) < max(one.told)
ORDER BY a, b
"""


def _fill(cache: dict[str, Prepared], wanted: Collection[str], read: Reader) -> None:
    """Make the wanted records available, dropping the oldest of the others when there are too many."""
    missing = [name for name in wanted if name not in cache]
    over = len(cache) + len(missing) - CACHE
    if over > 0:
        for name in [name for name in cache if name not in wanted][:over]:
            del cache[name]
    cache.update(read(missing))


#: The engines by the name that `scrapy resolve --engine` takes.
ENGINES: Mapping[str, PairEngine] = {"local": local}
