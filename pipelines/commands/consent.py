"""`scrapy consent`: who agreed to what, and who took it back."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from pipelines.requests.naming import Named
    from pipelines.rights.consents import Act
    from pipelines.rights.suppression import Identifier

_ACTIONS = ("record", "withdraw", "show")


class Command(StoreCommand):
    """Keep the ledger of consent: record one with its proof, withdraw it, or show what a person has said.

    A consent is to one purpose, and either to the processing itself (the legal basis of sources that lean on consent)
    or to being contacted by e-mail or telephone. It needs the text that the person saw, how it was collected and a
    reference to the evidence (Article 7(1) GDPR). A withdrawal counts at once, in exports and in whether somebody may
    be contacted. Nothing in the ledger is ever changed, and people stand in it as keyed hashes.
    """

    summary = "Record consent with its proof, and withdraw it"
    arguments = "record|withdraw|show --email ADDRESS [options]"
    example: ClassVar[str] = """
        scrapy consent record --email jane@noord.example --purpose newsletter --channel email --text optin-3.txt \\
            --collected double-opt-in --evidence form-2026-117
        scrapy consent withdraw --email jane@noord.example --purpose newsletter --channel email
        scrapy consent show --email jane@noord.example --json
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare whose consent it is, and to what."""
        parser.add_argument("action", choices=_ACTIONS, help="what to do")
        parser.add_argument("--email", default="", metavar="ADDRESS")
        parser.add_argument("--telephone", default="", metavar="NUMBER")
        parser.add_argument("--country", default="", metavar="NL", help="where a number without a code is dialled")
        parser.add_argument("--purpose", default="", metavar="P", help="the purpose that was agreed to")
        parser.add_argument("--channel", default="processing", metavar="C", help="processing, email or telephone")
        parser.add_argument("--text", type=Path, metavar="FILE", help="the text that the person saw")
        parser.add_argument("--collected", default="", metavar="HOW", help="web-form, double-opt-in, paper, …")
        parser.add_argument("--evidence", default="", metavar="REF", help="where the proof is, such as a form's number")
        parser.add_argument("--at", default="", metavar="TIME", help="when the person acted, ISO 8601 with a zone; now")
        parser.add_argument("--by", default="", metavar="NAME", help="who records it: CARDFILE_REVIEWER or you")
        parser.add_argument("--dry-run", action="store_true", help="check what is said; write nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Record, withdraw or show."""
        from pipelines.requests.naming import named  # noqa: PLC0415  the base says why

        if not (opts.email or opts.telephone):
            raise UsageError("say whose consent it is: --email, --telephone or both")
        who = named({"email": opts.email, "telephone": opts.telephone}, opts.country)
        return self._show(who, opts) if opts.action == "show" else self._write(who, opts)

    def _show(self, who: Named, opts: argparse.Namespace) -> int:
        from pipelines.rights import consents  # noqa: PLC0415

        with self.reading() as connection:
            found = consents.history(connection, self.journal.keys, who.identifiers)
        for one in found:
            act = one.act
            if opts.json:
                self.write_json(
                    {
                        "act": act.act,
                        "purpose": act.purpose,
                        "channel": act.channel,
                        "at": act.at.isoformat(),
                        "text": act.text,
                        "text_sha256": act.text_hash,
                        "collected": act.collected,
                        "evidence": act.evidence,
                        "recorded_at": one.recorded_at.isoformat(),
                        "by": one.by,
                    }
                )
            else:
                proof = f"  text {act.text}, {act.collected}, {act.evidence}" if act.text else ""
                self.write(f"{act.at:%Y-%m-%d %H:%M} UTC  {act.act:9}  {act.purpose}  {act.channel}{proof}")
        if not found and not opts.json:
            self.write("Nothing is recorded.")
        return 0

    def _write(self, who: Named, opts: argparse.Namespace) -> int:
        from crawler import clock  # noqa: PLC0415
        from pipelines.rights import consents  # noqa: PLC0415
        from pipelines.rights.activity import word  # noqa: PLC0415

        now = clock.now()
        act = self._act(opts, now)
        by = " ".join((opts.by or self.journal.by).split())
        person: tuple[Identifier, ...] = who.identifiers
        with self.writing() as connection:
            if opts.dry_run:
                consents.check(act, now)
                entry = ""
            else:
                entry = consents.record(connection, self.journal.keys, person, act, by=by, now=now)
                told = {"purpose": word(act.purpose), "channel": act.channel, "text": act.text_hash}
                kind = "withdraw-consent" if act.act == consents.WITHDRAWN else "consent"
                self.record(connection, kind, entry, told, by=by)
        if opts.json:
            self.write_json({"receipt": entry, "act": act.act, "purpose": act.purpose, "channel": act.channel})
        elif opts.dry_run:
            self.write("It could be recorded. Nothing was written.")
        else:
            self.write(f"{act.act.capitalize()}: {act.channel} for {act.purpose}. Recorded as {entry[:12]}.")
        return 0

    def _act(self, opts: argparse.Namespace, now: datetime) -> Act:
        import hashlib  # noqa: PLC0415

        from pipelines.rights.consents import COLLECTED, GIVEN, WITHDRAWN, Act  # noqa: PLC0415

        if opts.collected and opts.collected not in COLLECTED:
            raise UsageError(f"--collected is one of {', '.join(COLLECTED)}.")
        digest = hashlib.sha256(opts.text.read_bytes()).hexdigest() if opts.text else ""
        return Act(
            act=GIVEN if opts.action == "record" else WITHDRAWN,
            purpose=opts.purpose,
            channel=opts.channel,
            at=_moment(opts.at) if opts.at else now,
            text=opts.text.name if opts.text else "",
            text_hash=digest,
            collected=opts.collected,
            evidence=opts.evidence,
        )


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("--at is a time such as 2026-11-20T14:05+01:00.") from None
    if found.tzinfo is None:
        raise UsageError("--at needs a zone, such as 2026-11-20T14:05+01:00.")
    return found
