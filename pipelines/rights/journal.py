"""Writing into the activity log from where the settings are known: who acts, and under which secret it is sealed."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scrapy.settings import BaseSettings
from sqlalchemy import Connection

from pipelines.rights import activity
from pipelines.rights.activity import Action
from pipelines.rights.secret import Keyring, keyring


@dataclass(frozen=True, slots=True)
class Journal:
    """The log as one command or crawl writes into it; `by` is the name under which it acts."""

    keys: Keyring
    by: str

    @classmethod
    def of(cls, settings: BaseSettings, by: str = "") -> Journal:
        """Return the journal of the settings; raises UsageError when production has no secret.

        Who acts is `by`, else `CARDFILE_REVIEWER`, else the account's name.
        """
        return cls(keyring(settings), " ".join((by or settings.get("CARDFILE_REVIEWER") or account()).split()))

    def record(
        self,
        connection: Connection,
        action: Action,
        now: datetime,
        reference: str = "",
        details: Mapping[str, int | str | bool] | None = None,
    ) -> int:
        """Append an entry and return its number; `pipelines.rights.activity.record` says what may stand in it."""
        return activity.record(
            connection, action, key=self.keys, by=self.by, now=now, reference=reference, details=details
        )


def account() -> str:
    """Return the name of the account that this process runs under, or its number when it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
