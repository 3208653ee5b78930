"""The base of the commands that answer requests: one person by options, or many by a file."""

from __future__ import annotations

import argparse
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Ask, Case, Desk
    from pipelines.requests.reading import Unread
    from pipelines.requests.rules import Kind

#: Requests that are carried out in one transaction: a crawl that is writing waits no longer than that takes.
GROUP = 100


class RequestCommand(StoreCommand):
    """A command that answers one kind of request.

    Exit code 4 where a request is refused: it stays open in the book, because its month has begun.
    """

    kind: ClassVar[str]
    #: Columns of a file of requests that only this kind knows.
    columns: ClassVar[tuple[str, ...]] = ()
    #: Whether nobody may resolve from the search for people until what follows is durable: a reading that joined
    #: somebody in between would stay. A command that only reads holds no crawl up.
    alone: ClassVar[bool] = True
    #: The exit code besides that of a refusal.
    code: int = 0

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare who is meant, when the request came in and how the person was identified."""
        parser.add_argument("--id", metavar="ID", default="", help="an entry's id, as `scrapy why` shows it")
        parser.add_argument("--email", metavar="E", default="", help="an address of the person")
        parser.add_argument("--telephone", metavar="T", default="", help="a number, with its country code")
        parser.add_argument("--url", metavar="U", default="", help="a profile or page of the person")
        parser.add_argument("--name", metavar="N", default="", help="the name, together with --organisation")
        parser.add_argument("--organisation", metavar="O", default="", help="an employer, now or before")
        parser.add_argument(
            "--country", metavar="CC", default="", help="where a number without country code is dialled"
        )
        parser.add_argument("--received", metavar="DAY", default="", help="when the request came in; today by default")
        parser.add_argument(
            "--identity",
            metavar="HOW",
            default="",
            help="none, email-loop, known or document; docs/rights.md says when",
        )
        parser.add_argument("--request", metavar="ID", default="", help="go on with an open request of the book")
        parser.add_argument("--requests", metavar="FILE", type=Path, help="answer all requests of a CSV file")
        parser.add_argument("--dry-run", action="store_true", help="show what would be done, and change nothing")
        self.add_corrections(parser)
        self.add_own(parser)

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare what this kind needs besides."""

    @abstractmethod
    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Carry out some requests in one transaction and close their cases."""

    @abstractmethod
    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return for each request what would be done, as value-free facts."""

    def details(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what this kind needs besides, from options or columns; raises UsageError for what cannot be read."""
        return {}

    def begin(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> None:
        """Refuse what could not be finished, before anything is changed."""

    def finish(self, desk: Desk, opts: argparse.Namespace) -> None:
        """Do what follows once all transactions are through."""

    def each(self, connection: Connection, cases: Sequence[Case], act: Callable[[Case], None]) -> None:
        """Carry out one case after the other; what is refused is undone and stays open, and the others go on."""
        from pipelines.errors import RefusedError  # noqa: PLC0415

        for case in cases:
            entry = case.entry
            try:
                with connection.begin_nested():
                    act(case)
            except (RefusedError, UsageError) as error:
                case.entry, case.refusal = entry, str(error)

    def correct(self, lines: Mapping[str, Sequence[Mapping[str, Any]]], desk: Desk, opts: argparse.Namespace) -> None:
        """Keep the lines for recipients until all requests of the transaction are carried out."""
        for recipient, listed in lines.items():
            self._lines.setdefault(recipient, []).extend(listed)

    def _write_corrections(self, desk: Desk, opts: argparse.Namespace) -> None:
        """Write the files for recipients before the transaction ends: a duty to tell must not be lost."""
        from pipelines.requests.telling import write  # noqa: PLC0415

        for recipient, path in write(self.corrections(opts), self._lines, desk.today).items():
            self.warn(f"For recipient {recipient}: {path}")
        self._lines.clear()

    def told(self, case: Case) -> str:
        """Return a sentence about a request that was carried out."""
        counts = ", ".join(f"{value} {key}" for key, value in case.entry.counts.items() if isinstance(value, int))
        return f"{case.entry.outcome}{': ' if counts else ''}{counts}"

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Read the requests, carry them out in groups, and tell what came of each."""
        self._lines: dict[str, list[Mapping[str, Any]]] = {}
        desk = self.desk
        asks, lines, unread = self._asks(opts, desk)
        self.begin(asks, desk, opts)
        refused = bool(unread)
        for row in unread:
            self._tell_unread(row, opts)
        for start in self.progress(range(0, len(asks), GROUP), "Answering"):
            group = asks[start : start + GROUP]
            cases = self._dry(group, desk, opts) if opts.dry_run else self._group(group, desk, opts)
            for case, line in zip(cases, lines[start : start + GROUP], strict=True):
                refused = refused or bool(case.refusal)
                if not opts.dry_run or case.refusal:
                    self._tell(case, line, desk, opts)
        if not opts.dry_run:
            self.finish(desk, opts)
        return 4 if refused else self.code

    @cached_property
    def desk(self) -> Desk:
        """What requests are handled with; raises UsageError without a rights register or, in production, a secret."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.requests.cases import Desk  # noqa: PLC0415
        from pipelines.rights import register  # noqa: PLC0415

        assert self.settings is not None
        journal = self.journal
        return Desk(journal.keys, register.load(self.settings["CARDFILE_RIGHTS"]), clock.now(), journal.by)

    def _asks(self, opts: argparse.Namespace, desk: Desk) -> tuple[list[Ask], list[int], list[Unread]]:
        from pipelines.requests.reading import COLUMNS, ask, asks  # noqa: PLC0415
        from pipelines.requests.rules import Kind  # noqa: PLC0415

        kind: Kind = Kind(self.kind)
        given = {key: getattr(opts, key) for key in (*COLUMNS, *self.columns)}
        if opts.requests is None:
            return [ask(kind, {key: _cell(value) for key, value in given.items()}, desk.today, self.details)], [0], []
        if any(given[key] for key in COLUMNS):
            raise UsageError("--requests FILE says who is meant in its columns; give no option for a person beside it")
        return asks(kind, opts.requests, desk.today, self.columns, self.details)

    def _group(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> list[Case]:
        from pipelines.requests.cases import open_cases, recorded  # noqa: PLC0415
        from pipelines.resolution.resolver import lock  # noqa: PLC0415

        with self.writing() as connection:
            if self.alone:
                lock(connection)
            cases = open_cases(connection, asks, desk)
            self.handle(connection, [case for case in cases if not case.refusal], desk, opts)
            recorded(connection, cases, desk)
            self._write_corrections(desk, opts)
            details: dict[str, int | str | bool] = {
                "requests": len(cases),
                "refused": sum(bool(case.refusal) for case in cases),
            }
            self.record(connection, self.kind, cases[0].entry.id if len(cases) == 1 else "", details)
        return cases

    def _dry(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> list[Case]:
        from pipelines.requests.cases import open_cases  # noqa: PLC0415

        with self.reading() as connection:
            cases = open_cases(connection, asks, desk)
            ready = [case for case in cases if not case.refusal]
            for case, facts in zip(ready, self.plan(connection, ready, desk), strict=True):
                if opts.json:
                    self.write_json({"dry_run": True, "held": case.person is not None, **facts})
                else:
                    self.write("\n".join(_lines(facts)) if case.person else "Nothing is held; it would be kept out.")
        return cases

    def _tell(self, case: Case, line: int, desk: Desk, opts: argparse.Namespace) -> None:
        if opts.json:
            facts = {"line": line, **case.entry.facts(desk.today)} if line else case.entry.facts(desk.today)
            more = {"refusal": case.refusal, "candidates": list(case.choices)} if case.refusal else {}
            self.write_json({**facts, **more})
            return
        where = f"line {line}: " if line else ""
        if case.refusal:
            self.warn(f"{where}{case.refusal}")
            for choice in case.choices:
                self.warn(f"  {choice}")
            if not opts.dry_run:
                self.warn(
                    f"{where}Request {case.entry.id[:12]} is in the book and due on {case.entry.term.due};"
                    f" go on with it by --request {case.entry.id[:12]}."
                )
            return
        self.write(f"{where}Request {case.entry.id[:12]} ({self.kind}): {self.told(case)}.")

    def _tell_unread(self, row: Unread, opts: argparse.Namespace) -> None:
        if opts.json:
            self.write_json({"line": row.line, "outcome": "unread", "refusal": row.reason})
        else:
            self.warn(f"line {row.line}: {row.reason}")


def _cell(value: Any) -> str:
    """Return an option as a cell of a file would say it; one that can be repeated has a bar between its values."""
    return " | ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    for key, value in facts.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, dict):
            shown = ", ".join(f"{count} {name}" for name, count in value.items())
        yield f"{key}: {shown if shown not in ('', [], {}) else '–'}"
