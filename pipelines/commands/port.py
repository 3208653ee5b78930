"""`scrapy port`: a copy of what the person gave, for a program to read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.requests.handing import HandingCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Case, Desk


class Command(HandingCommand):
    """Hand over what a person gave us, to take elsewhere (Article 20 GDPR).

    That is what came from the person (acquisition under Article 13) on the basis of consent or a contract, as JSON with
    the names of schema.org, as CSV or as vCard. What was read elsewhere is not portable; the receipt counts it with the
    reason, and `scrapy access` shows it.
    """

    kind = "port"
    forms = ("json", "csv", "vcf")
    summary = "Hand over what a person gave us, for a program to read"
    arguments = "--email E|--telephone T|--url U|--id ID|--name N --organisation O -o FILE [options]"
    example: ClassVar[str] = """
        scrapy port --email jane.roe@noord.example --identity email-loop -o jane.json
        scrapy port --id 3f2a9c1e --identity known -o card.vcf
    """

    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Write a copy for each case; none where nothing is portable."""
        from pipelines.requests.porting import FORMS, portable  # noqa: PLC0415  the base says why

        for case in cases:
            held, stays = portable(connection, case.person.everything if case.person else ())
            proof = self.hand(case, FORMS[self._form](held), opts) if held else ""
            case.done(desk.now, {"statements": len(held), **stays}, proof)

    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return how much would go along and how much would stay, by reason."""
        from pipelines.requests.porting import portable  # noqa: PLC0415

        found = [portable(connection, case.person.everything if case.person else ()) for case in cases]
        return [{"statements": len(held), **stays} for held, stays in found]
