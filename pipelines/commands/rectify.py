"""`scrapy rectify`: what the person says is right outranks every page."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.errors import UsageError
from pipelines.requests.command import RequestCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Ask, Case, Desk


class Command(RequestCommand):
    """Set right what is held about a person (Article 16 GDPR).

    `--set` says what is right and replaces every other value of that property; `--add` completes; `--wrong` only takes
    a value away. All are checked like what a page says, outrank every source, and hold through re-crawls. Each
    recipient of a value that was wrong gets a correction file (Article 19). `--withdraw ID` takes a correction back.
    """

    kind = "rectify"
    columns = ("set", "add", "wrong")
    summary = "Set right what is held about a person"
    arguments = "--email E|--telephone T|--url U|--id ID|--name N --organisation O [options]"
    example: ClassVar[str] = """
        scrapy rectify --email jane.roe@noord.example --identity email-loop --set "jobTitle=Head of Sales"
        scrapy rectify --id 3f2a9c1e --identity known --wrong email=old@noord.example --add telephone=+442079460123
        scrapy rectify --id 3f2a9c1e --identity known --withdraw 77b0d4aa
    """

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare the changes."""
        parser.add_argument("--set", metavar="PROPERTY=VALUE", action="append", default=[], help="this is right")
        parser.add_argument("--add", metavar="PROPERTY=VALUE", action="append", default=[], help="this is missing")
        parser.add_argument("--wrong", metavar="PROPERTY=VALUE", action="append", default=[], help="this is wrong")
        parser.add_argument("--withdraw", metavar="ID", default="", help="take this correction back")

    def details(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the changes that a request asks for."""
        from pipelines.requests.rectifying import Changes, assignments  # noqa: PLC0415  the base says why

        read = {
            key: assignments([text for text in given.get(key, "").split(" | ") if text.strip()], f"--{key}")
            for key in self.columns
        }
        for key in ("set", "add"):
            if len(dict(read[key])) < len(read[key]):
                raise UsageError(f"--{key} names a property twice; a second value of it is a second request")
        country = given.get("country", "").strip().upper()
        return {"changes": Changes(dict(read["set"]), dict(read["add"]), read["wrong"], country)}

    def begin(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> None:
        """Refuse a request that changes nothing."""
        if any(bool(ask.details["changes"]) == bool(opts.withdraw) for ask in asks):
            raise UsageError(
                "say what is right (--set), missing (--add) or wrong (--wrong), or --withdraw a correction"
            )

    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Correct one case after the other; one that is refused leaves the others."""
        from pipelines.requests.rectifying import rectify, take_back  # noqa: PLC0415
        from pipelines.resolution.resolver import resolve_pending  # noqa: PLC0415
        from pipelines.upkeep.replay import stop_suppressed  # noqa: PLC0415

        def one(case: Case) -> None:
            if opts.withdraw:
                take_back(connection, case, desk, opts.withdraw.lower())
            else:
                self.correct(rectify(connection, case, desk, case.ask.details["changes"]), desk, opts)

        self.each(connection, cases, one)
        stop_suppressed(connection, desk.keys)
        resolve_pending(connection)

    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return which properties would change; the values are those of the command line."""
        found = []
        for case in cases:
            changes = case.ask.details["changes"]
            found.append(
                {
                    "set": sorted(prop.value for prop in changes.right),
                    "add": sorted(prop.value for prop in changes.more),
                    "wrong": sorted(prop.value for prop, _ in changes.wrong),
                    "corrections": len(case.person.corrections) if case.person else 0,
                }
            )
        return found
