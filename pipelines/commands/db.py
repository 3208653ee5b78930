"""`scrapy db`: the store's upkeep."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, ClassVar

from pipelines.command import CardfileCommand

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


class Command(CardfileCommand):
    """Look after the store.

    `upgrade` brings the schema to this program's version, keeping the data. `check` counts what breaks each invariant
    and exits with 1 when anything does. `rebuild` derives the master table anew from statements and judgements; with
    `--check` it only compares the result with what is there and exits with 1 when they differ.
    """

    summary = "Upgrade, check or rebuild the store"
    arguments = "upgrade|check|rebuild [options]"
    example: ClassVar[str] = """
        scrapy db upgrade
        scrapy db check
        scrapy db rebuild --check
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the action."""
        parser.add_argument("action", choices=("upgrade", "check", "rebuild"), help="what to do")
        parser.add_argument("--check", action="store_true", help="with rebuild: compare only, change nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do one action over the store that the settings name."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  the base says why

        from pipelines.master.database import database_url, store_error  # noqa: PLC0415

        assert self.settings is not None
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        try:
            return {"upgrade": self._upgrade, "check": self._check, "rebuild": self._rebuild}[opts.action](url, opts)
        except SQLAlchemyError as error:
            raise store_error(error, url) from None

    def _upgrade(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.database import connect, current_revision, upgrade  # noqa: PLC0415

        engine = connect(url)
        before = current_revision(engine)
        upgrade(engine)
        after = current_revision(engine)
        if opts.json:
            self.write_json({"before": before, "after": after})
        elif before == after:
            self.write(f"The schema is up to date ({after}).")
        else:
            self.write(f"The schema was {before or 'empty'} and is now {after}.")
        engine.dispose()
        return 0

    def _check(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.check import check  # noqa: PLC0415
        from pipelines.master.database import open_store, reading  # noqa: PLC0415

        engine = open_store(url)
        with reading(engine) as connection:
            findings = check(connection)
        engine.dispose()
        for finding in findings:
            if opts.json:
                self.write_json({"invariant": finding.invariant, "broken": finding.broken})
            else:
                self.write(f"{'ok    ' if not finding.broken else 'BROKEN'} {finding.broken:>6}  {finding.invariant}")
        return int(any(finding.broken for finding in findings))

    def _rebuild(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.database import open_store  # noqa: PLC0415
        from pipelines.resolution.rebuild import rebuild  # noqa: PLC0415

        engine = open_store(url)
        with engine.connect() as connection, self.status("Rebuilding the master table"):
            transaction = connection.begin()
            before, after = rebuild(connection)
            if opts.check:
                transaction.rollback()
            else:
                transaction.commit()
        engine.dispose()
        same = before == after
        if opts.json:
            self.write_json({"before": before, "after": after, "same": same})
        elif same:
            self.write("The rebuilt master table is the same, byte for byte.")
        else:
            self.write("The rebuilt master table differs from the stored one.")
        return int(opts.check and not same)
