"""The pairs of a store on Spark: Parquet out, blocking in DataFrames, comparison in `mapInPandas`, Parquet in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipelines.resolution import engine, keys
from pipelines.resolution.comparison import Comparison
from pipelines.resolution.judgements import Pair
from pipelines.resolution.local_engine import CHUNK, Progress, Reader
from pipelines.resolution.spark import components, executor
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.thawing import freeze

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

T = TypeVar("T")
#: Links below which the rounds of a distributed algorithm cost more than the work.
FEW = 100_000
#: Rows that are written to a file at a time.
_ROWS = 200_000
#: Records that are read from the store at a time.
_RECORDS = 5_000


class SparkEngine:
    """The `PairEngine` of a Spark session. `folder` is where it and its executors exchange files."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._calls = 0

    def __call__(
        self,
        names: Sequence[str],
        numbers: Iterable[tuple[int, keys.Telling]],
        read: Reader,
        statistics: Statistics,
        progress: Progress,
    ) -> Iterator[dict[Pair, Comparison]]:
        """Yield, in groups and in order, the pairs that are worth a judgement."""
        self._calls += 1
        held, stored, found = (str(self._folder / f"{name}-{self._calls}") for name in ("keys", "records", "weighed"))
        _write(held, _KEYS, ((key, place, told) for place, own in numbers for key, told in own.items()))
        starts = range(0, len(names), _RECORDS)
        groups = progress(starts, "handing records to Spark", len(starts))
        _write(stored, _RECORD, chain.from_iterable(_packed(names, start, read) for start in groups))
        spark = self._session
        pairs = _pairs(spark.read.parquet(held))
        frozen = spark.sparkContext.broadcast(freeze(statistics))
        weighed = _with_records(pairs, spark.read.parquet(stored)).mapInPandas(
            lambda batches: executor.frames(batches, frozen.value), executor.WEIGHED
        )
        weighed.orderBy("a", "b").write.parquet(found)
        frozen.destroy()
        for group in _read(Path(found)):
            yield {(names[a], names[b]): executor.comparison(*rest) for a, b, *rest in group}

    def components(self, size: int, links: Sequence[tuple[int, int]]) -> list[list[int]]:
        """Return what `pipelines.resolution.engine.components` returns; few links are joined here, without Spark."""
        if len(links) < FEW:
            return engine.components(size, links)
        return components.components(self._session, links)


def _pairs(held: DataFrame) -> DataFrame:
    """Return the pairs of places that share keys which tell enough together, as `local_engine.propose` has them."""
    from pyspark.sql import functions as f  # noqa: PLC0415  an extra

    telling = held.groupBy("key").count().where(f.col("count").between(2, keys.LARGEST)).select("key")
    shared = held.join(telling, "key")
    one = shared.select("key", f.col("place").alias("a"), "told")
    other = shared.select("key", f.col("place").alias("b"))
    told = (
        f.bool_or(f.col("told") == keys.STRONG).alias("strong"),
        f.min("told").alias("low"),
        f.max("told").alias("high"),
    )
    pairs = one.join(other, "key").where("a < b").groupBy("a", "b").agg(*told)
    return pairs.where("strong or low < high").select("a", "b")


def _with_records(pairs: DataFrame, records: DataFrame) -> DataFrame:
    """Return the pairs with both records, those of one record next to each other: a worker reads it once."""
    one = records.withColumnsRenamed({"place": "a", "record": "one"})
    other = records.withColumnsRenamed({"place": "b", "record": "other"})
    return pairs.join(other, "b").join(one, "a").select("a", "b", "one", "other").sortWithinPartitions("a", "b")


def _packed(names: Sequence[str], start: int, read: Reader) -> Iterator[tuple[int, bytes]]:
    wanted = names[start : start + _RECORDS]
    prepared = read(wanted)
    yield from ((start + number, executor.packed(prepared[name])) for number, name in enumerate(wanted))


def _read(folder: Path) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows that Spark has written, in its order, a group at a time."""
    from pyarrow import parquet  # noqa: PLC0415  an extra

    for part in sorted(folder.glob("part-*")):
        for batch in parquet.ParquetFile(part).iter_batches(CHUNK):
            yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


_KEYS = (("key", "int64"), ("place", "int32"), ("told", "int32"))
_RECORD = (("place", "int32"), ("record", "binary"))


def _write(path: str, columns: Sequence[tuple[str, str]], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows to a Parquet file, a group at a time."""
    import pyarrow  # noqa: PLC0415  an extra
    from pyarrow import parquet  # noqa: PLC0415

    schema = pyarrow.schema([(name, getattr(pyarrow, kind)()) for name, kind in columns])
    waiting = iter(rows)
    with parquet.ParquetWriter(path, schema) as writer:
        while group := list(islice(waiting, _ROWS)):
            arrays = [
                pyarrow.array(cells, field.type) for cells, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
