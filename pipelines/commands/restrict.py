"""`scrapy restrict`: keep data as they are and do nothing else with them, and lift that again."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.errors import RefusedError, UsageError
from pipelines.requests.command import RequestCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Ask, Case, Desk

_GROUNDS = ("accuracy", "unlawful", "claims", "objection")


class Command(RequestCommand):
    """Restrict the processing of a person's data (Article 18 GDPR), or lift that with `--lift`.

    What is held stays as it is: no crawl changes it, no retention deletes it, nobody merges it by hand, and it is in no
    export. Reports and `scrapy why` show the values to the privacy officer only. The person still gets the notices
    that the law owes (Article 14), and no other message. Recipients are told (Article 19). `--ground` is the letter
    of Article 18(1). The person is told before a restriction is lifted (Article 18(3)); `--told-on` says when that was.
    """

    kind = "restrict"
    summary = "Restrict what is done with a person's data, or lift that"
    arguments = "--email E|--telephone T|--url U|--id ID|--name N --organisation O [options]"
    example: ClassVar[str] = """
        scrapy restrict --email jane.roe@noord.example --ground accuracy
        scrapy restrict --id 3f2a9c1e --lift --told-on 2026-11-20
    """

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare the ground, or the end."""
        parser.add_argument(
            "--ground", choices=_GROUNDS, default="", help="why: the letters (a) to (d) of Article 18(1)"
        )
        parser.add_argument("--lift", action="store_true", help="end the restriction")
        parser.add_argument("--told-on", metavar="DAY", default="", help="with --lift: when the person was told")

    def begin(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> None:
        """Refuse to lift what the person has not been told of."""
        from pipelines.requests.rules import received  # noqa: PLC0415  the base says why

        if opts.lift == bool(opts.ground):
            raise UsageError("say why with --ground, or end a restriction with --lift")
        if opts.lift and not opts.told_on:
            raise RefusedError(
                "The person is told before a restriction is lifted (Article 18(3) GDPR); do that, and say --told-on."
            )
        if opts.lift:
            received(opts.told_on, desk.today)
        self._lift = opts.lift

    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Restrict or release the people of some cases."""
        from pipelines.requests.restricting import release, restrict  # noqa: PLC0415
        from pipelines.requests.rules import Ground  # noqa: PLC0415

        if opts.lift:
            self.each(connection, cases, lambda case: self.correct(release(connection, [case], desk), desk, opts))
        else:
            self.correct(restrict(connection, cases, desk, Ground(opts.ground)), desk, opts)

    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return how many readings would be restricted or released."""
        from pipelines.requests.restricting import restricted  # noqa: PLC0415

        held = [case.person.everything if case.person else set() for case in cases]
        return [
            {"lift": self._lift, "mentions": len(one), "restricted_now": restricted(connection, one)} for one in held
        ]
