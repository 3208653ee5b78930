"""`scrapy event`: announce the sale of the company or the end of the service, so that people are told in time."""

from __future__ import annotations

import argparse
from datetime import date
from typing import ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand


class Command(StoreCommand):
    """Announce an event that people have to be told of before it happens.

    `sale` says who takes over and when: people can object, and their data then do not go along (Article 21 GDPR).
    `withdrawal` ends the service on a day. `scrapy notice` tells everybody who is protected, a month before at the
    latest. `list` shows what is ahead; `call-off` takes an event back.
    """

    summary = "Announce a sale or the end of the service, so that people are told"
    arguments = "sale|withdrawal|list|call-off [ID] [options]"
    example: ClassVar[str] = """
        scrapy event sale --on 2027-06-01 --name "New BV" --address "Kade 2, Voorbeeld" --email privacy@new.example
        scrapy event withdrawal --on 2027-12-31
        scrapy event list
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the act and the event."""
        parser.add_argument("action", choices=("sale", "withdrawal", "list", "call-off"), help="what to do")
        parser.add_argument("id", nargs="?", default="", metavar="ID", help="with call-off: the event")
        parser.add_argument("--on", metavar="DAY", default="", help="the day of it, such as 2027-06-01")
        for name in ("name", "address", "email"):
            parser.add_argument(f"--{name}", metavar="TEXT", default="", help="with sale: of who takes over")
        parser.add_argument("--dry-run", action="store_true", help="check what was said; record nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do one act."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.accountability.events import announce, call_off  # noqa: PLC0415
        from pipelines.rights.happenings import events  # noqa: PLC0415

        if (opts.action == "call-off") != bool(opts.id):
            raise UsageError(f"`scrapy event {opts.action}` needs {'no' if opts.id else 'an'} event.")
        if opts.action == "list":
            with self.reading() as connection:
                found = events(connection)
            for one in found:
                facts = {"id": one.id, "kind": one.kind, "on": one.on, "successor": one.successor.get("name", "")}
                self.write_json(facts) if opts.json else self.write(f"{one.id[:12]}  {one.on}  {one.kind}")
            if not found and not opts.json:
                self.write("Nothing is ahead.")
            return 0
        now = clock.now()
        with self.writing() as connection:
            if opts.action == "call-off":
                event = call_off(connection, opts.id, now).id
            else:
                successor = {name: getattr(opts, name) for name in ("name", "address", "email") if getattr(opts, name)}
                event = announce(connection, opts.action, _day(opts.on), successor, now=now, by=self.journal.by)
            self.record(connection, "event", event, {"act": opts.action})
            if opts.dry_run:
                connection.rollback()
        self.write_json({"event": event}) if opts.json else self.write(f"Event {event[:12]}: {opts.action}.")
        return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--on is a day such as 2027-06-01, not {text!r}.") from None
