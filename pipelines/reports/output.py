"""Where a report goes: to standard output, or to a file that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from crawler import clock
from pipelines.errors import StoreError
from pipelines.master.database import reading
from pipelines.master.faults import store_error
from pipelines.reports import masks
from pipelines.reports.entities import Entity
from pipelines.reports.overview import Report, Scope, report
from pipelines.reports.render import FORMATS, html_pages
from pipelines.reports.restricted import Veil


def write_report(
    engine: Engine,
    form: str,
    scope: Scope,
    file: Path | None,
    cards: int = 0,
    *,
    masked: bool = False,
    restricted: bool = False,
) -> None:
    """Write a provenance report in one of `FORMATS`; raises UsageError for an unknown scope, else as `write`.

    `masked` shows names, addresses and numbers in part; `restricted` shows people whose processing is restricted.

    With `cards`, an HTML report that holds more of them becomes several files: FILE.html, FILE-2.html and so on.
    """
    now = clock.now()

    def made(connection: Connection) -> Report:
        veil = Veil() if restricted else Veil.of(connection)

        def view(found: Entity) -> Entity:
            shown = veil.entity(found)
            return masks.entity(shown) if masked and found.id not in veil.entities else shown

        return report(connection, scope, now, view)

    if not (cards and file and form == "html"):
        write(engine, lambda connection: FORMATS[form](made(connection)), file)
        return
    with _reading(engine) as connection:

        def name(number: int) -> str:
            return file.name if number == 1 else f"{file.stem}-{number}{file.suffix}"

        for part, pieces in html_pages(made(connection), cards, name):
            _replace(file.with_name(part), pieces)


def write(engine: Engine, draw: Callable[[Connection], Iterable[str]], file: Path | None) -> None:
    """Write what `draw` makes of the store to a file, or to standard output when there is none.

    It shows the store as it is at one moment. The file replaces an older one and is readable by its owner only, for it
    may hold personal data. Raises StoreError when the store or the file cannot be used.
    """
    with _reading(engine) as connection:
        pieces = draw(connection)
        if file is None:
            sys.stdout.writelines(pieces)
        else:
            _replace(file, pieces)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    try:
        with reading(engine) as connection:
            yield connection
    except DBAPIError as error:
        raise store_error(error, engine.url) from None


def _replace(file: Path, pieces: Iterable[str]) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
        draft.replace(file)
    except OSError as error:
        raise StoreError(
            f"The report {file} cannot be written ({error.strerror}); name another place: -o FILE."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
