"""`scrapy judge`: a person decides about a pair."""

from __future__ import annotations

import argparse
from typing import ClassVar

from pipelines.review.command import StoreCommand


class Command(StoreCommand):
    """Record your decision that two readings are the same person or organisation, or are different.

    A and B are ids (of an entry, or of a reading within it, as `scrapy why` shows them), addresses, numbers or
    names. Your decision outranks every rule, holds through re-crawling and re-resolving, and can be undone with
    `scrapy unmerge`. What somebody has decided before is not decided twice: the first judgement holds. Where yours
    contradicts another one, "different" wins, and `scrapy review --conflicts` shows both.
    """

    summary = "Decide that two readings are the same, or are different"
    arguments = "A B --same|--different [options]"
    example: ClassVar[str] = """
        scrapy judge 3f2a9c1e 77b0d4aa --same --by "A. Reviewer" --reason pages
        scrapy judge jane.roe@example.nl 77b0d4aa --different
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the pair, the verdict and who gives it."""
        from pipelines.review.texts import LANGUAGES, reasons  # noqa: PLC0415

        parser.add_argument("one", metavar="A", help="id, address, number or name")
        parser.add_argument("other", metavar="B", help="the other one")
        verdict = parser.add_mutually_exclusive_group(required=True)
        verdict.add_argument("--same", dest="verdict", action="store_const", const="same", help="they are one")
        verdict.add_argument(
            "--different", dest="verdict", action="store_const", const="different", help="they are two"
        )
        parser.add_argument("--by", metavar="NAME", default="", help="who decides: CARDFILE_REVIEWER or you by default")
        parser.add_argument("--reason", choices=reasons(), default="pages", help="why; no free text is stored")
        parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the sentences")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Decide and say what became of it."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.review import people  # noqa: PLC0415
        from pipelines.review.show import say_decided  # noqa: PLC0415

        assert self.settings is not None
        by = people.reviewer(opts.by or self.settings["CARDFILE_REVIEWER"])
        with self.writing() as connection:
            pair = [people.mention_of(connection, *named) for named in ((opts.one, "A"), (opts.other, "B"))]
            found = people.judge(connection, pair[0], pair[1], opts.verdict, by=by, reason=opts.reason, now=clock.now())
            self.record(connection, "judge", found.judgement, {"verdict": opts.verdict}, by)
        say_decided(self, found, opts.language, as_json=opts.json)
        return 0
