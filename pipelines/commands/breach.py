"""`scrapy breach`: document personal data breaches, watch the 72 hours, and find whom they concern."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.accountability.breaches import Breach

_KINDS = ("confidentiality", "integrity", "availability")
_RISKS = ("none", "risk", "high")
_WHO = ("source", "run", "disclosure", "everything", "since", "until")


class Command(StoreCommand):
    """Document personal data breaches (Articles 33 and 34 GDPR).

    `add` begins a record and the clock: the authority has to be told within 72 hours of noticing, unless there is no
    risk to anybody. `list` shows every breach and exits with 3 when one is overdue, or when people at high risk have
    not been told. `affected` counts whose values a source, a run, a disclosure or a time covers; with --ids it names
    their entries. `update` adds to a record. `letter` prints a text for people at high risk. Facts, effects and
    measures are written for the authority; name nobody in them.
    """

    summary = "Document breaches, watch the 72 hours, find whom they concern"
    arguments = "add|list|show|affected|update|letter [ID] [options]"
    example: ClassVar[str] = """
        scrapy breach add --kind confidentiality --risk risk --facts "A laptop was stolen" --everything
        scrapy breach list
        scrapy breach affected --source example-nv --since 2026-11-01 --until 2026-11-20
        scrapy breach update 3f2a --reported 2026-11-23T10:00+01:00 --reference AP-2026-1
        scrapy breach letter 3f2a --language nl
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the act and what there is to say."""
        acts = ("add", "list", "show", "affected", "update", "letter")
        parser.add_argument("action", choices=acts, help="what to do")
        parser.add_argument(
            "id", nargs="?", default="", metavar="ID", help="a breach, by its id or the beginning of it"
        )
        parser.add_argument("--kind", choices=_KINDS, default="confidentiality", help="what was broken")
        parser.add_argument("--risk", choices=_RISKS, help="to people: none, risk (report), high (tell them too)")
        for name, what in (("facts", "happened"), ("effects", "follows from it"), ("measures", "was and will be done")):
            parser.add_argument(f"--{name}", metavar="TEXT", default="", help=f"what {what}")
        parser.add_argument("--noticed", metavar="TIME", default="", help="when it was noticed, with its zone (now)")
        parser.add_argument("--source", metavar="ID", default="", help="what was read from this source")
        parser.add_argument("--run", metavar="ID", default="", help="what was read in this run")
        parser.add_argument("--disclosure", metavar="ID", default="", help="what left with this export")
        parser.add_argument("--since", metavar="TIME", default="", help="what the store held since then")
        parser.add_argument(
            "--until", metavar="TIME", default="", help="what the store held until then: a backup's time"
        )
        parser.add_argument("--everything", action="store_true", help="all that the store holds")
        parser.add_argument("--ids", action="store_true", help="with affected: the ids of their entries")
        parser.add_argument("--reported", metavar="TIME", default="", help="when the authority was told")
        parser.add_argument("--reference", metavar="TEXT", default="", help="the authority's number")
        parser.add_argument("--delay", metavar="TEXT", default="", help="why it was told after 72 hours")
        parser.add_argument("--told", metavar="TIME", default="", help="when the people were told")
        parser.add_argument("--closed", metavar="TIME", default="", help="when nothing was left to do")
        parser.add_argument("--language", choices=("en", "nl", "de", "fr"), default="en", help="of the letter")
        parser.add_argument("--dry-run", action="store_true", help="with add and update: say what would be, and stop")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do one act."""
        from crawler import clock  # noqa: PLC0415  the base says why

        if (opts.action in {"show", "update", "letter"}) != bool(opts.id):
            raise UsageError(f"`scrapy breach {opts.action}` needs {'no' if opts.id else 'a'} breach.")
        acts = {
            "add": self._add, "list": self._list, "show": self._show, "affected": self._affected,
            "update": self._update, "letter": self._letter,
        }  # fmt: skip
        writes = opts.action in {"add", "update"}
        with self.writing() if writes else self.reading() as connection:
            code = acts[opts.action](connection, opts, clock.now())
            if writes and opts.dry_run:
                connection.rollback()
        return code

    def _add(self, connection: Connection, opts: argparse.Namespace, now: datetime) -> int:
        from pipelines.accountability import breaches  # noqa: PLC0415

        if not opts.facts or not opts.risk:
            raise UsageError("say what happened (--facts) and how grave it is for people (--risk)")
        noticed = breaches.moment(opts.noticed, "--noticed") if opts.noticed else now
        if noticed > now:
            raise UsageError("--noticed lies in the future")
        texts = {name: getattr(opts, name) for name in ("kind", "facts", "effects", "measures", "risk")}
        found = breaches.add(connection, texts, self._scope(opts), noticed, self.journal.by)
        breach = breaches.get(connection, found)
        self.record(connection, "breach", found, {"act": "add", "people": breach.people, "risk": breach.risk})
        self._tell(breach, now, opts)
        return 0

    def _list(self, connection: Connection, opts: argparse.Namespace, now: datetime) -> int:
        from pipelines.accountability.breaches import breaches  # noqa: PLC0415

        found = breaches(connection)
        for breach in found:
            self._tell(breach, now, opts)
        if not found and not opts.json:
            self.write("No breach is on record.")
        return 3 if any(breach.overdue(now) or breach.untold() for breach in found) else 0

    def _show(self, connection: Connection, opts: argparse.Namespace, now: datetime) -> int:
        from pipelines.accountability.breaches import get  # noqa: PLC0415

        breach = get(connection, opts.id)
        self._tell(breach, now, opts)
        if not opts.json:
            for name in ("facts", "effects", "measures", "reference", "delay"):
                if text := getattr(breach, name):
                    self.write(f"  {name}: {text}")
        return 0

    def _affected(self, connection: Connection, opts: argparse.Namespace, now: datetime) -> int:
        from pipelines.accountability.breaches import affected  # noqa: PLC0415

        found = affected(connection, self._scope(opts))
        if opts.json:
            ids = {"ids": list(found.people)} if opts.ids else {}
            self.write_json({"people": len(found.people), "statements": found.statements, **ids})
            return 0
        self.write(f"{len(found.people)} people, {found.statements} values.")
        for one in found.people if opts.ids else ():
            self.write(one)
        return 0

    def _update(self, connection: Connection, opts: argparse.Namespace, now: datetime) -> int:
        from pipelines.accountability import breaches  # noqa: PLC0415

        names = ("facts", "effects", "measures", "risk", "reference", "delay")
        values: dict[str, Any] = {name: getattr(opts, name) for name in names if getattr(opts, name)}
        for option, column in (("reported", "reported_at"), ("told", "told_at"), ("closed", "closed_at")):
            if text := getattr(opts, option):
                values[column] = breaches.moment(text, f"--{option}")
        breach = breaches.change(connection, opts.id, values)
        self.record(connection, "breach", breach.id, {"act": "update", "changed": "+".join(sorted(values))})
        self._tell(breach, now, opts)
        return 0

    def _letter(self, connection: Connection, opts: argparse.Namespace, now: datetime) -> int:
        from pipelines.accountability.breaches import get  # noqa: PLC0415
        from pipelines.rights.letters import letter  # noqa: PLC0415
        from pipelines.rights.register import load  # noqa: PLC0415

        assert self.settings is not None
        controller = load(self.settings["CARDFILE_RIGHTS"]).controller
        breach = get(connection, opts.id)
        facts = {name: getattr(breach, name) for name in ("facts", "effects", "measures")}
        today = now.astimezone(controller.zone).date()
        self.write(letter("breach", opts.language, {"controller": controller, **facts}, today).body)
        return 0

    def _scope(self, opts: argparse.Namespace) -> dict[str, str]:
        from pipelines.accountability.breaches import scope_of  # noqa: PLC0415

        given = {name: getattr(opts, name) for name in _WHO}
        given["everything"] = "yes" if opts.everything else ""
        return scope_of(given, ("since", "until"))

    def _tell(self, breach: Breach, now: datetime, opts: argparse.Namespace) -> None:
        overdue = breach.overdue(now)
        if opts.json:
            from dataclasses import asdict  # noqa: PLC0415

            self.write_json({**asdict(breach), "due_at": breach.due_at, "overdue": overdue, "untold": breach.untold()})
            return
        hours = (breach.due_at - now).total_seconds() / 3600
        if breach.risk == "none":
            state = "need not be reported"
        elif breach.reported_at:
            state = f"reported {breach.reported_at:%Y-%m-%d %H:%M} UTC"
        else:
            state = "OVERDUE" if overdue else f"{hours:.0f} hours left to report it"
        told = "; PEOPLE HAVE TO BE TOLD" if breach.untold() else ""
        self.write(
            f"{breach.id[:12]}  {breach.noticed_at:%Y-%m-%d %H:%M} UTC  {breach.kind}, {breach.risk}: "
            f"{breach.people} people, {breach.statements} values; {state}{told}"
        )
