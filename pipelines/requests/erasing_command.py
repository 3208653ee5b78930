"""What the commands share that erase: the backups, the correction files, and the look for what was left."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.requests.command import RequestCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Ask, Case, Desk

_POLICIES = ("rewrite", "delete", "keep")


class ErasingCommand(RequestCommand):
    """A command that takes people out of the store."""

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare what becomes of backups and where correction files go."""
        parser.add_argument(
            "--backups", choices=_POLICIES, default="rewrite", help="what to do with known backups (rewrite)"
        )
        parser.add_argument("--key-file", type=Path, metavar="KEY", help="the key of encrypted backups")

    def begin(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> None:
        """Refuse when a backup could not be written anew."""
        from pipelines.master.backup.sealing import read_key  # noqa: PLC0415  the base says why
        from pipelines.upkeep.backups import Policy, known, ready  # noqa: PLC0415

        self._seal = read_key(opts.key_file) if opts.key_file else None
        self._needles: set[str] = set()
        self._erased = 0
        with self.reading() as connection:
            ready(known(connection), Policy(opts.backups), self._seal)

    def erase(
        self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace, reason: str
    ) -> None:
        """Erase the people of some cases."""
        from pipelines.requests.erasing import erase  # noqa: PLC0415

        done = erase(connection, cases, desk, reason=reason)
        self._needles |= done.needles
        self._erased += len(cases)
        self.correct(done.lines, desk, opts)

    def extent(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return what would go of each case, with names masked."""
        from pipelines.requests.erasing import extents  # noqa: PLC0415
        from pipelines.requests.naming import masked  # noqa: PLC0415
        from pipelines.upkeep.backups import known  # noqa: PLC0415

        backups = [str(one.path) for one in known(connection)]
        return [
            {
                "names": sorted({masked(name) for name in case.person.names}) if case.person else [],
                **one.counts(),
                "properties": dict(sorted(one.values.items())),
                "kept_out": len(case.identifiers),
                "shared": case.person.shared if case.person else 0,
                "backups": backups,
            }
            for case, one in zip(cases, extents(connection, cases, desk), strict=True)
        ]

    def finish(self, desk: Desk, opts: argparse.Namespace) -> None:
        """Clear the files of the store and the backups, and say what is left; exit code 3 when something is."""
        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.upkeep.backups import Policy, purge  # noqa: PLC0415
        from pipelines.upkeep.scrubbing import scrub, traces  # noqa: PLC0415

        if not self._erased:
            return
        assert self.settings is not None
        engine = open_store(database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"]))
        try:
            with self.status("Clearing backups and files"):
                purged = purge(engine, self.home, Policy(opts.backups), seal=self._seal, secret=desk.keys, now=desk.now)
                scrubbed = scrub(engine, self._needles)
                found = [*scrubbed.left, *traces(self.home, self._needles)]
        finally:
            engine.dispose()
        if purged.rewritten or purged.deleted:
            self.warn(f"Backups written anew: {purged.rewritten}; deleted: {purged.deleted}.")
        for path in purged.left:
            self.warn(f"The backup {path} still holds what it held; a restore leaves these people out of it.")
        for path in found:
            self.warn(f"{path} still holds a value of somebody who was erased: remove it, or look why.")
        if scrubbed.busy:
            self.warn(
                "Somebody else is reading the store; run `scrapy db check` later, and erase again to clear its log."
            )
        if found or purged.left or scrubbed.busy:
            self.code = 3
