"""`scrapy notice`: tell people what is held about them, within a month."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import StoreError, UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from pipelines.rights.register import RightsRegister


class Command(StoreCommand):
    """Show which notices people are owed (Article 14 GDPR), and send them.

    A notice is due a month after the first value was collected, or earlier: on the day of the first contact or first
    disclosure that the rights register plans, before a new purpose begins, and a month before a sale or the end of the
    service (`scrapy event`). Without an option this counts what is owed and exits
    with 3 when something is overdue. `--into DIR` writes the messages as files for a mailer, `--smtp` hands them to a
    mail server on its way; both record the proof. Whoever has no address in the store is counted and stays untold, and
    so out of every export.
    """

    summary = "Show which notices people are owed, and send them"
    arguments = "[--into DIR | --smtp HOST:PORT] [options]"
    example: ClassVar[str] = """
        scrapy notice
        scrapy notice --into outbox --limit 50
        scrapy notice --smtp localhost:25
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the ways out."""
        parser.add_argument("--into", metavar="DIR", type=Path, help="write each message as a file for a mailer")
        parser.add_argument("--smtp", metavar="HOST:PORT", default="", help="hand the messages to this mail server")
        parser.add_argument("--limit", metavar="N", type=int, help="send at most so many now, the most urgent first")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Count or send."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.rights import register  # noqa: PLC0415

        assert self.settings is not None
        if opts.into and opts.smtp:
            raise UsageError("give --into or --smtp, not both")
        if opts.limit is not None and opts.limit < 1:
            raise UsageError("--limit is a number of messages, at least 1")
        rights = register.load(self.settings["CARDFILE_RIGHTS"])
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        engine = open_store(url)
        try:
            if opts.into or opts.smtp:
                return self._send(engine, rights, clock.now(), opts)
            return self._count(engine, rights, clock.now(), opts)
        finally:
            engine.dispose()

    def _count(self, engine: Engine, rights: RightsRegister, now: datetime, opts: argparse.Namespace) -> int:
        from pipelines.master.database import reading  # noqa: PLC0415
        from pipelines.rights.notifying import overview, owed  # noqa: PLC0415

        with reading(engine) as connection, self.status("Counting"):
            today = now.astimezone(rights.controller.zone).date()
            counts = overview(owed(connection, rights, today), now, rights)
        if opts.json:
            self.write_json(counts)
        else:
            self.write(
                f"{counts['owed']} notices are owed: {counts['overdue']} overdue, {counts['due-this-week']} due within "
                f"a week; {counts['no-address']} of them to people without an address."
            )
        return 3 if counts["overdue"] else 0

    def _send(self, engine: Engine, rights: RightsRegister, now: datetime, opts: argparse.Namespace) -> int:
        import smtplib  # noqa: PLC0415

        from pipelines.rights.notifying import by_smtp, into_folder, send  # noqa: PLC0415

        with self.status("Sending"):
            if opts.into:
                counts = send(engine, rights, into_folder(opts.into), now, opts.limit)
            else:
                host, _, port = opts.smtp.rpartition(":") if ":" in opts.smtp else (opts.smtp, ":", "25")
                if not host or not port.isdigit():
                    raise UsageError("--smtp is HOST or HOST:PORT, such as localhost:25")
                sender = rights.controller.email
                name = sender.rpartition("@")[2]  # given, because smtplib would ask the DNS for one
                try:
                    with smtplib.SMTP(host, int(port), local_hostname=name, timeout=30) as server:
                        counts = send(engine, rights, by_smtp(server, sender), now, opts.limit)
                except (OSError, smtplib.SMTPException) as error:
                    reason = getattr(error, "strerror", None) or type(error).__name__
                    raise StoreError(f"The mail server {opts.smtp} cannot be used ({reason}).") from None
        if counts["sent"]:
            with engine.begin() as connection:
                told = {"sent": counts["sent"], "channel": "file" if opts.into else "smtp"}
                self.record(connection, "notice", details=told)
        if opts.json:
            self.write_json(dict(counts))
        else:
            done = f"written to {opts.into} for a mailer" if opts.into else "sent"
            self.write(f"{counts['sent']} notices {done}, {counts['no-address']} people have no address.")
        return 0
