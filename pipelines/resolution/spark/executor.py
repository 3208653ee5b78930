"""What Spark's workers run: weighing pairs, with the same pure code as one machine does. No store, no Spark.

A pair comes with both records as bytes; a worker keeps what it has read of a partition, so that a record is read once
for all its pairs when these come sorted.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipelines.resolution.comparison import Comparison, Evidence
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.thawing import thaw
from pipelines.resolution.weighing import weigh

if TYPE_CHECKING:
    from pandas import DataFrame

#: The columns of what comes out; a pair that is worth no judgement does not.
WEIGHED = "a int, b int, bits double, probability double, veto string, evidence string"
#: Prepared records that a worker keeps, about 1.2 kB each.
KEPT = 50_000


def packed(record: Prepared) -> bytes:
    """Return a record as bytes for `unpacked`."""
    return pickle.dumps(record, protocol=5)


def weighed(pairs: Iterable[tuple[int, int, bytes, bytes]], frozen: bytes) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of `WEIGHED` for pairs of places with their records; `frozen` are statistics as bytes."""
    statistics = _thawed(frozen)
    known: dict[int, Prepared] = {}
    for a, b, one, other in pairs:
        if len(known) >= KEPT:
            known.clear()
        for place, record in ((a, one), (b, other)):
            if place not in known:
                known[place] = pickle.loads(record)  # noqa: S301  our own bytes, from a folder of ours
        pair = (known[a].id, known[b].id)
        if found := weigh({known[a].id: known[a], known[b].id: known[b]}, pair, statistics):
            said = json.dumps([[item.rule, item.bits, item.sentence] for item in found.evidence], ensure_ascii=False)
            yield a, b, found.bits, found.probability, found.veto, said


def comparison(bits: float, probability: float, veto: str, evidence: str) -> Comparison:
    """Return the comparison behind a row of `WEIGHED`."""
    return Comparison(bits, probability, tuple(Evidence(*item) for item in json.loads(evidence)), veto)


def frames(batches: Iterable[DataFrame], frozen: bytes) -> Iterator[DataFrame]:
    """Yield a frame of weighed pairs for each frame of pairs: the function of `mapInPandas`."""
    import pandas  # noqa: PLC0415  an extra, and Spark's workers have it

    columns = [column.split()[0] for column in WEIGHED.split(", ")]
    for batch in batches:
        rows = zip(batch["a"].tolist(), batch["b"].tolist(), batch["one"], batch["other"], strict=True)
        yield pandas.DataFrame(list(weighed(rows, frozen)), columns=columns)


@lru_cache(maxsize=2)
def _thawed(frozen: bytes) -> Statistics:
    return thaw(frozen)
