"""What the settings say of retention."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from scrapy.settings import BaseSettings

from pipelines.rights.declared import Retention
from pipelines.rights.register import load


def policy(settings: BaseSettings) -> tuple[Retention, ZoneInfo]:
    """Return the periods of the rights register and the controller's zone; the defaults and UTC without a register."""
    if not settings["CARDFILE_RIGHTS"]:
        return Retention(), ZoneInfo("UTC")
    register = load(settings["CARDFILE_RIGHTS"])
    return register.retention, register.controller.zone
