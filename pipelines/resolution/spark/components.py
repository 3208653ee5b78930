"""Connected components in DataFrames: each node takes the smallest label around it, until nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def components(session: SparkSession, links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected components of two or more nodes, each sorted, in the order of their first node.

    Every round hands the smallest label on to the neighbours and then to whoever points at them (pointer jumping), so a
    chain of n nodes takes some log2(n) rounds, not n.
    """
    if not links:
        return []
    from pyspark.sql import functions as f  # noqa: PLC0415  an extra

    plain = session.createDataFrame([(int(a), int(b)) for a, b in links], "a long, b long")
    edges = plain.union(plain.select("b", "a")).distinct().localCheckpoint()
    labels = edges.select(f.col("a").alias("node")).distinct().withColumn("label", f.col("node")).localCheckpoint()
    while True:
        handed = _jumped(_handed(edges, labels)).localCheckpoint()
        before = labels.withColumnRenamed("label", "was")
        changed = handed.join(before, "node").where("label != was").limit(1).count()
        labels = handed
        if not changed:
            break
    groups = labels.groupBy("label").agg(f.sort_array(f.collect_list("node")).alias("nodes"))
    return sorted([int(node) for node in row.nodes] for row in groups.where("size(nodes) > 1").collect())


def _handed(edges: DataFrame, labels: DataFrame) -> DataFrame:
    """Return each node with the smallest label of itself and its neighbours."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    around = edges.join(labels.withColumnRenamed("node", "b"), "b").select(f.col("a").alias("node"), "label")
    return labels.union(around).groupBy("node").agg(f.min("label").alias("label"))


def _jumped(labels: DataFrame) -> DataFrame:
    """Return each node with the label of its label."""
    target = labels.select(labels["node"].alias("label"), labels["label"].alias("further"))
    return labels.join(target, "label").select("node", target["further"].alias("label"))
