"""Changes of purpose: data collected for one thing are used for another only once people have been told.

Article 13(3) and 14(4) GDPR: the person is told before the further processing. Until the day that the register names
nothing leaves for the new purpose; from then on nobody who was not told does (`pipelines.rights.gate`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipelines.errors import RightsError
from pipelines.rights.declared import Change, RightsRegister


def held_purposes(register: RightsRegister, now: datetime) -> Mapping[str, Change]:
    """Return the purposes for which nothing may leave yet, with the change that holds each back.

    `now` is UTC; the day is that of the controller's zone.
    """
    today = now.astimezone(register.controller.zone).date()
    return {one.purpose: one for one in register.changes if today < one.begins_on}


def require_begun(register: RightsRegister, purpose: str, now: datetime) -> None:
    """Raise RightsError while a purpose is held back."""
    if change := held_purposes(register, now).get(purpose):
        raise RightsError(
            f"Nothing leaves for {purpose!r} before {change.begins_on}: until then people are told that their data"
            f" collected for {change.from_purpose!r} will be used for it (`scrapy notice`)."
        )
