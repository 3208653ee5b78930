"""Do-not-call registers: dated looks into them, and whether a number may leave on the strength of one.

The operator obtains the register, or the register's answer for a list of numbers; the numbers are kept as keyed hashes.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from pipelines.errors import DocumentError, UsageError
from pipelines.master.choices import ScreenedRow, ScreeningRow
from pipelines.master.upsert import CHUNK, chunks
from pipelines.rights.contactability import Screen, Screened, registers
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import keyed_hash
from pipelines.values.clean import Rejected
from pipelines.values.phone import phone


@dataclass(frozen=True, slots=True)
class Screening:
    """One look into a register: what came of it, and whether `file` was all of the register."""

    id: str
    register: str
    on: date
    numbers: int
    listed: int
    whole: bool


def record(
    connection: Connection,
    keys: Keyring,
    register: str,
    files: Mapping[str, Path],
    on: date,
    *,
    country: str = "",
    by: str,
    now: datetime,
) -> Screening:
    """Record a look into a register and return it.

    `files` names the file of the numbers that it lists ("listed") and, where it was asked for a list and did not give
    all it has, the file of the numbers that it was asked for ("asked"): one number a line, E.164 or dialled in
    `country`. Raises UsageError for a register that the table does not know or a day to come, DocumentError with the
    line of a number that cannot be read.
    """
    if register not in registers():
        raise UsageError(f"{register!r} is no register that is known; use one of {', '.join(sorted(registers()))}.")
    if on > now.date():
        raise UsageError("--on is the day on which the register was looked at; it is still to come.")
    key = uuid.uuid4().hex
    whole = "asked" not in files
    row = {"id": key, "register": register, "screened_on": on.isoformat(), "whole": whole, "recorded_at": now, "by": by}
    connection.execute(insert(ScreeningRow), [{**row, "file_hash": "", "listed": 0}])
    listed = _write(connection, keys, key, files["listed"], country, listed=True)
    asked = 0 if whole else _write(connection, keys, key, files["asked"], country, listed=False)
    done = update(ScreeningRow).where(ScreeningRow.id == key)
    connection.execute(done.values(listed=listed, file_hash=_digest(files["listed"])))
    return Screening(key, register, on, listed + asked, listed, whole)


def _write(connection: Connection, keys: Keyring, key: str, file: Path, country: str, *, listed: bool) -> int:
    """Write the numbers of a file that are not there yet, in groups, and return how many."""
    found = 0
    numbers = _numbers(file, country)
    while group := list(islice(numbers, CHUNK)):
        hashes = {keyed_hash(keys, ("telephone", number)) for number in group}
        known = select(ScreenedRow.hash).where(ScreenedRow.screening_id == key, ScreenedRow.hash.in_(hashes))
        fresh = hashes - set(connection.scalars(known))
        rows = [{"screening_id": key, "hash": digest, "listed": listed} for digest in sorted(fresh)]
        if rows:
            connection.execute(insert(ScreenedRow), rows)
        found += len(rows)
    return found


def _numbers(file: Path, country: str) -> Iterator[str]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.strip().strip('",;')
            if not text:
                continue
            read = phone(text, country)
            if isinstance(read, Rejected):
                raise DocumentError(
                    f"{file}, line {number}: no telephone number ({read.rule}); write +31…, or say --country."
                )
            yield read.text


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def screened(
    connection: Connection, keys: Keyring, numbers: Iterable[tuple[str, Screen]], today: date
) -> dict[tuple[str, Screen], Screened]:
    """Return what the registers say about some E.164 numbers, as far as a look into them still holds on a day."""
    asked = {one: [_hash(keys_, one[0]) for keys_ in keys.keys] for one in set(numbers)}
    recent = _recent(connection, {one[1] for one in asked}, today)
    said = _said(connection, {digest for digests in asked.values() for digest in digests}, recent)
    return {one: _verdict(one[1], digests, recent, said) for one, digests in asked.items()}


def _hash(key: bytes, number: str) -> str:
    return keyed_hash(key, ("telephone", number))


def _verdict(
    register: Screen,
    digests: Collection[str],
    recent: Mapping[str, tuple[str, date, bool]],
    said: Mapping[str, Mapping[str, bool]],
) -> Screened:
    looks = {key: whole for key, (name, _, whole) in recent.items() if name == register.register}
    found = [said[digest][key] for digest in digests if digest in said for key in looks if key in said[digest]]
    if any(found):
        return Screened.LISTED
    return Screened.FREE if found or any(looks.values()) else Screened.NOT_SCREENED


def _recent(connection: Connection, wanted: Collection[Screen], today: date) -> dict[str, tuple[str, date, bool]]:
    """Return the looks that still hold: id → register, day, whether the whole register was looked at."""
    limits = {one.register: (today - timedelta(days=one.days)).isoformat() for one in wanted}
    query = select(ScreeningRow.id, ScreeningRow.register, ScreeningRow.screened_on, ScreeningRow.whole)
    rows = connection.execute(query.where(ScreeningRow.register.in_(sorted(limits))))
    return {
        row.id: (row.register, date.fromisoformat(row.screened_on), row.whole)
        for row in rows
        if limits[row.register] <= row.screened_on <= today.isoformat()
    }


def _said(connection: Connection, digests: Collection[str], recent: Collection[str]) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for chunk in chunks(sorted(digests)):
        query = select(ScreenedRow.hash, ScreenedRow.screening_id, ScreenedRow.listed)
        rows = query.where(ScreenedRow.hash.in_(chunk), ScreenedRow.screening_id.in_(sorted(recent)))
        for digest, key, listed in connection.execute(rows):
            found.setdefault(digest, {})[key] = listed
    return found


def latest(connection: Connection) -> dict[str, date]:
    """Return the day of the last look into each register."""
    query = select(ScreeningRow.register, func.max(ScreeningRow.screened_on)).group_by(ScreeningRow.register)
    return {row[0]: date.fromisoformat(row[1]) for row in connection.execute(query)}
