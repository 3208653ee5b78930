"""`scrapy db`: the store's upkeep."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_WITH_FILE = ("backup", "restore")
_RESOLVE = " (`scrapy resolve` makes them anew)"


class Command(StoreCommand):
    """Look after the store.

    `upgrade` brings the schema to this program's version, keeping the data; on PostgreSQL that of the queue as well.
    `check` counts what breaks each invariant and exits with 1 when anything does. `rebuild` derives the master table
    anew from statements and judgements; with `--check` it only compares the result with what is there and exits with 1
    when they differ.

    `rescreen` removes what today's rules of minimising would not store, and rebuilds; with `--check` it only counts and
    exits with 1 when there is anything.

    `backup` writes the whole store as it is at one moment to FILE, while crawls go on; with `--key-file` the file is
    encrypted. `restore` verifies FILE, and then replaces what the store holds by it, less everybody who is on the
    suppression list of either. Until that is done in one step, the store stays as it was.
    """

    summary = "Upgrade, check, rebuild, back up or restore the store"
    arguments = "upgrade|check|rebuild|rescreen|backup|restore [FILE] [options]"
    example: ClassVar[str] = """
        scrapy db upgrade
        scrapy db check
        scrapy db rebuild --check
        scrapy db rescreen --check
        scrapy db backup /var/backups/cardfile-2026-11-22 --key-file /etc/cardfile/backup.key
        scrapy db restore /var/backups/cardfile-2026-11-22 --key-file /etc/cardfile/backup.key
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the action."""
        actions = ("upgrade", "check", "rebuild", "rescreen", *_WITH_FILE)
        parser.add_argument("action", choices=actions, help="what to do")
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="with backup and restore: the file")
        parser.add_argument("--check", action="store_true", help="with rebuild, rescreen: look only, change nothing")
        parser.add_argument(
            "--key-file", type=Path, metavar="KEY", help="the key of an encrypted backup (`openssl rand -hex 32 > KEY`)"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do one action over the store that the settings name."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  the base says why

        from pipelines.master.database import database_url  # noqa: PLC0415
        from pipelines.master.faults import store_error  # noqa: PLC0415

        if (opts.action in _WITH_FILE) != (opts.file is not None):
            raise UsageError(f"`scrapy db {opts.action}` needs {'a' if opts.file is None else 'no'} file.")
        if opts.key_file and opts.action not in _WITH_FILE:
            raise UsageError("--key-file belongs to backup and restore.")
        assert self.settings is not None
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        actions = {
            "upgrade": self._upgrade,
            "check": self._check,
            "rebuild": self._rebuild,
            "rescreen": self._rescreen,
            "backup": self._backup,
            "restore": self._restore,
        }
        try:
            return actions[opts.action](url, opts)
        except SQLAlchemyError as error:
            raise store_error(error, url) from None

    def _upgrade(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.database import connect, current_revision, head_revision, reading, upgrade  # noqa: PLC0415
        from pipelines.queue.schema import bring_along  # noqa: PLC0415
        from pipelines.resolution.judgements import of_other_weights  # noqa: PLC0415

        engine = connect(url)
        before, newest = current_revision(engine), head_revision()
        if before and before < newest:
            self.warn(
                f"Bringing the schema from {before} to {newest}: minutes for a large store. Stopped, it is as it was."
            )
        upgrade(engine)
        bring_along(engine)
        with reading(engine) as connection:
            other = of_other_weights(connection)
        after = current_revision(engine)
        if before and before != after:
            with engine.begin() as connection:
                self.record(connection, "upgrade", details={"before": before, "after": after or ""})
        if opts.json:
            self.write_json({"before": before, "after": after})
        elif before == after:
            self.write(f"The schema is up to date ({after}).")
        else:
            self.write(f"The schema was {before or 'empty'} and is now {after}.")
        if other:
            self.warn(f"{other} decisions of the rules were made with other weights{_RESOLVE}.")
        engine.dispose()
        return 0

    def _check(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.check import Finding, check, is_empty, whole  # noqa: PLC0415
        from pipelines.master.database import open_store, reading  # noqa: PLC0415
        from pipelines.master.faults import shown  # noqa: PLC0415
        from pipelines.resolution.judgements import of_other_weights  # noqa: PLC0415
        from pipelines.upkeep.replay import suppressed  # noqa: PLC0415

        engine = open_store(url)
        with reading(engine) as connection:
            stored = len(suppressed(connection, self.journal.keys))
            findings = [
                whole(connection),
                *check(connection),
                Finding("nobody who is on the suppression list is stored", stored),
                Finding(f"the rules decided with the weights of this program{_RESOLVE}", of_other_weights(connection)),
            ]
            empty = is_empty(connection)
        engine.dispose()
        if empty:
            self.warn(f"The store {shown(url)} is empty; check DATABASE_URL and CARDFILE_HOME if it should not be.")
        for finding in findings:
            if opts.json:
                self.write_json({"invariant": finding.invariant, "broken": finding.broken})
            else:
                self.write(f"{'ok    ' if not finding.broken else 'BROKEN'} {finding.broken:>6}  {finding.invariant}")
        return int(any(finding.broken for finding in findings))

    def _rebuild(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.database import open_store  # noqa: PLC0415
        from pipelines.resolution.rebuild import rebuild  # noqa: PLC0415
        from pipelines.upkeep.replay import stop_suppressed  # noqa: PLC0415

        engine = open_store(url)
        with engine.connect() as connection, self.status("Rebuilding the master table"):
            transaction = connection.begin()
            stop_suppressed(connection, self.journal.keys)
            before, after = rebuild(connection)
            if opts.check:
                transaction.rollback()
            else:
                self.record(connection, "rebuild", details={"same": before == after})
                transaction.commit()
        engine.dispose()
        same = before == after
        if opts.json:
            self.write_json({"before": before, "after": after, "same": same})
        elif same:
            self.write("The rebuilt master table is the same, byte for byte.")
        else:
            self.write("The rebuilt master table differs from the stored one.")
        return int(opts.check and not same)

    def _rescreen(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.master.database import open_store, reading  # noqa: PLC0415
        from pipelines.resolution.rebuild import rebuild  # noqa: PLC0415
        from pipelines.upkeep.replay import stop_suppressed  # noqa: PLC0415
        from pipelines.upkeep.rescreen import rescreen, screen_store  # noqa: PLC0415

        assert self.settings is not None
        employers = self.settings.getbool("CARDFILE_KEEP_REVEALING_EMPLOYERS")
        engine = open_store(url)
        with self.status("Screening what is stored"):
            if opts.check:
                with reading(engine) as connection:
                    found = screen_store(connection, revealing_employers=employers)
            else:
                with engine.begin() as connection:
                    stop_suppressed(connection, self.journal.keys)
                    found = rescreen(connection, revealing_employers=employers)
                    if found.statements:
                        rebuild(connection)
                    self.record(connection, "rescreen", details={"statements": len(found.statements)})
        engine.dispose()
        number = len(found.statements)
        if opts.json:
            self.write_json({"statements": number, "by_category": found.by_category(), "removed": not opts.check})
        elif not number:
            self.write("Today's rules would store everything that is here.")
        else:
            told = ", ".join(f"{category} {count}" for category, count in found.by_category().items())
            self.write(f"{number} statements {'would go' if opts.check else 'are removed'}: {told}.")
        return int(opts.check and bool(number))

    def _backup(self, url: URL, opts: argparse.Namespace) -> int:
        from pipelines.upkeep.saving import save  # noqa: PLC0415

        with self.status("Backing up"):
            dump = save(url, opts.file, seal=self._seal(opts), secret=self._secret())
        self._record_backup(url, opts.file, dump.manifest.schema, sum(dump.rows.values()), sealed=bool(opts.key_file))
        if opts.json:
            self.write_json({"file": str(opts.file), "schema": dump.manifest.schema, "rows": dump.rows})
        else:
            sealed = ", encrypted" if opts.key_file else ""
            self.write(f"{sum(dump.rows.values())} rows of schema {dump.manifest.schema}{sealed}: {opts.file}")
        return 0

    def _record_backup(self, url: URL, file: Path, schema: str, rows: int, *, sealed: bool) -> None:
        """Note a backup, unless it was made before an upgrade that brings the log of activities.

        An erasure has to reach the file, so where it lies is kept too.
        """
        from sqlalchemy import inspect  # noqa: PLC0415

        from crawler import clock  # noqa: PLC0415
        from pipelines.master.activity import ActivityRow  # noqa: PLC0415
        from pipelines.master.database import connect  # noqa: PLC0415
        from pipelines.upkeep import backups  # noqa: PLC0415

        engine = connect(url)
        backups.note(engine, file, sealed=sealed, now=clock.now())
        with engine.begin() as connection:
            if inspect(connection).has_table(ActivityRow.__tablename__):
                self.record(connection, "backup", details={"schema": schema, "rows": rows, "sealed": sealed})
        engine.dispose()

    def _restore(self, url: URL, opts: argparse.Namespace) -> int:
        from crawler import clock  # noqa: PLC0415
        from pipelines.master.database import open_store  # noqa: PLC0415
        from pipelines.upkeep.policy import policy  # noqa: PLC0415
        from pipelines.upkeep.restoring import restore  # noqa: PLC0415
        from pipelines.upkeep.retaining import retain  # noqa: PLC0415

        assert self.settings is not None
        seal = self._seal(opts)
        employers = self.settings.getbool("CARDFILE_KEEP_REVEALING_EMPLOYERS")
        engine = open_store(url)
        with self.status("Restoring"):
            done = restore(
                opts.file,
                engine,
                Path(self.settings["CARDFILE_HOME"]),
                seal=seal,
                secret=self.journal.keys,
                revealing_employers=employers,
            )
            period, zone = policy(self.settings)  # what had ended since the backup was made does not come back either
            ended = retain(engine, self.journal.keys, period, clock.now(), zone).statements
        with engine.begin() as connection:
            kept_out = {"suppressed": done.removed, "screened": done.screened, "ended": ended}
            self.record(connection, "restore", details={"made_at": done.manifest.made_at, **kept_out})
        engine.dispose()
        if opts.json:
            self.write_json(
                {
                    "file": str(opts.file),
                    "made_at": done.manifest.made_at,
                    "schema": done.manifest.schema,
                    "rows": done.rows,
                    "suppressions": done.suppressions,
                    "removed_mentions": done.removed,
                    "screened_statements": done.screened,
                    "ended_statements": ended,
                }
            )
        else:
            self.write(
                f"{sum(done.rows.values())} rows of {done.manifest.made_at} are restored; {done.suppressions}"
                f" suppressions carried over, {done.removed} mentions of suppressed people, {done.screened} statements"
                f" that today's rules would not store and {ended} whose retention has ended were left out."
            )
        return 0

    def _seal(self, opts: argparse.Namespace) -> bytes | None:
        from pipelines.master.backup.sealing import read_key  # noqa: PLC0415

        return read_key(opts.key_file) if opts.key_file else None

    def _secret(self) -> bytes:
        from pipelines.rights.secret import secret_key  # noqa: PLC0415

        assert self.settings is not None
        return secret_key(
            self.settings["CARDFILE_SECRET"],
            self.settings["CARDFILE_HOME"],
            production=self.settings.getbool("CARDFILE_PRODUCTION"),
        )
