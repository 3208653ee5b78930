"""What came of a call of a plan: one result a source, and one exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.extensions.outcome import EXIT_CODES, people_of
from pipelines.runs.book import Pass

_SHOWN = {
    "pages": "pages/read",
    "unchanged_pages": "pages/unchanged",
    "new": "statements/new",
    "retired": "statements/retired",
}
_SPENT = ("read", "unchanged", "failed", "refused", "unreadable")


@dataclass(frozen=True, slots=True)
class Result:
    """One source of a call: its outcome, the id and value-free counts of its run, and a sentence when there is one."""

    source_id: str
    outcome: str
    run_id: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    remark: str = ""

    @property
    def pages_spent(self) -> int:
        """Pages that the run asked for, whatever became of them."""
        return sum(int(self.counts.get(f"pages/{word}", 0)) for word in _SPENT)

    def as_json(self) -> dict[str, Any]:
        """Return the result as one flat object."""
        numbers = {name: int(self.counts.get(key, 0)) for name, key in _SHOWN.items()}
        numbers["people"] = people_of(self.counts)
        more = {"findings": self.counts["findings"]} if "findings" in self.counts else {}
        remark = {"remark": self.remark} if self.remark else {}
        facts = {"source": self.source_id, "outcome": self.outcome, "run": self.run_id}
        return {**facts, **numbers, "seconds": round(self.seconds, 1), **more, **remark}


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of a plan did: the pass it worked on, its results, and whether that pass is complete."""

    going: Pass
    results: tuple[Result, ...]
    complete: bool

    @property
    def outcomes(self) -> Counter[str]:
        """How many sources ended how."""
        return Counter(result.outcome for result in self.results)

    @property
    def exit_code(self) -> int:
        """The exit code of the gravest source: what failed (1) outranks what found too little (3), and that a refusal.

        A pass that was stopped before its end has failed, and is resumed by the next call.
        """
        codes = {EXIT_CODES.get(outcome, 0) for outcome in self.outcomes}
        codes |= set() if self.complete else {EXIT_CODES["interrupted"]}
        return next((code for code in (1, 3, 4) if code in codes), 0)
