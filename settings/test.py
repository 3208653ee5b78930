"""The test run: loopback only, so no need to be slow."""

from settings.base import *  # noqa: F403

DOWNLOAD_DELAY = 0.0
AUTOTHROTTLE_ENABLED = False
DOWNLOAD_TIMEOUT = 10
LOG_LEVEL = "WARNING"
