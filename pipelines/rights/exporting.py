"""Exports: to a registered recipient, through the gate, and into the ledger of disclosures."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, update

from pipelines.errors import UsageError
from pipelines.master.accounts import DisclosedRow, DisclosureRow
from pipelines.master.database import reading
from pipelines.master.drafts import drafted
from pipelines.master.upsert import CHUNK
from pipelines.rights.columnar import parquet
from pipelines.rights.columnmaps import ColumnMap
from pipelines.rights.gate import Verdict, decide
from pipelines.rights.register import Recipient
from pipelines.rights.renderings import COLUMNS, RENDERERS, Format, heading
from pipelines.rights.secret import Keyring
from pipelines.rights.subjects import GROUP, Subject, subjects
from pipelines.rights.wishes import gather


@dataclass
class Export:
    """One export: who receives it, for what, and what came of it.

    `withheld` counts the people that stayed out, by reason, `blocked` those of whom the values of a channel did.
    `people` and `proof` (the SHA-256 of the file) are known once it is written. `today` is the day of `now` in the
    controller's zone, `origins` the purposes of collection that may be used for this one (`RightsRegister.origins`).
    """

    recipient: Recipient
    purpose: str
    form: Format
    now: datetime
    key: bytes | Keyring = field(repr=False)
    people: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    blocked: Counter[str] = field(default_factory=Counter)
    today: date | None = None
    columns: ColumnMap | None = None
    origins: frozenset[str] = frozenset()
    proof: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def rows(self, connection: Connection) -> Iterator[tuple[Subject, Verdict]]:
        """Yield the people who may leave, with what may leave of them."""
        group: list[Subject] = []
        for subject in subjects(connection):
            group.append(subject)
            if len(group) == GROUP:
                yield from self._decided(connection, group)
                group = []
        yield from self._decided(connection, group)

    def _decided(self, connection: Connection, group: list[Subject]) -> Iterator[tuple[Subject, Verdict]]:
        today = self.today or self.now.date()
        wishes = gather(connection, Keyring.of(self.key), group, self.purpose, now=self.now, today=today)
        for subject, wanted in zip(group, wishes, strict=True):
            verdict = decide(subject, self.purpose, self.now, wanted, self.origins)
            if verdict.withheld:
                self.withheld[verdict.withheld.value] += 1
            else:
                self.people += 1
                self.blocked.update(f"{channel.value}: {reason.value}" for channel, reason in verdict.blocked)
                yield subject, verdict


def count(engine: Engine, export: Export) -> None:
    """Go through the gate without writing anything: a dry run."""
    with reading(engine) as connection:
        for _ in export.rows(connection):
            pass


def write(engine: Engine, export: Export, path: Path) -> None:
    """Write an export to a file that only its owner can read, and record all of it before the file has its name.

    Killed in between, the ledger knows of a disclosure without proof that nobody received, never the other way round.
    Raises UsageError when the file is there already.
    """
    if path.exists():
        raise UsageError(f"{path} exists; an export is never written over another file")
    digest = hashlib.sha256()
    with engine.begin() as connection:
        connection.execute(insert(DisclosureRow), [_row(export)])
    with drafted(path) as file:
        for line in _pieces(engine, export, path.parent):
            digest.update(line)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
        export.proof = digest.hexdigest()
        with engine.begin() as connection:
            connection.execute(
                update(DisclosureRow)
                .where(DisclosureRow.id == export.id)
                .values(people=export.people, withheld=_counts(export), proof=export.proof)
            )


def _counts(export: Export) -> dict[str, int]:
    return dict(sorted((export.withheld + export.blocked).items()))


def _row(export: Export) -> dict[str, object]:
    return {
        "id": export.id,
        "recipient_id": export.recipient.id,
        "recipient": export.recipient.as_json(),
        "purpose": export.purpose,
        "format": export.form.value,
        "made_at": export.now,
        "people": 0,
        "withheld": {},
        "proof": "",
    }


def _pieces(engine: Engine, export: Export, folder: Path) -> Iterator[bytes]:
    """Yield the bytes of the file."""
    lines = _lines(engine, export)
    return parquet(lines, folder) if export.form is Format.PARQUET else lines


def _lines(engine: Engine, export: Export) -> Iterator[bytes]:
    """Yield the lines of the file, each statement in them noted in the ledger a little before or after it."""
    chosen = export.columns
    render = chosen.line if chosen else RENDERERS[export.form]
    leaving = chosen.properties if chosen else frozenset(COLUMNS)
    disclosed: list[dict[str, str]] = []
    yield chosen.heading() if chosen else heading(export.form)
    with reading(engine) as connection:
        for subject, verdict in export.rows(connection):
            disclosed += [
                {"disclosure_id": export.id, "statement_id": one.statement_id, "mention_id": one.mention_id}
                for one in verdict.held
                if one.property in leaving
            ]
            yield render(subject, verdict)
            if len(disclosed) >= CHUNK:
                _note(engine, disclosed)
    _note(engine, disclosed)


def _note(engine: Engine, disclosed: list[dict[str, str]]) -> None:
    """Write what was disclosed so far, in short transactions: a crawl may be waiting to write."""
    if disclosed:
        with engine.begin() as connection:
            connection.execute(insert(DisclosedRow), disclosed)
    disclosed.clear()
