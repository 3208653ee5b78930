"""`scrapy why`: where one person or organisation comes from."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar

from pipelines.command import CardfileCommand
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.reports.entities import Entity
    from pipelines.reports.lookup import Found


class Command(CardfileCommand):
    """Say where an entry's values come from, when and how they were read, and why mentions were merged.

    WHO is an id or its beginning (the id of a merged mention works too), an e-mail address, a telephone number, or a
    name.
    """

    summary = "Say where one person's values come from and why mentions were merged"
    arguments = "WHO [options]"
    example: ClassVar[str] = """
        scrapy why "Jane Roe"
        scrapy why jane.roe@example.nl --json
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare whom to explain."""
        parser.add_argument("who", metavar="WHO", help="id, e-mail address, telephone number or name")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print one explanation; ask for more when the name is not enough."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  the base says why

        from pipelines.master.database import database_url, open_store, reading, store_error  # noqa: PLC0415
        from pipelines.reports.lookup import find  # noqa: PLC0415
        from pipelines.reports.provenance import entities  # noqa: PLC0415

        assert self.settings is not None
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        engine = open_store(url)
        try:
            with reading(engine) as connection:
                found = find(connection, opts.who)
                entity = next(entities(connection, found[0].id)) if len(found) == 1 else None
        except SQLAlchemyError as error:
            raise store_error(error, url) from None
        finally:
            engine.dispose()
        if entity is None:
            return self._choose(found)
        if opts.json:
            self.write_json(asdict(entity))
        else:
            self._show(entity)
        return 0

    def _choose(self, found: Sequence[Found]) -> int:
        if not found:
            raise UsageError("nobody in the store answers to that; try a part of the name")
        self.warn(f"{len(found)} entries answer to that; name one by its id:")
        for row in found:
            self.write(f"{row.id}  {row.type:<12}  {row.name}")
        return 2

    def _show(self, entity: Entity) -> None:
        from rich.text import Text  # noqa: PLC0415

        self.console.print(Text(entity.name, style="bold"), Text(f"{entity.type} {entity.id}", style="dim"))
        receipts = {receipt.number: receipt for receipt in entity.receipts}
        for value in entity.values:
            style = "bold" if value.rank == 0 else "dim" if value.rank is None else ""
            note = " (no page shows it any more)" if value.rank is None else ""
            self.console.print(Text(f"\n{value.property}: "), Text(f"{value.value}{note}", style=style), sep="")
            for one in value.statements:
                receipt = receipts[one.receipt]
                self.console.print(
                    Text(f"  {receipt.url}\n    {one.first_seen:%Y-%m-%d} to {one.last_seen:%Y-%m-%d}, source "),
                    Text(f"{receipt.source}, {one.method} at {one.locator}, confidence {one.confidence:.2f}\n"),
                    Text(f"    allowed by {receipt.robots_url or 'its robots.txt'}: {receipt.rule}", style="dim"),
                    sep="",
                )
        for job in entity.jobs:
            until = f"{job.end:%Y-%m-%d}" if job.end else "now"
            title = ", ".join(part for part in (job.job_title, job.works_for) if part)
            self.console.print(Text(f"\nJob: {title}; seen from {job.start:%Y-%m-%d} to {until}"))
        for decision in entity.decisions:
            verdict = "Merged" if decision.joined else f"Not merged ({decision.verdict})"
            self.console.print(Text(f"\n{verdict}, probability {decision.probability:.3f}, by {decision.by}: "))
            self.console.print(Text(f"  {decision.pages[0]}\n  {decision.pages[1]}"))
            for sentence in decision.sentences:
                self.console.print(Text(f"  – {sentence}"))
