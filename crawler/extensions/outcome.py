"""How a run ended, judged by what it did and by what its source used to give. Pure: numbers in, a word out.

A fixed threshold ("at least ten people") is wrong for most sources, so a run is measured against the earlier ones of
its own source with the modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle Outliers", 1993): the
distance from the median in units of 1.4826 times the median absolute deviation, with their limit of 3.5. Median and
deviation hold although a minority of the earlier runs went wrong, where mean and standard deviation would follow them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

#: What each outcome means for cron.
EXIT_CODES = {
    "finished": 0,
    "unchanged": 0,
    "failed": 1,
    "interrupted": 1,
    "expectation-missed": 3,
    "empty": 3,
    "refused": 4,
    "blocked": 4,
}
#: Outcomes of runs that came to an end and say what their source usually gives.
COMPLETE = frozenset({"finished", "unchanged", "expectation-missed"})

#: Earlier runs that are looked at, and how many there must be before a usual range is claimed.
MOST_RUNS, LEAST_RUNS = 12, 4
#: Iglewicz and Hoaglin: what lies further out than this is taken for an outlier.
LIMIT = 3.5
#: The standard deviation of a normal distribution over its median absolute deviation.
_MAD_TO_SIGMA = 1.4826
#: A source that never changed has no deviation. People come and go, so a twentieth of them, or one person, is none.
#: With half a person a team of twelve raised an alarm in 3 % of its healthy runs (docs/quality.md), with one in 0.6 %.
_LEAST_SHARE, _LEAST_PEOPLE = 0.05, 1.0
#: Below this many readings a share of filled fields is no share.
LEAST_READINGS = 5
#: Reasons for which a crawl was ended that nobody wanted to end, and the outcome of that.
_CUT_SHORT = {"store_failed": "failed", "memusage_exceeded": "failed", "shutdown": "interrupted"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A number outside its range: of "people", or the share of readings with a property. `by` names who set the range.

    `usual` is the median of the earlier runs, or None when the register declared the range.
    """

    measure: str
    found: float
    low: float
    high: float
    by: str
    usual: float | None = None

    def __str__(self) -> str:
        """The finding in words: "people 3, usually 38 to 44"."""
        share = self.measure != "people"
        found, low, high = (f"{number:.0%}" if share else f"{number:g}" for number in (self.found, self.low, self.high))
        word = "expected" if self.by == "register" else "usually"
        return f"{self.measure} {found}, {word} {low} to {high}"


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier run of the same source: its outcome and its value-free counts."""

    outcome: str
    counts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, one of `EXIT_CODES`, and what was out of range."""

    outcome: str
    findings: tuple[Finding, ...] = ()

    def as_counts(self) -> list[dict[str, Any]]:
        """Return the findings as they stand in the counts of a run."""
        return [asdict(finding) for finding in self.findings]


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended: why its spider was closed, its counts, and what the register expects (None: nothing)."""

    reason: str
    counts: Mapping[str, Any]
    expects_people: tuple[int, int] | None = None
    past: Sequence[Past] = field(default=())

    @property
    def people(self) -> int:
        """Distinct people that the run saw or confirmed."""
        return people_of(self.counts)

    @property
    def _pages(self) -> int:
        return int(self.counts.get("pages/read", 0) + self.counts.get("pages/unchanged", 0))

    def verdict(self) -> Verdict:
        """Classify the run."""
        if word := _CUT_SHORT.get(self.reason) or self._barred():
            return Verdict(word)
        if 2 * self.counts.get("pages/crashed", 0) >= self._pages:
            return Verdict("failed")  # the spider raised on half of its pages: what it found says nothing
        comparable = [past for past in self.past if past.outcome in COMPLETE and _same_reach(past.counts, self.counts)]
        comparable = comparable[:MOST_RUNS]
        expected = self._expected()
        may_be_empty = self.expects_people is not None and self.expects_people[0] == 0
        if not self.people and not may_be_empty and any(people_of(run.counts) for run in comparable):
            return Verdict("empty", tuple(expected))
        if findings := (*expected, *drift(self.counts, comparable, declared=self.expects_people is not None)):
            return Verdict("expectation-missed", findings)
        changed = any(self.counts.get(f"statements/{what}") for what in ("new", "retired", "quarantined"))
        return Verdict("finished" if changed else "unchanged")

    def _barred(self) -> str:
        """Return "blocked", "refused" or "failed" when the run was kept from its pages, else an empty string.

        `blocked` is the site's answer to a request (401, 403, 429, a challenge), `refused` a no before any request. A
        site that turned away more pages than it let us read has blocked the run, although it read some.
        """
        given_up = self.counts.get("rights/cool-off", 0)
        if self._pages:
            return "blocked" if given_up > self._pages else ""
        if given_up or any(key.startswith("refusals/") for key in self.counts):
            return "blocked"
        return "refused" if self.counts.get("pages/refused") else "failed"

    def _expected(self) -> list[Finding]:
        if self.expects_people is None:
            return []
        low, high = self.expects_people
        return [] if low <= self.people <= high else [Finding("people", self.people, low, high, "register")]


def drift(counts: Mapping[str, Any], past: Sequence[Past], *, declared: bool = False) -> list[Finding]:
    """Return what is unusual for the source: its people (unless a range is `declared`), and fields that went missing.

    `past` are comparable runs, newest first. A field is only ever found too empty: one that fills up is good news.
    """
    found: list[Finding] = []
    if not declared and (usual := usual_people(past)):
        low, middle, high = usual
        people = people_of(counts)
        if not low <= people <= high:
            found.append(Finding("people", people, round(max(0.0, low), 3), round(high, 3), "history", middle))
    readings = int(counts.get("people/readings", 0))
    if readings < LEAST_READINGS:
        return found
    fields = sorted({key for run in past for key in run.counts if key.startswith("people/with/")})
    emptier = (_emptier(name, counts.get(name, 0) / readings, readings, past) for name in fields)
    return [*found, *(finding for finding in emptier if finding)]


def usual_people(past: Sequence[Past]) -> tuple[float, float, float] | None:
    """Return the least, the median and the most people that earlier runs lead to expect; None without enough of them.

    `past` are runs, newest first; those that did not come to an end say nothing.
    """
    earlier = [people_of(run.counts) for run in past if run.outcome in COMPLETE][:MOST_RUNS]
    if len(earlier) < LEAST_RUNS:
        return None
    middle = median(earlier)
    reach = LIMIT * max(_deviation(earlier), _LEAST_SHARE * middle, _LEAST_PEOPLE)
    return middle - reach, middle, middle + reach


def _emptier(name: str, share: float, readings: int, past: Sequence[Past]) -> Finding | None:
    """Return a finding when a field's share fell below what earlier runs and chance explain.

    Chance is the standard error of a share, by the estimate of Agresti and Coull (1998), which is not zero for a field
    that was always filled.
    """
    shares = [
        run.counts.get(name, 0) / run.counts["people/readings"]
        for run in past
        if run.counts.get("people/readings", 0) >= LEAST_READINGS
    ]
    if len(shares) < LEAST_RUNS:
        return None
    middle = median(shares)
    likely = (middle * readings + 2) / (readings + 4)
    error = math.sqrt(likely * (1 - likely) / (readings + 4))
    reach = LIMIT * max(_deviation(shares), error)
    measure = name.removeprefix("people/with/")
    if middle - share <= reach:
        return None
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return Finding(measure, round(share, 3), round(low, 3), round(high, 3), "history", round(middle, 3))


def _deviation(values: Sequence[float]) -> float:
    middle = median(values)
    return _MAD_TO_SIGMA * median([abs(value - middle) for value in values])


def people_of(counts: Mapping[str, Any]) -> int:
    """Return the distinct people of a run: those it read, or those it read or confirmed where that was counted."""
    return int(counts.get("people/seen", counts.get("people/found", 0)))


def _same_reach(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two runs could go equally far: neither was cut off by its budget, or both had the same one."""
    cut = one.get("budget/cut") or other.get("budget/cut")
    keys = ("budget/pages", "budget/seconds", "budget/depth")
    return not cut or all(one.get(key) == other.get(key) for key in keys)
