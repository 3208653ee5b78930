"""`scrapy request`: the book of requests, their clocks and their receipts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from datetime import date

    from pipelines.requests.book import Entry
    from pipelines.rights.register import RightsRegister

_KINDS = ("access", "rectify", "erase", "restrict", "port", "object")


class Command(StoreCommand):
    """Look into the book of requests, and keep its clocks.

    `list` shows what is open, by its last day, and exits with 3 when something is overdue; `show ID` prints a receipt.
    `add KIND` records a request that will be answered later. `extend ID` gives it two further months, inside the first
    one only (Article 12(3) GDPR); tell the person why. `close ID` ends one that is not carried out. The book holds no
    name and no address; a receipt can be shown to anybody.
    """

    summary = "Show open requests and their last days; extend or close one"
    arguments = "list|show|add|extend|close [ID|KIND] [options]"
    example: ClassVar[str] = """
        scrapy request list
        scrapy request list --all --json
        scrapy request add access --email jane.roe@noord.example --received 2026-11-20
        scrapy request extend 3f2a9c1e --reason complexity
        scrapy request close 3f2a9c1e --outcome refused-not-identified
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the action and what it is about."""
        parser.add_argument("action", choices=("list", "show", "add", "extend", "close"), help="what to do")
        parser.add_argument("what", nargs="?", default="", metavar="ID|KIND", help="a request, or with add its kind")
        parser.add_argument("--all", action="store_true", help="with list: closed ones too")
        parser.add_argument("--reason", choices=("complexity", "number"), help="with extend: why it takes longer")
        parser.add_argument("--outcome", metavar="CODE", default="", help="with close: why it is not carried out")
        for key in ("id", "email", "telephone", "url", "name", "organisation", "country"):
            parser.add_argument(f"--{key}", metavar="X", default="", help=f"with add: the person's {key}")
        parser.add_argument("--received", metavar="DAY", default="", help="with add: when it came in")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do one thing with the book."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.rights import register  # noqa: PLC0415

        assert self.settings is not None
        rights = register.load(self.settings["CARDFILE_RIGHTS"])
        today = clock.now().astimezone(rights.controller.zone).date()
        if opts.action == "list":
            return self._list(today, opts)
        if not opts.what:
            raise UsageError(f"`scrapy request {opts.action}` needs {'a kind' if opts.action == 'add' else 'an id'}")
        entry = self._add(rights, opts) if opts.action == "add" else self._change(today, opts)
        if opts.json or opts.action == "show":
            self.write_json(entry.facts(today))
        else:
            self.write(f"Request {entry.id[:12]} ({entry.kind}): {entry.outcome or f'open, due on {entry.term.due}'}.")
        return 0

    def _list(self, today: date, opts: argparse.Namespace) -> int:
        from pipelines.requests.book import listed  # noqa: PLC0415

        with self.reading() as connection:
            found = listed(connection, everything=opts.all)
        overdue = sum(one.overdue(today) for one in found)
        for one in found:
            if opts.json:
                self.write_json(one.facts(today))
            else:
                self.write(_line(one, today))
        if not opts.json:
            open_now = sum(not one.outcome for one in found)
            self.write(f"{open_now} open, {overdue} overdue.")
        return 3 if overdue else 0

    def _change(self, today: date, opts: argparse.Namespace) -> Entry:
        from crawler import clock  # noqa: PLC0415
        from pipelines.requests import book  # noqa: PLC0415
        from pipelines.requests.rules import Extension  # noqa: PLC0415

        if opts.action == "show":
            with self.reading() as connection:
                return book.find(connection, opts.what)
        with self.writing() as connection:
            entry = book.find(connection, opts.what)
            if opts.action == "extend":
                if not opts.reason:
                    raise UsageError("say --reason complexity or number; the person is told which")
                entry = book.extend(connection, entry, Extension(opts.reason), today)
            else:
                entry = book.close(connection, entry, opts.outcome, clock.now())
            self.record(connection, "request", entry.id, {"act": opts.action, "outcome": entry.outcome})
        return entry

    def _add(self, rights: RightsRegister, opts: argparse.Namespace) -> Entry:
        from crawler import clock  # noqa: PLC0415
        from pipelines.requests.cases import Case, Desk, recorded  # noqa: PLC0415
        from pipelines.requests.naming import KEYS  # noqa: PLC0415
        from pipelines.requests.reading import ask  # noqa: PLC0415
        from pipelines.requests.rules import Kind  # noqa: PLC0415

        if opts.what not in _KINDS:
            raise UsageError(f"the kind is one of {', '.join(_KINDS)}")
        desk = Desk(self.journal.keys, rights, clock.now(), self.journal.by)
        given = {key: getattr(opts, key) for key in (*KEYS, "country", "received")}
        wanted = ask(Kind(opts.what), given, desk.today, lambda _: {})
        case = Case.new(wanted, desk)
        with self.writing() as connection:
            recorded(connection, [case], desk)
            self.record(connection, "request", case.entry.id, {"act": "add", "kind": opts.what})
        return case.entry


def _line(one: Entry, today: date) -> str:
    state = one.outcome or ("OVERDUE" if one.overdue(today) else f"{(one.term.due - today).days} days left")
    extended = ", extended" if one.extended_on else ""
    return f"{one.id[:12]}  {one.kind:<8}  received {one.received_on}  due {one.term.due}{extended}  {state}"
