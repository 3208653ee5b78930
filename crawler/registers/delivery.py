"""The files of one import, read record by record into mentions that stand on a receipt."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from crawler import acquisition
from crawler.errors import DocumentError, UsageError
from crawler.extraction import vcard
from crawler.items import Capture, Disposal, Mention, Method, Property, Source
from crawler.page import Page
from crawler.registers.mapping import Mapping
from crawler.registers.records import Format, format_of, records

#: Bytes of one card; a photo in it is longer than all the rest and is not kept.
MAX_CARD = 1024 * 1024
_VCARD = frozenset({".vcf", ".vcard"})
_UNKNOWN = Disposal("extraction", "unknown-property", Method.IMPORT.value, "closed-schema")
_UNREAD = Disposal("extraction", "unreadable", Method.IMPORT.value, "record")


@dataclass(frozen=True, slots=True)
class File:
    """A file of an import. `said` names it in a message: the name of a file in a folder may be that of a person."""

    path: Path
    said: str


@dataclass
class Delivery:
    """What came in for one source. `told` takes a sentence about each record or file that could not be read.

    `counts` tells files, failed files, records, rejected records and keys that no mapping named; `disposals` the same
    for the audit. Raises RightsError where the source's file may not enter the master.
    """

    source: Source
    files: list[File]
    mapping: Mapping | None
    at: datetime
    told: Callable[[str], None] = field(repr=False)
    counts: Counter[str] = field(default_factory=Counter)
    disposals: Counter[Disposal] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._acquired = acquisition.require(self.source, self.at.date())
        self._receipt = acquisition.receipt(self._acquired)
        self._base = self._acquired.url or f"urn:cardfile:{self.source.id}"

    @property
    def complete(self) -> bool:
        """Whether this is all that the source has, and all of it was read: what it no longer holds is gone."""
        whole = self.mapping is not None and self.mapping.snapshot
        return whole and bool(self.counts["records"]) and not self.counts["failed"] and not self.counts["rejected"]

    def mentions(self) -> Iterator[Mention]:
        """Yield the mentions of all files; a file that cannot be read is told, and the next one is read."""
        for file in self.files:
            try:
                yield from self._mentions(file)
            except DocumentError as error:
                self.counts["failed"] += 1
                self.told(f"{file.said}: {error}")
            except OSError as error:
                self.counts["failed"] += 1
                self.told(f"{file.said} cannot be read ({error.strerror}).")
            else:
                self.counts["files"] += 1

    def _mentions(self, file: File) -> Iterator[Mention]:
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            if file.path.suffix.lower() in _VCARD:
                yield from self._cards(stream, file, digest)
            else:
                yield from self._records(stream, file, digest)

    def _records(self, stream: BinaryIO, file: File, digest: str) -> Iterator[Mention]:
        mapping = self.mapping
        form = (mapping.format if mapping else None) or format_of(file.path.name)
        if mapping is None or form is None:
            raise DocumentError("what its columns mean is not known; name a mapping file (docs/import.md)")

        def rejected(place: str, reason: str) -> None:
            self._reject(f"{file.said}, {place}: not read: {reason}.")

        for record in records(stream, form, mapping.layout, rejected):
            self.counts["records"] += 1
            unknown = mapping.unknown(record)
            self.counts["unknown"] += unknown
            self.disposals[_UNKNOWN] += unknown
            found = mapping.mentions(record, rejected)
            for mention in found:
                self._stand(mention, mapping.key(record) or _key(found), digest, _MEDIA[form])
                yield mention

    def _cards(self, stream: BinaryIO, file: File, digest: str) -> Iterator[Mention]:
        for number, card in enumerate(_split(stream), start=1):
            self.counts["records"] += 1
            disposals: list[Disposal] = []
            page = Page(self._base, card, "text/vcard", country=self.source.country, language=self.source.language)
            found = vcard.read(page, disposals)
            self.disposals.update(disposals)
            if not found:
                self._reject(f"{file.said}, card {number}: not read: no name, or no business context.")
            for mention in found:
                mention.locator = _numbered(mention.locator, number)
                for _, value in mention:
                    value.locator = _numbered(value.locator, number)
                self._stand(mention, _key([mention]), digest, "text/vcard")
                yield mention

    def _reject(self, sentence: str) -> None:
        self.counts["rejected"] += 1
        self.disposals[_UNREAD] += 1
        self.told(sentence)

    def _stand(self, mention: Mention, key: str, digest: str, media_type: str) -> None:
        """Give a mention its receipt. Each record is a document of its own: one person may stand in two of them."""
        fragment = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        mention.country = mention.country or self.source.country
        mention.language = mention.language or self.source.language
        mention.capture = Capture(
            source_id=self.source.id,
            url=f"{self._base}#{fragment}",
            fetched_at=self.at,
            content_hash=digest,
            permission=self._receipt,
            media_type=media_type,
        )


_MEDIA = {
    Format.CSV: "text/csv",
    Format.JSON: "application/json",
    Format.JSON_LINES: "application/jsonl",
    Format.YAML: "application/yaml",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def files(paths: list[Path]) -> list[File]:
    """Return the files that paths name, folders in order of names; raises UsageError for what is not there or not read.

    A file that stands in a folder is told by its number there.
    """
    found: list[File] = []
    for path in paths:
        if path.is_dir():
            inside = [one for one in sorted(path.rglob("*")) if one.is_file() and _readable(one)]
            if not inside:
                raise UsageError(f"{path} holds no file to import ({_KNOWN})")
            found += [File(one, f"{path}, file {n} of {len(inside)}") for n, one in enumerate(inside, start=1)]
        elif not path.exists():
            raise UsageError(f"{path} is not there")
        elif not _readable(path):
            raise UsageError(f"{path} is in no format that can be imported ({_KNOWN})")
        else:
            found.append(File(path, str(path)))
    return found


_KNOWN = "CSV, TSV, JSON, JSON Lines, YAML, XLSX, vCard; unpack archives first"


def needs_mapping(found: list[File]) -> bool:
    """Return whether any of these files has columns, whose meaning only a mapping can tell."""
    return any(file.path.suffix.lower() not in _VCARD for file in found)


def _readable(path: Path) -> bool:
    return format_of(path.name) is not None or path.suffix.lower() in _VCARD


def _split(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the cards of a file one at a time; a card beyond the bound is cut off."""
    pending = b""
    for line in stream:
        if line.strip().upper() == b"BEGIN:VCARD" and pending.strip():
            yield pending
            pending = b""
        if len(pending) + len(line) <= MAX_CARD:
            pending += line
    if pending.strip():
        yield pending


def _numbered(locator: str, number: int) -> str:
    return locator.replace("card[1]", f"card[{number}]", 1)


def _key(found: list[Mention]) -> str:
    """Return what tells a record apart that has no id: its first name, employer and address."""
    first = found[0]
    return "\x1f".join(first.text(prop) for prop in (Property.NAME, Property.WORKS_FOR, Property.EMAIL))
