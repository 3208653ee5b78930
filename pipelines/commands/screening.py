"""`scrapy screening`: looks into do-not-call registers, without which no number of their countries leaves."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

_ACTIONS = ("record", "list")


class Command(StoreCommand):
    """Record what a do-not-call register says, or list the looks into registers and how long they hold.

    --file holds the numbers that the register lists, one a line. When it was not given whole but asked about a list of
    numbers, --asked holds that list; a number that was not asked about then counts as not screened. Numbers are kept as
    keyed hashes. A telephone number of a country whose law knows a register leaves in an export only when the register
    was looked at within its period (28 days for most) and does not list it.
    """

    summary = "Record looks into do-not-call registers"
    arguments = "record|list [options]"
    example: ClassVar[str] = """
        scrapy screening record --register gb-tps --file tps.txt --on 2026-11-20 --country GB
        scrapy screening record --register us-dnc --file listed.txt --asked ours.txt --on 2026-11-20 --country US
        scrapy screening list
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare which register said what, and when."""
        parser.add_argument("action", choices=_ACTIONS, help="what to do")
        parser.add_argument("--register", default="", metavar="NAME", help="such as gb-tps; `list` names all")
        parser.add_argument("--file", type=Path, metavar="FILE", help="the numbers that the register lists")
        parser.add_argument("--asked", type=Path, metavar="FILE", help="the numbers that it was asked about")
        parser.add_argument("--on", default="", metavar="DATE", help="the day of the look, such as 2026-11-20")
        parser.add_argument("--country", default="", metavar="GB", help="where numbers without a code are dialled")
        parser.add_argument("--by", default="", metavar="NAME", help="who looked: CARDFILE_REVIEWER or you")
        parser.add_argument("--dry-run", action="store_true", help="read the files and count; keep nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Record or list."""
        return self._list(opts) if opts.action == "list" else self._record(opts)

    def _record(self, opts: argparse.Namespace) -> int:
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.rights import screening  # noqa: PLC0415

        if not (opts.register and opts.file and opts.on):
            raise UsageError("say --register, --file and --on.")
        try:
            on = date.fromisoformat(opts.on)
        except ValueError:
            raise UsageError("--on is a day such as 2026-11-20.") from None
        files = {"listed": opts.file} | ({"asked": opts.asked} if opts.asked else {})
        by = " ".join((opts.by or self.journal.by).split())
        with self.writing() as connection, self.status("Reading"):
            done = screening.record(
                connection, self.journal.keys, opts.register, files, on, country=opts.country, by=by, now=clock.now()
            )
            if opts.dry_run:
                connection.rollback()
            else:
                told: dict[str, int | str | bool] = {
                    "register": done.register,
                    "on": on.isoformat(),
                    "numbers": done.numbers,
                    "listed": done.listed,
                }
                self.record(connection, "do-not-call", done.id, told, by=by)
        receipt = "" if opts.dry_run else done.id
        if opts.json:
            told_json = {"receipt": receipt, "register": done.register, "on": on.isoformat(), "whole": done.whole}
            self.write_json({**told_json, "numbers": done.numbers, "listed": done.listed})
        else:
            self.write(
                f"{done.register} on {on}: {done.numbers} numbers, {done.listed} listed"
                f"{'. Nothing was kept.' if opts.dry_run else f'; recorded as {receipt[:12]}.'}"
            )
        return 0

    def _list(self, opts: argparse.Namespace) -> int:
        from crawler import clock  # noqa: PLC0415
        from pipelines.rights import screening  # noqa: PLC0415
        from pipelines.rights.contactability import registers  # noqa: PLC0415

        today = clock.now().date()
        with self.reading() as connection:
            latest = screening.latest(connection)
        for name, days in sorted(registers().items()):
            on = latest.get(name)
            holds = on is not None and (today - on).days <= days
            row = {"register": name, "days": days, "on": on.isoformat() if on else "", "holds": holds}
            if opts.json:
                self.write_json(row)
            else:
                said = (
                    f"last looked at on {on}{'' if holds else ', which is too long ago'}" if on else "never looked at"
                )
                self.write(f"{name:14}  {days} days  {said}")
        return 0
