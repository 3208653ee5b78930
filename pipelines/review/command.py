"""The base of the commands that look into the store or decide about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.command import CardfileCommand

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from pipelines.rights.journal import Journal


class StoreCommand(CardfileCommand):
    """A command over the store that the settings name."""

    @cached_property
    def journal(self) -> Journal:
        """The log of activities, written under who runs this command; raises UsageError without a secret."""
        from pipelines.rights.journal import Journal  # noqa: PLC0415  the base says why

        assert self.settings is not None
        return Journal.of(self.settings)

    @property
    def home(self) -> Path:
        """The data folder."""
        assert self.settings is not None
        return Path(self.settings["CARDFILE_HOME"])

    @staticmethod
    def add_corrections(parser: argparse.ArgumentParser) -> None:
        """Declare where recipients' files go."""
        parser.add_argument(
            "--corrections",
            type=Path,
            metavar="DIR",
            help="where files for recipients go; by default in the data folder",
        )

    def corrections(self, opts: argparse.Namespace) -> Path:
        """Return where recipients' files go: what each of them has to correct or erase (Article 19 GDPR)."""
        return opts.corrections or self.home / "corrections"

    def record(
        self,
        connection: Connection,
        action: str,
        reference: str = "",
        details: Mapping[str, int | str | bool] | None = None,
        by: str = "",
    ) -> None:
        """Note in the log of activities what was done, last in its transaction; `by` outranks who runs the command."""
        from dataclasses import replace  # noqa: PLC0415  the base says why

        from crawler import clock  # noqa: PLC0415
        from pipelines.rights.activity import Action  # noqa: PLC0415

        journal = replace(self.journal, by=by) if by else self.journal
        journal.record(connection, Action(action), clock.now(), reference, details)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open the store to read; raises StoreError when it cannot be used."""
        with self._opened(write=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the store for one transaction, which is committed unless an error ends it."""
        with self._opened(write=True) as connection:
            yield connection

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """Open the store for several transactions; raises StoreError when it cannot be used."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  the base says why

        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.master.faults import store_error  # noqa: PLC0415

        assert self.settings is not None
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        engine = open_store(url)
        try:
            yield engine
        except SQLAlchemyError as error:
            raise store_error(error, url) from None
        finally:
            engine.dispose()

    @contextmanager
    def _opened(self, *, write: bool) -> Iterator[Connection]:
        from pipelines.master.database import reading  # noqa: PLC0415

        with self.engine() as engine, engine.begin() if write else reading(engine) as connection:
            yield connection
