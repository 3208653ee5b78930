"""`scrapy object`: an objection, to everything, to a purpose or to a channel."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.requests.erasing_command import ErasingCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pipelines.requests.cases import Ask, Case, Desk


class Command(ErasingCommand):
    """Record an objection (Article 21 GDPR) and follow it at once.

    Without a limit the person is erased and kept out: that is what the notice promises, and what Article 17(1)(c) asks
    for after an objection to direct marketing. `--purpose P` keeps the person out of one purpose and erases what was
    read for it; `--channel telephone` is "do not call". Nobody has to show who they are to object. Where grounds have
    to be weighed first (Article 21(1)), restrict with `scrapy restrict --ground objection` until that is done.
    """

    kind = "object"
    summary = "Record an objection and follow it at once"
    arguments = "--email E|--telephone T|--url U|--id ID|--name N --organisation O [options]"
    example: ClassVar[str] = """
        scrapy object --email jane.roe@noord.example
        scrapy object --telephone +442079460123 --channel telephone
        scrapy object --id 3f2a9c1e --purpose business-directory
        scrapy object --requests objections.csv --json
    """

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the objection is against."""
        super().add_own(parser)
        parser.add_argument("--purpose", metavar="P", default="", help="object to this purpose only")
        parser.add_argument("--channel", choices=("email", "telephone"), help="object to this channel only")

    def begin(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> None:
        """Know the scope, or refuse."""
        from pipelines.errors import UsageError  # noqa: PLC0415  the base says why
        from pipelines.rights.suppression import ALL, NO_EMAIL, NO_TELEPHONE, for_purpose, require_scope  # noqa: PLC0415

        if opts.purpose and opts.channel:
            raise UsageError("give --purpose or --channel; for both, object twice")
        channels = {"email": NO_EMAIL, "telephone": NO_TELEPHONE}
        self._scope = channels[opts.channel] if opts.channel else for_purpose(opts.purpose) if opts.purpose else ALL
        self._purpose = opts.purpose
        require_scope(self._scope)
        super().begin(asks, desk, opts)

    def handle(self, connection: Connection, cases: Sequence[Case], desk: Desk, opts: argparse.Namespace) -> None:
        """Keep the people of some cases out."""
        from pipelines.requests.objecting import object_to  # noqa: PLC0415
        from pipelines.rights.suppression import ALL  # noqa: PLC0415

        if self._scope == ALL:
            self.erase(connection, cases, desk, opts, "objection")
        else:
            self.correct(object_to(connection, cases, desk, self._scope, self._purpose), desk, opts)

    def plan(self, connection: Connection, cases: Sequence[Case], desk: Desk) -> list[dict[str, Any]]:
        """Return what would go, or what would be kept out."""
        from pipelines.rights.suppression import ALL  # noqa: PLC0415

        if self._scope == ALL:
            return self.extent(connection, cases, desk)
        return [{"scope": self._scope, "kept_out": len(case.identifiers)} for case in cases]
