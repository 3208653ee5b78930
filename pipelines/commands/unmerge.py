"""`scrapy unmerge`: undo one judgement."""

from __future__ import annotations

import argparse
from typing import ClassVar

from pipelines.review.command import StoreCommand


class Command(StoreCommand):
    """Undo one judgement, or part an id from what it was merged into.

    WHAT is the id of a judgement or of a merged entry, or its beginning, as `scrapy why` shows them. A person's
    judgement is withdrawn, and the store is exactly what it was before it; what a rule has merged is parted by a
    judgement of yours, which `scrapy unmerge` can undo in turn.
    """

    summary = "Undo one judgement or merge"
    arguments = "WHAT [options]"
    example: ClassVar[str] = """
        scrapy unmerge 5c0d1f22
        scrapy unmerge 5c0d1f22 --by "A. Reviewer" --json
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what to undo and who undoes it."""
        from pipelines.review.texts import LANGUAGES  # noqa: PLC0415  the base says why

        parser.add_argument("what", metavar="WHAT", help="id of a judgement, or of an entry that was merged")
        parser.add_argument("--by", metavar="NAME", default="", help="who decides: CARDFILE_REVIEWER or you by default")
        parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the sentences")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Undo and say what became of it."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.review import people  # noqa: PLC0415
        from pipelines.review.show import say_decided  # noqa: PLC0415

        assert self.settings is not None
        by = people.reviewer(opts.by or self.settings["CARDFILE_REVIEWER"])
        with self.writing() as connection:
            found = people.unmerge(connection, opts.what, by=by, now=clock.now())
            self.record(connection, "unmerge", found.judgement, by=by)
        say_decided(self, found, opts.language, as_json=opts.json)
        return 0
