"""`scrapy erase`: take a person out, keep the person out, and tell whoever received the data."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.requests.erasing_command import ErasingCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Case, Desk


class Command(ErasingCommand):
    """Erase a person (Article 17 GDPR).

    Every value goes from every table; keyed hashes of what identifies the person, and nobody else, keep the person out
    through re-crawls, merges, imports and restores. Each recipient who received values gets one correction file
    (Article 19). The backups that this program wrote are written anew without the person. `--dry-run` shows what would
    go. Somebody who is not held is kept out all the same.
    """

    kind = "erase"
    summary = "Erase a person and keep them out"
    arguments = "--email E|--telephone T|--url U|--id ID|--name N --organisation O [options]"
    example: ClassVar[str] = """
        scrapy erase --email jane.roe@noord.example --identity email-loop --dry-run
        scrapy erase --id 3f2a9c1e --identity known --received 2026-11-20
        scrapy erase --requests erasures.csv --backups delete --json
    """

    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Erase the people of some cases."""
        self.erase(connection, cases, desk, opts, "erasure")

    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return what would go."""
        return self.extent(connection, cases, desk)
