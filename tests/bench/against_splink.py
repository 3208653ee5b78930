"""The same file through ours and through Splink: `python -m tests.bench.against_splink [--mentions N]`.

With `--labelled FILE` it is a file of labelled mentions (`entity_id`), else the rows are invented
(`tests.bench.resolution`). Both read one JSONL file and end with a cluster for every row, each in a process of its own,
on two threads. Splink is set up quickly, to compare the cost and not the quality: names split in SQL, six comparisons,
eight blocking rules, u by random sampling, m by expectation maximisation over two rules, its clusters at .95. Printed:
seconds, CPU seconds, peak memory (of a process and its largest child, what they share counted twice), pairs scored a
row, pairwise F1. Returned: ours as a multiple of Splink's. The full run is `--mentions 1000000`: a few minutes on two
quiet cores.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tests.bench.resolution import mentions

_COLUMNS = ("name", "title", "company", "email", "phone", "address")


@dataclass
class Cost:
    """What one run took: seconds, CPU seconds of it and its children, megabytes, pairs scored; and what it found."""

    wall: float
    cpu: float
    memory: float
    pairs: int
    clusters: dict[str, str]


def ours(file: Path) -> tuple[int, dict[str, str]]:
    """Cluster a file as `scrapy dedupe` does."""
    from pipelines.resolution import batch, tables
    from pipelines.resolution.collection import Collection

    found = batch.dedupe(Collection.of_rows(tables.read(file)))
    return found.pairs, found.clusters


def splink(file: Path) -> tuple[int, dict[str, str]]:
    """Cluster a file with Splink on DuckDB."""
    import splink.comparison_library as compare
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    logging.disable(logging.WARNING)
    rules = [
        ("email",), ("phone",), ("given", "family"), ("family", "company"), ("family", "substr(given, 1, 1)", "title"),
        ("family", "address"), ("given", "company"), ("family", "substr(phone, 1, 9)"),
    ]  # fmt: skip
    with duckdb.connect() as database:
        database.execute("SET threads = 2")
        database.execute("SET enable_progress_bar = false")
        database.execute("SET temp_directory = $path", {"path": str(file.with_suffix(".spill"))})
        database.execute(_ROWS.replace("FILE", str(file)))
        settings = SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="id",
            comparisons=[
                compare.ForenameSurnameComparison("given", "family"),
                compare.EmailComparison("email"),
                compare.ExactMatch("phone").configure(term_frequency_adjustments=True),
                compare.JaroWinklerAtThresholds("company", [0.9, 0.8]).configure(term_frequency_adjustments=True),
                compare.JaroWinklerAtThresholds("title", [0.9]).configure(term_frequency_adjustments=True),
                compare.JaroWinklerAtThresholds("address", [0.9]),
            ],
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
            retain_matching_columns=False,
        )
        interface = DuckDBAPI(connection=database)
        linker = Linker(interface.register("rows"), settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("given", "family"), block_on("company", "title")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
        predicted = linker.inference.predict(threshold_match_probability=0.01)
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
        pairs = database.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchone()
        rows = database.execute(f"SELECT id, cluster_id FROM {found.physical_name}").fetchall()
    return int(pairs[0]) if pairs else 0, {str(name): str(cluster) for name, cluster in rows}


#: The rows as Splink wants them: empty is null, the name in two parts, "Family, Given" turned.
_ROWS = r"""
CREATE TABLE rows AS
WITH plain AS (
    SELECT id, nullif(lower(title), '') AS title, nullif(lower(company), '') AS company,
           nullif(lower(email), '') AS email, nullif(regexp_replace(phone, '\D', '', 'g'), '') AS phone,
           nullif(lower(address), '') AS address,
           regexp_replace(lower(name), '^([^,]+), *(.+)$', '\2 \1') AS name
    FROM read_json('FILE', columns = {id: 'VARCHAR', name: 'VARCHAR', title: 'VARCHAR', company: 'VARCHAR',
                                      email: 'VARCHAR', phone: 'VARCHAR', address: 'VARCHAR'})
)
SELECT * EXCLUDE (name), nullif(split_part(name, ' ', 1), '') AS given,
       nullif(regexp_extract(name, '(\S+)$', 1), '') AS family
FROM plain
"""


def metered(run: Callable[[Path], tuple[int, dict[str, str]]], file: Path) -> Cost:
    """Run in this process and say what it took."""
    start = time.perf_counter()
    pairs, clusters = run(file)
    wall = time.perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    return Cost(wall, cpu, sum(each.ru_maxrss for each in used) / 1024, pairs, clusters)


def write_rows(file: Path, count: int) -> dict[str, str]:
    """Write invented mentions and return the person behind each id."""
    truth: dict[str, str] = {}
    with file.open("w", encoding="utf-8") as out:
        for record, person in mentions(count):
            values = (record.names, record.job_titles, record.organisations, record.emails, record.telephones)
            texts = ["".join(value[:1]) for value in (*values, record.addresses)]
            out.write(json.dumps({"id": record.id} | dict(zip(_COLUMNS, texts, strict=True))) + "\n")
            truth[record.id] = str(person)
    return truth


def pairwise(truth: Mapping[str, str], clusters: Mapping[str, str]) -> tuple[float, float, float]:
    """Return F1, precision and recall over pairs."""
    both = Counter((label, clusters[name]) for name, label in truth.items())
    hits, wanted, said = (
        sum(count * (count - 1) // 2 for count in counted.values())
        for counted in (both, Counter(truth.values()), Counter(clusters[name] for name in truth))
    )
    precision, recall = hits / max(1, said), hits / max(1, wanted)
    return 2 * precision * recall / max(1e-9, precision + recall), precision, recall


def main() -> dict[str, float]:
    """Run both, print what they cost and find, and return ours as a multiple of Splink's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=100_000)
    parser.add_argument("--labelled", type=Path)
    options = parser.parse_args()
    costs: dict[str, Cost] = {}
    with TemporaryDirectory(prefix="cardfile-bench-") as folder:
        file = options.labelled or Path(folder) / "rows.jsonl"
        if options.labelled:
            rows = map(json.loads, file.read_text("utf-8").splitlines())
            truth = {str(row["id"]): str(row["entity_id"]) for row in rows}
        else:
            truth = write_rows(file, options.mentions)
        for run in (ours, splink):
            with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
                cost = costs[run.__name__] = process.submit(metered, run, file).result()
            f1, precision, recall = pairwise(truth, cost.clusters)
            sys.stdout.write(
                f"{run.__name__:7} {cost.wall:7.1f} s {cost.cpu:7.1f} CPU s {cost.memory:6.0f} MB "
                f"{cost.pairs / len(truth):5.1f} pairs a row  F1 {f1:.3f} P {precision:.3f} R {recall:.3f}\n"
            )
            sys.stdout.flush()
    mine, theirs = costs["ours"], costs["splink"]
    return {
        "seconds_to_splink": round(mine.wall / theirs.wall, 2),
        "cpu_to_splink": round(mine.cpu / theirs.cpu, 2),
        "pairs_a_mention": round(mine.pairs / len(truth), 2),
    }


if __name__ == "__main__":
    main()
