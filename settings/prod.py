"""Scheduled crawls: a contact address and a secret are required."""

from settings.base import *  # noqa: F403

CARDFILE_PRODUCTION = True
