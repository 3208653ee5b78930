"""`scrapy retain`: delete what has been kept as long as it may be."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, ClassVar

from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from pipelines.upkeep.retaining import Retained


class Command(StoreCommand):
    """Delete values of people whose time is over (Article 5(1)(e) GDPR); made for cron.

    A value goes when the retention that its source declares has ended, counted from its first reading, which no later
    one moves; when it lost its support (its page has not shown it, or is reserved, for 90 days); when the last role of
    the person ended 6 months ago. The rights register sets other numbers under [retention]. A keyed hash of each stays,
    so that the next crawl neither brings it back nor renews its time. Records of notices, requests, disclosures and
    breaches go after their own period. Whoever has had their processing restricted stays as they are.

    Each lot is deleted in a short transaction; what is left after a kill goes with the next call.
    """

    summary = "Delete what has been kept as long as it may be"
    example: ClassVar[str] = """
        scrapy retain --dry-run
        scrapy retain
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the dry run."""
        parser.add_argument("--dry-run", action="store_true", help="count what would go; delete nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Delete or count, and give the receipt."""
        from crawler import clock  # noqa: PLC0415  the base says why
        from pipelines.upkeep.policy import policy  # noqa: PLC0415
        from pipelines.upkeep.retaining import preview, retain  # noqa: PLC0415
        from pipelines.upkeep.scrubbing import scrub  # noqa: PLC0415

        assert self.settings is not None
        period, zone = policy(self.settings)
        now = clock.now()
        with self.engine() as engine, self.status("Looking for what has ended"):
            if opts.dry_run:
                counts = preview(engine, period, now, zone)
                self._tell(counts, opts, "would go")
                return 0
            counts = retain(engine, self.journal.keys, period, now, zone)
            busy = scrub(engine, counts.values).busy if counts.statements else False
            with engine.begin() as connection:
                told = {"statements": counts.statements, "mentions": counts.mentions, **counts.reasons}
                self.record(connection, "retain", details=told)
        self._tell(counts, opts, "are deleted")
        if busy:
            self.warn(
                "Somebody was reading, so the store's log may still hold what was deleted; the next call clears it."
            )
        return 0

    def _tell(self, counts: Retained, opts: argparse.Namespace, verb: str) -> None:
        records = {name: count for name, count in sorted(counts.records.items()) if count}
        if opts.json:
            self.write_json(
                {"dry_run": opts.dry_run, "statements": counts.statements, "mentions": counts.mentions,
                 "reasons": dict(sorted(counts.reasons.items())), "sources": dict(sorted(counts.sources.items())),
                 "restricted": counts.restricted, "records": records}
            )  # fmt: skip
            return
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.reasons.items())) or "nothing has ended"
        self.write(f"{counts.statements} values {verb}, {counts.mentions} readings whole: {told}.")
        if counts.restricted:
            self.write(f"{counts.restricted} readings stay because their processing is restricted.")
        if records:
            self.write(f"Old records: {', '.join(f'{count} {name}' for name, count in records.items())}.")
