"""`scrapy register`: the records of processing activities."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from pipelines.review.command import StoreCommand

_FORMATS = ("html", "md", "csv", "json")


class Command(StoreCommand):
    """Write the records of processing activities (Article 30 GDPR).

    They are made of the schema, of what the sources in the store declare, and of the rights register: controller,
    purposes, whose data and which, recipients and transfers, time limits, security measures. They hold nobody's data.
    """

    summary = "Write the records of processing activities"
    example: ClassVar[str] = """
        scrapy register -o records-of-processing.html
        scrapy register --format md
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the form and the file."""
        parser.add_argument("--format", choices=_FORMATS, help="md (default), html, csv or json; else by FILE's name")
        parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write here in place of standard output")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write them."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.accountability.article30 import article_30  # noqa: PLC0415
        from pipelines.reports.compliance.render import FORMATS  # noqa: PLC0415
        from pipelines.reports.output import write  # noqa: PLC0415
        from pipelines.rights.register import load  # noqa: PLC0415

        assert self.settings is not None
        rights = load(self.settings["CARDFILE_RIGHTS"])
        suffix = opts.output.suffix.removeprefix(".").lower() if opts.output else ""
        form = opts.format or ("json" if opts.json else suffix if suffix in _FORMATS else "md")
        with self.engine() as engine:
            write(engine, lambda connection: FORMATS[form](article_30(connection, rights, clock.now())), opts.output)
            if opts.output:
                with engine.begin() as connection:
                    self.record(connection, "register", details={"form": form})
        return 0
