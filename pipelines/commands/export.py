"""`scrapy export`: to a registered recipient, through the gate, into the ledger."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from pipelines.command import CardfileCommand
from pipelines.errors import UsageError

_FORMATS = ("csv", "jsonl", "vcf", "parquet")


class Command(CardfileCommand):
    """Export people to a recipient of the rights register, for a purpose of its contract.

    What was collected for another purpose stays here, and so do the values whose retention has ended, the people who
    opted out, and those protected by European law (or by one that nobody knows) who have not been told: `scrapy notice`
    tells them. Every statement that leaves is recorded with its recipient. Exit code 4 when the recipient may not
    receive data.
    """

    summary = "Export people to a registered recipient, and record who received what"
    arguments = "--recipient ID --purpose P -o FILE [options]"
    example: ClassVar[str] = """
        scrapy export --recipient acme --purpose business-directory --dry-run
        scrapy export --recipient acme --purpose business-directory -o acme.csv
        scrapy export --recipient acme --purpose business-directory --map salesforce -o leads.csv
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare who receives what, and where the file goes."""
        parser.add_argument("--recipient", metavar="ID", default="", help="a recipient of the rights register")
        parser.add_argument(
            "--purpose", metavar="P", default="", help="a purpose that sources state and its contract has"
        )
        parser.add_argument(
            "-o", dest="file", metavar="FILE", type=Path, help="the file to write; it must not be there"
        )
        parser.add_argument("--format", choices=_FORMATS, help="by default what the file's name says")
        parser.add_argument("--map", metavar="NAME", default="", help="columns of salesforce, hubspot or a TOML file")
        parser.add_argument("--dry-run", action="store_true", help="count who would leave and who not; write nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Check the recipient, then write; the totals are told in a sentence."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.rights import columnmaps, exporting, register  # noqa: PLC0415
        from pipelines.rights.activity import Action, word  # noqa: PLC0415
        from pipelines.rights.changes import require_begun  # noqa: PLC0415
        from pipelines.rights.journal import Journal  # noqa: PLC0415
        from pipelines.rights.renderings import Format  # noqa: PLC0415

        assert self.settings is not None
        form = self._format(opts)
        now = clock.now()
        rights = register.load(self.settings["CARDFILE_RIGHTS"])
        today = now.astimezone(rights.controller.zone).date()
        recipient = rights.recipient(opts.recipient, opts.purpose, today)
        require_begun(rights, opts.purpose, now)
        columns = columnmaps.load(opts.map) if opts.map else None
        journal, origins = Journal.of(self.settings), rights.origins(opts.purpose)
        export = exporting.Export(
            recipient, opts.purpose, Format(form), now, journal.keys, today=today, columns=columns, origins=origins
        )
        engine = open_store(database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"]))
        try:
            with self.status("Exporting"):
                if opts.dry_run:
                    exporting.count(engine, export)
                else:
                    exporting.write(engine, export, opts.file)
                    with engine.begin() as connection:
                        to, what = word(recipient.id), word(opts.purpose)
                        told: dict[str, int | str | bool] = {"recipient": to, "purpose": what, "people": export.people}
                        journal.record(connection, Action.EXPORT, now, export.id, told)
        finally:
            engine.dispose()
        self._tell(export, opts)
        return 0

    def _format(self, opts: argparse.Namespace) -> str:
        for option in ("recipient", "purpose"):
            if not getattr(opts, option):
                raise UsageError(f"say --{option}: nothing leaves without one")
        if opts.file is None and not opts.dry_run:
            raise UsageError("name the file to write (-o FILE), or look first with --dry-run")
        suffix = opts.file.suffix.lower().lstrip(".") if opts.file else "csv"
        form: str = opts.format or suffix
        if form not in _FORMATS:
            raise UsageError(f"say --format: {opts.file.name} does not tell which of {', '.join(_FORMATS)} it is")
        if opts.map and form != "csv":
            raise UsageError("--map is for CSV: other systems import tables.")
        return form

    def _tell(self, export, opts: argparse.Namespace) -> None:  # type: ignore[no-untyped-def]  # imported when it runs
        withheld = dict(sorted(export.withheld.items()))
        if opts.json:
            disclosure = "" if opts.dry_run else export.id
            counts = {"people": export.people, "withheld": withheld, "blocked": dict(sorted(export.blocked.items()))}
            self.write_json({"disclosure": disclosure, **counts})
            return
        stayed = "; ".join(f"{count} {reason}" for reason, count in withheld.items()) or "nobody"
        verb = "would leave" if opts.dry_run else f"left for {export.recipient.name}"
        self.write(f"{export.people} people {verb}; withheld: {stayed}.")
        for what, count in sorted(export.blocked.items()):
            self.write(f"Of {count} of them no {what.replace(': ', ' leaves: ')}.")
        if not opts.dry_run:
            self.write(f"Recorded as disclosure {export.id[:12]}.")
