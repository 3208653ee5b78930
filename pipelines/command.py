"""The strict base of our commands.

It stands outside `pipelines.commands` because Scrapy makes an instance of every command class that it finds there, and
an abstract one would break `scrapy list`. Scrapy also imports every module of that package at each start: a command
imports what is slow (the store, the extractors, DuckDB) inside `execute`, never at the top of its file.
"""

from __future__ import annotations

import argparse
import inspect
import io
import json
import logging
import os
import sys
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.exceptions import UsageError as ScrapyUsageError

from pipelines.errors import CardfileError, UsageError
from pipelines.roles import ROLES, Role, require, role_of

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
_MANY = ("*", "+")
_UNBOUNDED = 10_000  # columns


def database_errors() -> tuple[type[Exception], ...]:
    """Return what a database raises; nothing where no command has loaded SQLAlchemy, which takes its time."""
    if "sqlalchemy" not in sys.modules:
        return ()
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    return (SQLAlchemyError,)


def _tell_in_utf8() -> None:
    """Keep letters that a locale does not know from ending a command: half of a name list was written by then.

    Files and pipes get UTF-8, which the documents declare and every file of ours is in; a terminal that cannot show a
    letter shows a question mark.
    """
    out = sys.stdout
    if not isinstance(out, io.TextIOWrapper) or out.encoding.lower().replace("-", "") == "utf8":
        return
    if out.isatty():
        out.reconfigure(errors="replace")
    else:
        out.reconfigure(encoding="utf-8")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


class _HelpFormatter(argparse.RawDescriptionHelpFormatter, ScrapyHelpFormatter):
    """Scrapy's headings, with the lines of the description and the example kept as they were written."""


