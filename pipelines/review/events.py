"""What happened to a person, read off the employment history. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pipelines.master.ids import name_key
from pipelines.reports.entities import Job
from pipelines.review.texts import say


@dataclass(frozen=True, slots=True)
class EmployerChange:
    """A person was shown at one employer and later at another.

    `seen_until` is when the last page of the old employer no longer showed it, None while one still does; `seen_from`
    is when a page first showed the new one. Neither is the day on which the person changed.
    """

    before: str
    after: str
    seen_until: datetime | None
    seen_from: datetime

    def sentence(self, language: str) -> str:
        """Say it in a sentence."""
        if self.seen_until is None:
            return say("new_employer", language, before=self.before, after=self.after, end=f"{self.seen_from:%Y-%m-%d}")
        first, last = sorted((self.seen_until, self.seen_from))
        facts = {"before": self.before, "after": self.after}
        return say("changed_employer", language, start=f"{first:%Y-%m-%d}", end=f"{last:%Y-%m-%d}", **facts)


def employer_changes(jobs: Iterable[Job]) -> list[EmployerChange]:
    """Return the changes of employer, oldest first; employers that appeared on one day are no change.

    The pages of one crawl are seconds apart, and which of them was read first says nothing about the person.
    """
    return [
        EmployerChange(before.name, after.name, before.end, after.start)
        for before, after in pairwise(_employers(jobs))
        if before.start.date() < after.start.date()
    ]


@dataclass(frozen=True, slots=True)
class _Employer:
    name: str
    start: datetime
    end: datetime | None


def _employers(jobs: Iterable[Job]) -> Iterator[_Employer]:
    """Yield every employer with the time over all jobs there, in the order in which they appeared.

    However it is spelt: "Noord" and "Noord NV" are one when the master says so.
    """
    found: dict[str, list[Job]] = {}
    for job in sorted((job for job in jobs if job.works_for), key=lambda job: (job.start, job.works_for)):
        found.setdefault(job.organisation or name_key(job.works_for), []).append(job)
    for listed in found.values():
        ends = [job.end for job in listed]
        end = None if None in ends else max(end for end in ends if end)
        yield _Employer(listed[0].works_for, listed[0].start, end)
