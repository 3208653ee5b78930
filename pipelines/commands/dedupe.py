"""`scrapy dedupe`: cluster a file of mentions without a database."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.command import CardfileCommand


class Command(CardfileCommand):
    """Find the mentions of a file that speak of one person or organisation.

    Reads CSV, JSONL or Parquet with the columns id, name, title or jobTitle, company or worksFor, email, phone or
    telephone, address, profile_url (only id is required; type "organisation" marks organisations) and writes id,
    cluster_id and confidence, a probability. The same comparison and clustering as in the store, without people's
    judgements; what is learnt from the file (how common a name is) is used for this file only.
    """

    summary = "Cluster a file of mentions without a database"
    arguments = "FILE -o OUT [options]"
    example = """
        scrapy dedupe contacts.jsonl -o clusters.csv
        scrapy dedupe contacts.parquet -o clusters.parquet --json
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the file and the output."""
        parser.add_argument("file", type=Path, metavar="FILE", help="mentions: .csv, .jsonl or .parquet")
        parser.add_argument("-o", dest="out", type=Path, required=True, metavar="OUT", help="where the clusters go")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Read, prepare, resolve, write."""
        from pipelines.resolution import batch, tables  # noqa: PLC0415  NumPy and DuckDB cost every `scrapy list`
        from pipelines.resolution.preparation import prepare  # noqa: PLC0415
        from pipelines.resolution.statistics import Statistics  # noqa: PLC0415

        tables.check_format(opts.out)
        prepared = [prepare(record) for record in self.progress(tables.read(opts.file), "reading")]
        with self.status("learning how common names are"):
            statistics = Statistics.from_prepared(prepared)
        found = batch.resolve(prepared, statistics, progress=self.progress)
        tables.write(opts.out, ((one.id, found.clusters[one.id], found.confidence[one.id]) for one in prepared))
        clusters = len(set(found.clusters.values()))
        if opts.json:
            self.write_json({"mentions": len(prepared), "clusters": clusters, "pairs": found.pairs})
        else:
            self.write(f"{len(prepared)} mentions, {clusters} clusters, {found.pairs} pairs compared: {opts.out}")
        return 0
