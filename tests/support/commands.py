"""Running one of our commands in this process, as `scrapy NAME …` would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy import cmdline
from scrapy.settings import Settings


def call(*arguments: str | Path, **settings: Any) -> int:
    """Run a command with the test settings and those given, without a log; return its exit code."""
    own = Settings()
    own.setmodule("settings.test", priority="project")
    own.setdict({"LOG_ENABLED": False, **settings}, priority="cmdline")
    with pytest.raises(SystemExit) as ended:
        cmdline.execute(["scrapy", *map(str, arguments)], own)
    return int(ended.value.code or 0)
