"""A worker as it is shown: what it is at on a terminal, otherwise one line a job, or JSON."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner

from crawler.extensions.outcome import EXIT_CODES
from pipelines.command import CardfileCommand
from pipelines.queue.order import Order
from pipelines.runs.results import Result


class Show:
    """Shows one worker. Quiet means no status line: without a terminal, and with `--json`."""

    def __init__(self, command: CardfileCommand, *, quiet: bool) -> None:
        self._command = command
        self._began = time.monotonic()
        self._busy: list[str] = []
        self._outcomes: Counter[str] = Counter()
        self._codes: set[int] = set()
        self._spinner = Spinner("dots", "Waiting for a job")
        # What goes to a file must not be drawn above the spinner on the terminal.
        together = sys.stdout.isatty()
        live = Live(self._spinner, console=Console(stderr=True), transient=True, redirect_stdout=together)
        self._live = None if quiet else live
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._live:
            self._open.enter_context(self._live)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def exit_code(self) -> int:
        """The exit code of the gravest attempt, as a plan's call has it: 1 before 3 before 4."""
        return next((code for code in (1, 3, 4) if code in self._codes), 0)

    def watch(self, order: Order, result: Result | None) -> None:
        """Show that a job starts, or how an attempt at it ended."""
        if result is None:
            self._busy.append(order.job.source_id)
        else:
            self._busy = [busy for busy in self._busy if busy != order.job.source_id]
            self._outcomes[result.outcome] += 1
            self._codes.add(EXIT_CODES.get(result.outcome, 0))
            self._ended(order, result)
        self._spinner.update(text=f"Crawling {', '.join(self._busy)}" if self._busy else "Waiting for a job")

    def tick(self, plan: str, new: int, waiting: int) -> None:
        """Show that a plan came round."""
        if self._command.opts.json:
            self._command.write_json({"event": "tick", "plan": plan, "deferred": new, "waiting": waiting})
        else:
            self._command.write(f"Plan {plan}: its time has come; {new} jobs deferred, {waiting} waiting already")
        sys.stdout.flush()

    def conclude(self) -> None:
        """Say what the worker did."""
        seconds = time.monotonic() - self._began
        if self._command.opts.json:
            facts = {"event": "worker", "outcomes": dict(self._outcomes), "seconds": round(seconds, 1)}
            self._command.write_json(facts)
            return
        said = ", ".join(f"{number} {outcome}" for outcome, number in self._outcomes.most_common())
        self._command.write(f"Worker: {said or 'no job'}; {timedelta(seconds=round(seconds))}")

    def _ended(self, order: Order, result: Result) -> None:
        if self._command.opts.json:
            self._command.write_json({"event": "job", "plan": order.plan, **result.as_json()})
        else:
            self._command.write(line(order, result))
        sys.stdout.flush()


def line(order: Order, result: Result) -> str:
    """Return the line about an attempt at a job."""
    facts = result.as_json()
    remark = f" ({result.remark})" if result.remark else ""
    return (
        f"{order.plan}: {result.source_id} {result.outcome}{remark}; {facts['pages']} pages, {facts['people']} people, "
        f"{facts['new']} new statements; {timedelta(seconds=round(result.seconds))}"
    )
