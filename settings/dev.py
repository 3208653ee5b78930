"""An engineer's machine: the defaults."""

from settings.base import *  # noqa: F403
