"""Plans that come round: in place of cron, the workers that were given a plan defer it in time, and only once."""

from __future__ import annotations

from pathlib import Path

from croniter import CroniterError, croniter

from pipelines.errors import UsageError
from pipelines.runs.plan import Plan


def check(plan: Plan, path: Path) -> Plan:
    """Return a plan that a worker can defer in time; raises UsageError for one that does not say when."""
    if not plan.every:
        raise UsageError(
            f'{path}: a worker defers plans that say when: every = "06:00" or every = "17 3 * * mon-fri", in UTC.'
        )
    try:
        croniter(plan.every)
    except CroniterError as error:
        raise UsageError(f"{path}: every = {plan.every!r} is no cron expression: {error}.") from None
    return plan