class CardfileCommand(ScrapyCommand):
    """A command that is strict about its options and quiet about its failures.

    A subclass sets `summary` (one line) and `example` (command lines, without prompt), adds its options in
    `add_arguments` and works in `execute`, which returns an exit code (None means 0) or raises a `CardfileError`.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 expectations not met, 4 refused. An unknown option, an abbreviated
    one or a stray argument is wrong usage: Scrapy itself would swallow it, and a misspelt `--dry-run` must not run.
    """

    requires_project = True
    requires_crawler_process = False

    summary: ClassVar[str]
    example: ClassVar[str]
    #: What stands behind the command's name in the usage line.
    arguments: ClassVar[str] = "[options]"

    _parser: argparse.ArgumentParser

    @abstractmethod
    def execute(self, args: list[str], opts: argparse.Namespace) -> int | None:
        """Do the work; positional arguments that `add_arguments` declared are in `opts`, and `args` is empty."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own options and positional arguments; `--json` is there already."""

    # What Scrapy calls.

    def syntax(self) -> str:
        """Return the usage line without the name."""
        return self.arguments

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return self.summary

    def long_desc(self) -> str:
        """Return the summary and the rest of the class's docstring, if it has one of its own."""
        own = inspect.cleandoc(type(self).__doc__ or "")
        return own or self.summary

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Make the parser strict, then declare our options before Scrapy's global ones."""
        self._parser = parser
        parser.allow_abbrev = False
        parser.formatter_class = _HelpFormatter
        parser.prog = f"scrapy {type(self).__module__.rsplit('.', 1)[-1]}"
        example = "\n".join(f"  {line}" for line in inspect.cleandoc(self.example).splitlines())
        parser.epilog = f"Example\n=======\n{example}\n"
        parser.add_argument("--json", action="store_true", help="print JSON, one object a line, and no colour")
        parser.add_argument(
            "--role", choices=ROLES, default="", help="act in this role; CARDFILE_ROLE sets it for good"
        )
        self.add_arguments(parser)
        super().add_options(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reject what nobody declared; raises Scrapy's usage error, which ends with exit code 2."""
        super().process_options(args, opts)
        unknown = [arg for arg in args if arg.startswith("-") and arg != "-"]
        if unknown:
            raise ScrapyUsageError(f"unknown option {unknown[0]}", print_help=False)
        self._gather(args, opts)
        if args:
            raise ScrapyUsageError(f"unexpected argument {args[0]!r}", print_help=False)

    def _gather(self, args: list[str], opts: argparse.Namespace) -> None:
        """Give arguments that stood behind an option (`a --json b`) to the positional that takes many."""
        for action in self._parser._actions:  # argparse has no public list of them
            if args and not action.option_strings and action.nargs in _MANY:
                setattr(opts, action.dest, [*(getattr(opts, action.dest) or []), *args])
                args.clear()

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run `execute` and turn its outcome into an exit code; no traceback for what a person can mend."""
        self.opts = opts
        _tell_in_utf8()
        self._configure_logging()
        try:
            name = type(self).__module__.rsplit(".", 1)[-1]
            require(self.role, name, str(getattr(opts, "action", "") or getattr(opts, "kind", "")))
            self.exitcode = self.execute(args, opts) or 0
            sys.stdout.flush()
        except UsageError as error:
            raise ScrapyUsageError(str(error), print_help=False) from None
        except CardfileError as error:
            self.warn(str(error))
            self.exitcode = error.exit_code
        except BrokenPipeError:
            # The reader went away, as `head` does. Point stdout elsewhere, or Python complains again when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exitcode = 1
        except KeyboardInterrupt:
            self.warn("interrupted")
            self.exitcode = 1
        except database_errors() as error:
            told = self._told(error)
            self.warn(str(told))
            self.exitcode = told.exit_code
        except OSError as error:
            self.warn(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
            self.exitcode = 1

    def _told(self, error: Exception) -> CardfileError:
        """Return what a database error means, where the command itself has not said it."""
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        from pipelines.master.database import database_url  # noqa: PLC0415
        from pipelines.master.faults import store_error  # noqa: PLC0415

        assert self.settings is not None
        assert isinstance(error, SQLAlchemyError)
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        return store_error(error, url)

    def _configure_logging(self) -> None:
        """Honour Scrapy's log options where no crawler process does it; leaves a configured root logger alone."""
        logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its plug-ins at each start
        if self.requires_crawler_process or self.settings is None:
            return
        if not self.settings.getbool("LOG_ENABLED"):
            logging.basicConfig(handlers=[logging.NullHandler()])
            return
        file = self.settings.get("LOG_FILE")
        handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
        # On the handler, because a crawler process opens the root logger to every level.
        handler.setLevel(self.settings.get("LOG_LEVEL"))
        logging.basicConfig(
            level=self.settings.get("LOG_LEVEL"),
            handlers=[handler],
            format=self.settings.get("LOG_FORMAT"),
            datefmt=self.settings.get("LOG_DATEFORMAT"),
        )

    @property
    def role(self) -> Role:
        """In which role the command runs; raises UsageError for an unknown one, RefusedError for another's."""
        configured = self.settings.get("CARDFILE_ROLE", "") if self.settings is not None else ""
        return role_of(configured, getattr(self.opts, "role", ""))

    # What commands print with.

    @cached_property
    def console(self) -> Console:
        """A rich console on standard output; without a terminal it writes plain text and never cuts a line."""
        from rich.console import Console  # noqa: PLC0415  40 ms that `--json` and `scrapy list` need not spend

        if sys.stdout.isatty():
            return Console(highlight=False)
        width = None if "COLUMNS" in os.environ else _UNBOUNDED  # Rich takes 80 for a file, and folds addresses in two
        return Console(soft_wrap=True, highlight=False, width=width)

    @staticmethod
    def write(text: str) -> None:
        """Write one line to standard output."""
        sys.stdout.write(f"{text}\n")

    def write_json(self, value: Any) -> None:
        """Write one JSON value as one line; keys keep their order, letters stay letters, times become ISO 8601."""
        self.write(json.dumps(value, ensure_ascii=False, default=_plain))

    @staticmethod
    def warn(sentence: str) -> None:
        """Write one sentence to standard error."""
        sys.stderr.write(f"{sentence}\n")

    def progress(self, items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """Iterate with a progress bar on standard error when that is a terminal; plainly otherwise, as under cron."""
        if self._quiet:
            yield from items
            return
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import track  # noqa: PLC0415

        size = len(items) if total is None and isinstance(items, Sized) else total
        yield from track(items, description=label, total=size, console=Console(stderr=True), transient=True)

    @contextmanager
    def status(self, label: str) -> Iterator[None]:
        """Show that something of unknown length is going on, on a terminal only."""
        if self._quiet:
            yield
            return
        from rich.console import Console  # noqa: PLC0415

        with Console(stderr=True).status(label):
            yield

    @property
    def _quiet(self) -> bool:
        return not sys.stderr.isatty() or getattr(self.opts, "json", False)
