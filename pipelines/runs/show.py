"""A call of a plan as it is shown: a bar on a terminal, JSON lines for log shippers, one line for cron."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from pipelines.command import CardfileCommand
from pipelines.runs.plan import Plan
from pipelines.runs.results import Call, Result

logger = logging.getLogger(__name__)


class Show:
    """Shows one call. Quiet means no bar: under cron, and with `--json`."""

    def __init__(self, command: CardfileCommand, plan: Plan, *, quiet: bool) -> None:
        self._command = command
        self._plan = plan
        self._began = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet)
        self._task = self._bar.add_task("Starting", total=len(plan.jobs))
        self._busy: list[str] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self._bar)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def watch(self, source_id: str, result: Result | None) -> None:
        """Show that a source starts, or how it ended."""
        if result is None:
            self._busy.append(source_id)
        else:
            self._busy = [busy for busy in self._busy if busy != source_id]
            remark = f" ({result.remark})" if result.remark else ""
            logger.info("Plan %s: source %s %s%s", self._plan.name, source_id, result.outcome, remark)
            if self._command.opts.json:
                self._command.write_json({"event": "source", "plan": self._plan.name, **result.as_json()})
        self._bar.update(self._task, description=", ".join(self._busy), advance=1 if result else 0)

    def conclude(self, call: Call) -> None:
        """Write the summary: one JSON object, or one line."""
        seconds = time.monotonic() - self._began
        if self._command.opts.json:
            self._command.write_json(self._facts(call, seconds))
            return
        self._command.write(sentence(self._plan, call, seconds))
        for result in call.results if self._bar.console.is_terminal else ():
            self._command.write(f"  {result.source_id:<30} {result.outcome:<20} {result.remark}".rstrip())

    def _facts(self, call: Call, seconds: float) -> dict[str, object]:
        facts = {"event": "plan", "plan": self._plan.name, "pass": call.going.id, "resumed": call.going.resumed}
        totals = {name: sum(result.as_json()[name] for result in call.results) for name in _TOTALS}
        done = {"complete": call.complete, "outcomes": dict(call.outcomes), "done_before": len(call.going.done)}
        return {**facts, **done, **totals, "seconds": round(seconds, 1), "exit_code": call.exit_code}


_TOTALS = ("pages", "people", "new", "retired")


def sentence(plan: Plan, call: Call, seconds: float) -> str:
    """Return the summary line of a call: `seconds` long."""
    count = len(call.results)
    outcomes = ", ".join(f"{number} {outcome}" for outcome, number in call.outcomes.most_common())
    pages, people, new, _ = (sum(result.as_json()[name] for result in call.results) for name in _TOTALS)
    before = f" ({len(call.going.done)} done before)" if call.going.done else ""
    stopped = "" if call.complete else "; stopped, the next call goes on"
    return (
        f"Plan {plan.name}: {count} source{'s' * (count != 1)}{before}: {outcomes or 'nothing left to do'}; "
        f"{pages} pages, {people} people, {new} new statements; {timedelta(seconds=round(seconds))}{stopped}; "
        f"exit code {call.exit_code}"
    )
