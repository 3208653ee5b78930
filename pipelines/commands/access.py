"""`scrapy access`: everything that is held about a person, as an answer to that person."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.requests.handing import HandingCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Case, Desk
    from pipelines.requests.dossier import Dossier

_LANGUAGES = ("en", "nl", "de", "fr")


class Command(HandingCommand):
    """Answer a request for access (Article 15 GDPR).

    The answer holds every value with its pages, permission, purpose, legal basis and end; the jobs; each recipient by
    name with what it received and when; why pages are taken for one person; notices, choices, consents, requests; and
    the person's rights, in plain language (English, Dutch, German, French) or as JSON. The receipt keeps its SHA-256.
    """

    kind = "access"
    forms = ("html", "md", "json")
    summary = "Answer a person who asks what is held about them"
    arguments = "--email E|--telephone T|--url U|--id ID|--name N --organisation O -o FILE [options]"
    example: ClassVar[str] = """
        scrapy access --email jane.roe@noord.example --identity email-loop -o answer.html
        scrapy access --id 3f2a9c1e --identity known --language nl -o answer.md
        scrapy access --requests access.csv -o answers --format html --json
    """

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare the language."""
        super().add_own(parser)
        parser.add_argument(
            "--language", choices=_LANGUAGES, help="by default that of the person's pages, else English"
        )

    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Write an answer for each case."""
        from pipelines.requests.answering import FORMS, language_of  # noqa: PLC0415  the base says why
        from pipelines.requests.dossier import dossier  # noqa: PLC0415

        for case in cases:
            found = dossier(connection, case, desk)
            language = opts.language or language_of(found)
            day = case.entry.received_on.isoformat()
            text = FORMS[self._form](found, desk.register.controller, day, language)
            case.done(desk.now, _counts(found), self.hand(case, text, opts))

    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return how much an answer would hold."""
        from pipelines.requests.dossier import dossier  # noqa: PLC0415

        return [_counts(dossier(connection, case, desk)) for case in cases]


def _counts(found: Dossier) -> dict[str, Any]:
    return {
        "entries": len(found.entries),
        "values": len(found.values),
        "readings": sum(len(value.readings) for value in found.values),
        "recipients": sorted({one.recipient for one in found.given}),
        "notices": len(found.notices),
    }
