"""When a value leaves the master because its page does. Pure: what was seen and when, in; what follows, out.

| what the page did | its values leave the master | they come back |
|---|---|---|
| it is read and is silent about a value | after `grace_days` | when it shows it again |
| it is read and says something else instead | at once (`pipelines.master.statements`) | when it shows it again |
| 410, or a redirect for good | at once | when it is there again |
| 404, 401, 403, a redirect for now | at the second such answer, `missing_days` or more after the first | ditto |
| no answer, 429, 5xx, robots.txt out of reach | once that has lasted `unreachable_days` | ditto |
| robots.txt, noindex, TDM reservation, 451 | at once, into quarantine | when it may be read and shows them |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.items import Revisit
from crawler.memory import Sight


@dataclass(frozen=True, slots=True)
class Life:
    """How a page stands: what the last look came to, and since when it has not shown its values.

    `state` is `SHOWN` for a page that does, also when the last look found it the same. `lost_since` is the first look
    after `shown_at` that did not show it; `missing_since` the first that said it was not there. Times are UTC.
    """

    state: Sight
    shown_at: datetime
    checked_at: datetime
    lost_since: datetime | None = None
    missing_since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows for the values of a page: since when they are withdrawn, or quarantined; None for not at all."""

    withdrawn_since: datetime | None = None
    quarantined_since: datetime | None = None


def after(life: Life, sight: Sight, at: datetime, reason: str = "") -> Life:
    """Return how a page stands after one more look; a look that is not later than the last one changes nothing.

    What cannot be reached keeps an earlier reservation: silence does not lift it.
    """
    if at <= life.checked_at:
        return life
    if sight in (Sight.SHOWN, Sight.SAME):
        return Life(Sight.SHOWN, at, at)
    keeps = life.state is Sight.RESERVED and sight is Sight.UNREACHABLE
    missing = at if sight in (Sight.MISSING, Sight.GONE) else None
    return replace(
        life,
        state=life.state if keeps else sight,
        reason=life.reason if keeps else reason,
        checked_at=at,
        lost_since=life.lost_since or at,
        missing_since=life.missing_since or missing,
    )


def standing(life: Life, revisit: Revisit, now: datetime) -> Standing:
    """Return what follows for the values of a page at a time, by the table above."""
    lost = life.lost_since
    if life.state is Sight.SHOWN or lost is None:
        return Standing()
    if life.state is Sight.RESERVED:
        return Standing(quarantined_since=lost)
    if life.state is Sight.GONE:
        return Standing(withdrawn_since=lost)
    missing = life.missing_since
    if life.state is Sight.MISSING and missing and life.checked_at - missing >= timedelta(days=revisit.missing_days):
        # With no days between them, two answers are still two.
        return Standing(withdrawn_since=lost if life.checked_at > missing else None)
    if now - lost >= timedelta(days=revisit.unreachable_days):
        return Standing(withdrawn_since=lost)
    return Standing()


def is_due(life: Life, revisit: Revisit, now: datetime) -> bool:
    """Tell whether a page is to be asked for although no link leads to it.

    One that was found wanting and still has its values in the master is asked for at each run, so is a reserved one,
    which costs no page; all others every `verify_days`, also what has left the master: it may come back.
    """
    unsettled = life.state is not Sight.SHOWN and standing(life, revisit, now).withdrawn_since is None
    return unsettled or now - life.checked_at >= timedelta(days=revisit.verify_days)


def grace_ended(left_at: datetime, revisit: Revisit, now: datetime) -> bool:
    """Tell whether a value that left its page at a time has left the master."""
    return now - left_at >= timedelta(days=revisit.grace_days)


def expires_at(first_seen: datetime, retention_days: int) -> datetime:
    """Return when a value must be erased: retention counts from its first sight, and no re-crawl moves that."""
    return first_seen + timedelta(days=retention_days)
