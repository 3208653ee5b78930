"""Handing an answer over: a file that only its owner can read, and its hash for the receipt."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.requests.command import RequestCommand

if TYPE_CHECKING:
    from pipelines.requests.cases import Ask, Case, Desk


class HandingCommand(RequestCommand):
    """A command whose answer is a file."""

    alone = False
    forms: ClassVar[tuple[str, ...]]

    def add_own(self, parser: argparse.ArgumentParser) -> None:
        """Declare where the answer goes."""
        parser.add_argument(
            "-o", dest="file", metavar="FILE", type=Path, help="the answer; with --requests the folder for the answers"
        )
        parser.add_argument("--format", choices=self.forms, help="by default what the file's name says")

    def begin(self, asks: Sequence[Ask], desk: Desk, opts: argparse.Namespace) -> None:
        """Know where answers go and in which form, or refuse."""
        self._written: dict[str, Path] = {}
        if opts.file is None:
            if not opts.dry_run:
                raise UsageError("name the file for the answer (-o FILE); it is written for its owner only")
            return
        many = opts.requests is not None
        form = opts.format or (self.forms[0] if many else opts.file.suffix.lstrip(".").lower())
        if form not in self.forms:
            raise UsageError(f"say --format: the file's name does not tell which of {', '.join(self.forms)} it is")
        if not many and opts.file.exists():
            raise UsageError(f"{opts.file} exists; an answer is never written over another file")
        self._form = form

    def told(self, case: Case) -> str:
        """Return what came of a request and where its answer is."""
        place = self._written.get(case.entry.id)
        return f"{super().told(case)}; the answer is {place}" if place else super().told(case)

    def place(self, case: Case, opts: argparse.Namespace) -> Path:
        """Return the file of an answer; in a folder it is named by its request, which says nothing about the person."""
        if opts.requests is None:
            return Path(opts.file)
        opts.file.mkdir(parents=True, exist_ok=True)
        return Path(opts.file) / f"{case.entry.id}.{self._form}"

    def hand(self, case: Case, text: str, opts: argparse.Namespace) -> str:
        """Write an answer whole or not at all, and return its SHA-256."""
        path, content = self.place(case, opts), text.encode()
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            self._written[case.entry.id] = path
        finally:
            draft.unlink(missing_ok=True)
        return hashlib.sha256(content).hexdigest()
