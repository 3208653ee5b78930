"""`scrapy genspider`: stock Scrapy, with names that Python and the house can load, and our template by default."""

from __future__ import annotations

import argparse
import keyword
import re
from typing import ClassVar

from scrapy.commands.genspider import Command as StockCommand

from pipelines.command import CardfileCommand
from pipelines.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


class Command(CardfileCommand, StockCommand):
    """Write a spider for a new shape of source: a class of a dozen lines in crawler/spiders/NAME.py.

    File, spider and class bear one name. A source of a known shape needs no spider of its own: docs/new-source.md says
    which of them reads what.
    """

    summary = "Write a spider for a new shape of source"
    arguments = "[-t contact] NAME URL [options]"
    example: ClassVar[str] = """
        scrapy genspider -t contact tender_portal https://tenders.example/
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the name and the site; Scrapy declares the rest."""
        parser.add_argument("name", metavar="NAME", nargs="?", default="", help="such as tender_portal")
        parser.add_argument("url", metavar="URL", nargs="?", default="", help="a site that it will read")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Let our template be the one that is meant: Scrapy's own write spiders that ask no site for permission."""
        super().add_options(parser)
        parser.set_defaults(template="contact")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write the file; a name that no module can have would keep every command from loading the spiders."""
        if opts.list or opts.dump:
            StockCommand.run(self, [], opts)
            return 0
        if not opts.name or not opts.url:
            raise UsageError("name the spider and a site that it will read: scrapy genspider tender_portal URL")
        if not _NAME.fullmatch(opts.name) or keyword.iskeyword(opts.name):
            raise UsageError(f"{opts.name!r} is no name for a spider; use {_proper(opts.name)}")
        StockCommand.run(self, [opts.name, opts.url], opts)
        return 0


def _proper(name: str) -> str:
    """Return a name like the one that was meant."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    spoilt = not _NAME.fullmatch(plain) or keyword.iskeyword(plain)
    return "small letters, digits and '_', such as tender_portal" if spoilt else plain
