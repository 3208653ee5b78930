"""What could not be read, said without flooding a log."""

from __future__ import annotations

import logging

#: Records and files that are named in the log when they cannot be read; the rest are counted.
MAX_TOLD = 20


class Told:
    """Names the first few records that could not be read in the log, and says once that there are more."""

    def __init__(self, to: logging.Logger) -> None:
        self._to = to
        self._count = 0

    def __call__(self, sentence: str) -> None:
        """Log one sentence, which never holds a value."""
        self._count += 1
        if self._count <= MAX_TOLD:
            self._to.warning("%s", sentence)
        elif self._count == MAX_TOLD + 1:
            self._to.warning("Further records that cannot be read are counted, not named.")
