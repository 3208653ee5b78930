"""`scrapy import`: files through the same five stages as a crawl."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from crawler import clock
from pipelines.command import CardfileCommand
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from crawler.registers.mapping import Mapping


#: Mentions that a dry run shows to eyes.
_SHOWN = 20


class Command(CardfileCommand):
    """Import the files of a registered source: CSV, JSON, JSON Lines, YAML, XLSX, vCard; a folder gives all its files.

    What the columns mean stands in a mapping file (`mapping` in the register, or --mapping); a column that it does not
    name is not read. The register says how the file came in (`acquisition`). Records that cannot be read are counted
    and the first few named by their line. Exit code 1 when a file could not be read to its end; 4 when the source may
    not enter the master.
    """

    requires_crawler_process = True
    summary = "Import the records of a file: open data, licensed data, contributions"
    arguments = "FILE… --source ID [options]"
    example: ClassVar[str] = """
        scrapy import members.csv --suggest > members.toml
        scrapy import members.csv --source members --mapping members.toml --dry-run
        scrapy import members.csv --source members
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the files and what is known about them."""
        parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="files, or folders of files")
        parser.add_argument("--source", metavar="ID", default="", help="the source of the register that they belong to")
        parser.add_argument(
            "--mapping", metavar="FILE", default="", help="what the columns mean; outranks the register"
        )
        parser.add_argument("--dry-run", action="store_true", help="print what would be stored, and store nothing")
        parser.add_argument("--suggest", action="store_true", help="print a mapping to start from, and import nothing")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Log warnings only, unless an option asks for more: the totals are told in a sentence."""
        super().process_options(args, opts)
        assert self.settings is not None
        if not opts.loglevel:
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Import, or show what an import would do."""
        if not opts.files:
            raise UsageError("name a file or a folder to import")
        if opts.suggest:
            from pipelines.importing.suggestion import suggest  # noqa: PLC0415  the base says why

            self.write(suggest(opts.files[0]))
            return 0
        if not opts.source:
            raise UsageError("say which registered source the files belong to: --source ID")
        mapping = self._mapping(opts)
        if mapping is not None:
            from pipelines.importing.columns import require_harmless  # noqa: PLC0415

            require_harmless(mapping)
        return self._preview(opts, mapping) if opts.dry_run else self._import(opts)

    def _mapping(self, opts: argparse.Namespace) -> Mapping | None:
        from crawler import sources  # noqa: PLC0415
        from crawler.registers.delivery import files  # noqa: PLC0415
        from crawler.spiders.import_file import mapping_for  # noqa: PLC0415

        assert self.settings is not None
        source = sources.load(self.settings["CARDFILE_SOURCES"]).get(opts.source)
        sources.require_current(source, clock.now().date())
        return mapping_for(opts.mapping or source.mapping, files(opts.files), source.id)

    def _import(self, opts: argparse.Namespace) -> int:
        from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415

        from pipelines.commands.crawl import crawl, exit_code  # noqa: PLC0415

        assert isinstance(self.crawler_process, AsyncCrawlerProcess)
        crawler = self.crawler_process.create_crawler("import_file")
        with self.status("Importing"):
            counts = crawl(
                self.crawler_process,
                crawler,
                source=opts.source,
                paths=[str(path) for path in opts.files],
                mapping=opts.mapping,
            )
        if opts.json:
            self.write_json(counts)
        else:
            self.write(_told(counts))
        return 1 if counts.get("pages/failed") else exit_code(crawler)

    def _preview(self, opts: argparse.Namespace, mapping: Mapping | None) -> int:
        from collections import Counter  # noqa: PLC0415

        from crawler import sources  # noqa: PLC0415
        from crawler.items import Disposal  # noqa: PLC0415
        from crawler.registers.delivery import Delivery, files  # noqa: PLC0415
        from pipelines.importing.preview import preview  # noqa: PLC0415
        from pipelines.inspection.reading import Reading, as_json  # noqa: PLC0415
        from pipelines.inspection.show import show  # noqa: PLC0415

        assert self.settings is not None
        source = sources.load(self.settings["CARDFILE_SOURCES"]).get(opts.source)
        delivery = Delivery(source, files(opts.files), mapping, clock.now(), self.warn)
        rejected: Counter[Disposal] = Counter()
        keep = self.settings.getbool("CARDFILE_KEEP_REVEALING_EMPLOYERS")
        shown = []
        for number, found in enumerate(preview(delivery, rejected, revealing_employers=keep)):
            if opts.json:
                self.write_json(as_json(found, found.mention.locator))
            elif number < _SHOWN:
                shown.append(found)
        if not opts.json:
            size = sum(file.path.stat().st_size for file in delivery.files)
            show(Reading(source.id, "import", size, found=shown, rejected=rejected), self.console)
            self.write(
                f"{delivery.counts['records']} records read, {delivery.counts['rejected']} not read; "
                f"at most {_SHOWN} mentions are shown, --json prints all. Nothing was stored."
            )
        return 1 if delivery.counts["failed"] else 0


def _told(counts: dict[str, Any]) -> str:
    """Return the totals of an import as one sentence, and another one where mentions are kept apart."""
    uploads = counts.get("suppress/upload", 0)
    apart = f" {uploads} mentions of this upload are kept apart from the master." if uploads else ""
    return (
        f"{counts.get('import/records', 0)} records from {counts.get('pages/read', 0)} files: "
        f"{counts.get('people/found', 0)} people, {counts.get('statements/new', 0)} new statements; "
        f"{counts.get('import/rejected', 0)} records not read, "
        f"{counts.get('import/unknown', 0)} fields that the mapping does not name.{apart}"
    )
