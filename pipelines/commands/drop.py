"""`scrapy drop`: California's deletion lists (Delete Request and Opt-out Platform), and the answers to them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.rights.droplists import DropList
    from pipelines.upkeep.dropping import Dropped


class Command(StoreCommand):
    """Carry out a download of the platform (a ZIP archive, or one CSV list) and write the answers to upload.

    Work items are hashes of e-mail addresses and telephone numbers. Who is held under one goes and stays out (status
    3); where several people share it, all of them are opted out of sale and sharing (4); nobody held is 5. Exemption
    (2) is never claimed: that is for a lawyer to say. Lists of dates of birth, vehicles and devices match nobody,
    because none is ever stored. Each hash is kept, keyed, for whoever is read later; a list of removals lifts it.
    Answers have the name of their list and the columns `Id,Status`; recipients of what goes are told by files.
    """

    summary = "Carry out California's deletion lists, and answer them"
    arguments = "FILE -o DIR [options]"
    example: ClassVar[str] = """
        scrapy drop 20260801_4821_DROP.zip -o answers --dry-run
        scrapy drop 20260801_4821_DROP.zip -o answers
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the download and where the answers go."""
        parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="a ZIP archive, or lists as CSV")
        parser.add_argument("-o", dest="folder", metavar="DIR", type=Path, help="the folder for the answers")
        self.add_corrections(parser)
        parser.add_argument("--dry-run", action="store_true", help="count what would be answered; change nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Carry out each list in a transaction of its own; its answer has its name once that is durable."""
        from pipelines.rights.droplists import lists  # noqa: PLC0415  the base says why

        if not opts.files or (opts.folder is None and not opts.dry_run):
            raise UsageError("name the download, and the folder for the answers (-o DIR).")
        found = [one for path in opts.files for one in lists(path)]
        for listed in found:
            if opts.folder and (opts.folder / listed.name).exists():
                raise UsageError(f"{opts.folder / listed.name} exists; an answer is never written over another file")
        for listed in found:
            self._tell(listed, self._carry_out(listed, opts), opts)
        return 0

    def _carry_out(self, listed: DropList, opts: argparse.Namespace) -> Dropped:
        from pipelines.upkeep.dropping import Dropped  # noqa: PLC0415

        done = Dropped()
        if opts.dry_run:
            with self.reading() as connection:
                self._answer(connection, listed, done, None)
            return done
        opts.folder.mkdir(parents=True, exist_ok=True)
        draft = opts.folder / f".{listed.name}.part"
        try:
            with self.writing() as connection:
                self._answer(connection, listed, done, draft)
                self._record(connection, listed, done, opts)
            if draft.exists():
                draft.rename(opts.folder / listed.name)
        finally:
            draft.unlink(missing_ok=True)
        return done

    def _answer(self, connection: Connection, listed: DropList, done: Dropped, draft: Path | None) -> None:
        from crawler import clock  # noqa: PLC0415
        from pipelines.rights.droplists import REMOVED, answer_lines  # noqa: PLC0415
        from pipelines.upkeep.dropping import answers  # noqa: PLC0415

        found = answers(
            connection, self.journal.keys, listed, done, reference=listed.name, now=clock.now(), dry=draft is None
        )
        if draft is None or listed.list_type == REMOVED:
            for _ in self.progress(found, listed.name):
                pass
            return
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.writelines(self.progress(answer_lines(found), listed.name))
            file.flush()
            os.fsync(file.fileno())

    def _record(self, connection: Connection, listed: DropList, done: Dropped, opts: argparse.Namespace) -> None:
        from crawler import clock  # noqa: PLC0415
        from pipelines.requests.telling import write  # noqa: PLC0415

        if done.lines:
            write(self.corrections(opts), done.lines, clock.now().date())
        statuses = {status.name.lower(): count for status, count in sorted(done.statuses.items())}
        told = {**statuses, "mentions": done.mentions, "removed": done.removed}
        self.record(connection, "drop", listed.name, told)

    def _tell(self, listed: DropList, done: Dropped, opts: argparse.Namespace) -> None:
        statuses = {status.name.lower(): count for status, count in sorted(done.statuses.items())}
        answer = "" if opts.dry_run or not done.statuses else str(opts.folder / listed.name)
        facts = {
            "people": done.people,
            "mentions": done.mentions,
            "removed": done.removed,
            "recipients": len(done.lines),
        }
        if opts.json:
            self.write_json({"list": listed.name, "answer": answer, "statuses": statuses, **facts})
            return
        said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in statuses.items()) or "no work item"
        more = f"; {done.removed} cancelled" if done.removed else ""
        where = f" Answer: {answer}." if answer else " Nothing was changed." if opts.dry_run else ""
        self.write(f"{listed.name}: {said}{more}; {done.mentions} readings of {done.people} people.{where}")
