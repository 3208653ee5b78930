"""`scrapy dedupe`: cluster a file of mentions without a database."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.command import CardfileCommand
from pipelines.errors import UsageError
from pipelines.master.drafts import drafted


class Command(CardfileCommand):
    """Find the mentions of a file that speak of one person or organisation.

    Reads CSV, JSONL or Parquet with the columns id, name, title or jobTitle, company or worksFor, email, phone or
    telephone, address, profile_url (only id is required; type "organisation" marks organisations) and writes id,
    cluster_id and confidence, a probability. The cells of CSV may be parted by commas, semicolons, tabs or bars; a row
    with more or fewer cells than columns ends the run with its line. Columns that are not read are named once. The same
    comparison and clustering as in the store, without people's judgements; what is learnt from the file (how common a
    name is) is used for this file only.
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
        from pipelines.resolution.collection import Collection  # noqa: PLC0415

        tables.check_format(opts.out)
        if opts.out.exists() and opts.file.exists() and opts.out.samefile(opts.file):
            raise UsageError(f"{opts.out.name} is the file to read; name another one for the clusters.")
        with drafted(opts.out) as file:  # before the work: hours must not end in a folder that cannot be written
            records = Collection.of_rows(self.progress(tables.read(opts.file, self.warn), "reading"))
            found = batch.dedupe(records, self.status)
            rows = ((name, found.clusters[name], found.confidence[name]) for name in records.ids)
            tables.write(file, opts.out, rows)
        clusters = len(set(found.clusters.values()))
        if opts.json:
            self.write_json({"mentions": len(records), "clusters": clusters, "pairs": found.pairs})
        else:
            self.write(f"{len(records)} mentions, {clusters} clusters, {found.pairs} pairs compared: {opts.out}")
        return 0
