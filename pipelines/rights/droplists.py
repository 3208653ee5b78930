"""California's deletion lists: the files of the Delete Request and Opt-out Platform (DROP). Pure.

Civil Code section 1798.99.80 and following, 11 CCR section 7600 and following, and the platform's technical
specifications 1.2.0 (privacy.ca.gov/drop-for-data-brokers): a list is `<YYYYMMDD>_<broker>_<type>.csv` with the columns
`ID,Hash`; the answer has the same name and the columns `Id,Status`. A hash is the Base64 of the SHA-256 of a value in a
standard form. Of the six types only e-mail and telephone lists can match anybody here: no date of birth, vehicle or
device is ever stored.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import IO

from crawler.items import Mention, MentionType, Property
from pipelines.errors import DocumentError
from pipelines.rights.suppression import Identifier

_NAME = re.compile(r"(\d{8})_([A-Za-z0-9]+)_([A-Za-z]+)(?:_[A-Za-z0-9]{1,10})?\.csv")
_ID = re.compile(r"[A-Za-z0-9]{12}")
_HASH = re.compile(r"[A-Za-z0-9+/]{43}=")
_LARGEST = 4 << 30
REMOVED = "Removed"


class Status(IntEnum):
    """The codes of an answer; 0 and 1 are not used."""

    EXEMPTED = 2
    DELETED = 3
    OPTED_OUT = 4  # several people share the identifier: all of them are opted out of sale and sharing
    NOT_FOUND = 5


def email_form(value: str) -> str:
    """Return an address in standard form: no whitespace, lower case, nothing else changed."""
    return "".join(value.split()).lower()


def telephone_form(value: str) -> str:
    """Return a number in standard form: its digits, the last ten of them."""
    return "".join(letter for letter in value if letter in "0123456789")[-10:]


def drop_hash(value: str) -> str:
    """Return the hash of a value that is in standard form."""
    return base64.b64encode(hashlib.sha256(value.encode()).digest()).decode()


#: What a list type holds: the kind of a hashed identifier and the standard form of its values.
LISTS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "Email": ("drop-email", email_form),
    "Phone": ("drop-telephone", telephone_form),
}
#: List types that can match nobody, because what they hash is never stored.
UNHELD = frozenset({"NDZ", "MAID", "NameVIN", "CTVID"})
_PROPERTIES = {Property.EMAIL: "Email", Property.TELEPHONE: "Phone"}


def hashed(mention: Mention) -> Iterator[Identifier]:
    """Yield the identifiers of a person under which a deletion list would name them."""
    if mention.type is MentionType.PERSON:
        for prop, value in mention:
            yield from hashed_value(prop, value.normalised or value.text)


def hashed_value(prop: Property, value: str) -> Iterator[Identifier]:
    """Yield the identifier of one value under which a deletion list would name its person."""
    if prop in _PROPERTIES:
        kind, form = LISTS[_PROPERTIES[prop]]
        yield kind, drop_hash(form(value))


@dataclass(frozen=True, slots=True)
class Item:
    """A work item: a consumer's request, by the hash of one identifier. `list_type` differs in a removal only."""

    id: str
    hash: str = field(repr=False)
    list_type: str


@dataclass(frozen=True, slots=True)
class DropList:
    """One file of a download: its name, its type, and how its items are read."""

    name: str
    list_type: str
    items: Callable[[], Iterator[Item]] = field(repr=False)


def lists(path: Path) -> list[DropList]:
    """Return the lists of a download: of a ZIP archive, or of one CSV file.

    Raises DocumentError, with the line where there is one, for a file that is not as the platform writes it.
    """
    if path.suffix.lower() != ".zip":
        return [_list(path.name, lambda: path.open("rb"))]
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
            if any(info.file_size > _LARGEST for info in archive.infolist()):
                raise DocumentError(f"{path}: a list of more than {_LARGEST >> 30} GB is none.")
    except zipfile.BadZipFile:
        raise DocumentError(f"{path} is no ZIP archive; download it again.") from None
    return [_list(name, partial(_opened, path, name)) for name in names]


def _opened(path: Path, name: str) -> IO[bytes]:
    return zipfile.ZipFile(path).open(name)


def _list(name: str, opened: Callable[[], IO[bytes]]) -> DropList:
    known = _NAME.fullmatch(name)
    if not known or known[3] not in {*LISTS, *UNHELD, REMOVED}:
        raise DocumentError(f"{name} is not named as a deletion list is: 20260801_4821_Email.csv.")
    return DropList(name, known[3], lambda: _items(name, known[3], opened))


def _items(name: str, list_type: str, opened: Callable[[], IO[bytes]]) -> Iterator[Item]:
    columns = ["ID", "Hash", "ListType"] if list_type == REMOVED else ["ID", "Hash"]
    with opened() as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        try:
            rows = csv.reader(text)
            if next(rows, None) != columns:
                raise DocumentError(f"{name}, line 1: the columns are {','.join(columns)}.")
            for line, row in enumerate(rows, start=2):
                if len(row) != len(columns) or not _ID.fullmatch(row[0]) or not _HASH.fullmatch(row[1]):
                    raise DocumentError(f"{name}, line {line}: an ID of 12 letters and digits and a hash are expected.")
                yield Item(row[0], row[1], row[2] if list_type == REMOVED else list_type)
        except (UnicodeDecodeError, csv.Error):
            raise DocumentError(f"{name} is not CSV in UTF-8; download it again.") from None


def answer_lines(answers: Iterator[tuple[str, Status]]) -> Iterator[str]:
    """Yield the lines of an answer: the header, then one work item each."""
    yield "Id,Status\n"
    for item, status in answers:
        yield f"{item},{int(status)}\n"
