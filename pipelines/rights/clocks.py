"""The periods that the GDPR sets, as dates: pure, and in the zone of whoever has to keep them.

Regulation (EEC, Euratom) 1182/71, Article 3: a period of months begins on the day after the event and ends with the day
that has the same number, or with the last day of a month that has no such day.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Clock(StrEnum):
    """What sets a notice due (Article 14(3), and Article 13(1) where people gave the data themselves)."""

    COLLECTED = "collected"  # (a): within a month; by Article 13 at the time
    FIRST_CONTACT = "first-contact"  # (b): at the latest with the first communication
    FIRST_DISCLOSURE = "first-disclosure"  # (c): at the latest when first disclosed
    NEW_PURPOSE = "new-purpose"  # Article 14(4): before the data are used for something else
    EVENT = "event"  # a sale or the end of the service: in time to object


@dataclass(frozen=True, slots=True)
class Due:
    """The last day for a notice, and the clock that ran out first."""

    on: date
    clock: Clock


def months_after(day: date, months: int) -> date:
    """Return the last day of a period of months that begins with an event on a day.

    >>> months_after(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def notice_due(
    collected: datetime,
    zone: ZoneInfo,
    contact: date | None = None,
    disclosure: date | None = None,
    given: datetime | None = None,
) -> Due:
    """Return when a person has to have been told.

    `collected` is the moment (with a zone) at which the first value was read, `zone` the operator's; `contact` and
    `disclosure` are planned days of the first message to the person and of the first export, `given` the moment at
    which the person gave the first value: who does is told at the time, which is the same day.
    """
    candidates = [Due(months_after(collected.astimezone(zone).date(), 1), Clock.COLLECTED)]
    candidates += [Due(given.astimezone(zone).date(), Clock.COLLECTED)] if given else []
    candidates += [Due(contact, Clock.FIRST_CONTACT)] if contact else []
    candidates += [Due(disclosure, Clock.FIRST_DISCLOSURE)] if disclosure else []
    return min(candidates, key=lambda due: due.on)


def retention_ends(first_seen: datetime, days: int) -> datetime:
    """Return when a value must be gone: it counts from its first collection, which no later reading moves."""
    return first_seen + timedelta(days=days)
