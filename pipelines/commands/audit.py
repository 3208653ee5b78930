"""`scrapy audit`: is the log of activities whole, and does every value have its receipt?"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from pipelines.rights.activity import Entry


class Command(StoreCommand):
    """Verify the log of activities and the receipts of all values (Article 5(2) GDPR).

    Every act with personal data is an entry, sealed by an HMAC under CARDFILE_SECRET over itself and the seal before.
    A changed, moved, missing or foreign entry breaks the chain, and the first one is named. A chain cannot show that
    its end was cut off: note the last seal elsewhere, and name it with --expect the next time. After that come the
    store's invariants, among them that every value of the master leads to its receipt.

    Exit code 3 when anything is broken. --since lists the entries from a day (UTC) on.
    """

    summary = "Verify the log of activities and the receipts of all values"
    example: ClassVar[str] = """
        scrapy audit
        scrapy audit --since 2026-11-01
        scrapy audit --expect "$(cat seal-of-october)"
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what to list and what to compare with."""
        parser.add_argument("--since", metavar="DATE", default="", help="list the entries from this day (UTC) on")
        parser.add_argument("--expect", metavar="SEAL", default="", help="a seal noted earlier that the log must hold")
        parser.add_argument(
            "--earlier-key-file", metavar="KEY", type=Path, action="append", default=[],
            help="a secret before today's, once for each; entries before a rotation are sealed under it",
        )  # fmt: skip

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Verify, list and tell."""
        from pipelines.master.backup.sealing import read_key  # noqa: PLC0415  the base says why
        from pipelines.master.check import check  # noqa: PLC0415
        from pipelines.rights.activity import entries, verify  # noqa: PLC0415

        since, expect = _moment(opts.since), opts.expect.strip().lower()
        if expect and (len(expect) != 64 or set(expect) - set("0123456789abcdef")):
            raise UsageError("--expect is a whole seal, 64 hex digits, as `scrapy audit` prints it.")
        earlier = [read_key(path) for path in opts.earlier_key_file]
        with self.reading() as connection, self.status("Verifying"):
            proof = verify(connection, self.journal.keys, expect, earlier)
            findings = [finding for finding in check(connection) if finding.broken]
            if since:
                for entry in entries(connection, since):
                    self._list(entry, as_json=opts.json)
        if opts.json:
            broken = {finding.invariant: finding.broken for finding in findings}
            self.write_json(
                {"entries": proof.entries, "seal": proof.head, "broken": proof.broken, "reason": proof.reason,
                 "invariants": broken}
            )  # fmt: skip
        else:
            self._tell(proof.entries, proof.head)
        if proof.broken:
            self.warn(f"BROKEN at entry {proof.broken}: {proof.reason}.")
        for finding in findings:
            self.warn(f"BROKEN {finding.broken} times: {finding.invariant}.")
        return 3 if proof.broken or findings else 0

    def _list(self, entry: Entry | None, *, as_json: bool) -> None:
        if entry is None:
            return  # the verification has named it
        if as_json:
            self.write_json(
                {"sequence": entry.sequence, "at": entry.at.isoformat(), "action": entry.action, "by": entry.by,
                 "reference": entry.reference, "details": dict(entry.details)}
            )  # fmt: skip
            return
        told = " ".join(f"{name}={value}" for name, value in sorted(entry.details.items()))
        facts = (f"{entry.sequence:>6}", f"{entry.at:%Y-%m-%d %H:%M}", f"{entry.action:<12}", entry.by)
        self.write("  ".join(part for part in (*facts, entry.reference, told) if part))

    def _tell(self, number: int, seal: str) -> None:
        self.write(f"{number} entries hold; the last seal among them, to be noted elsewhere:")
        self.write(seal)


def _moment(day: str) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"--since is a day such as 2026-11-01, not {day!r}.") from None
