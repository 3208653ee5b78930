"""Running one of our commands in this process, as `scrapy NAME …` would."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from scrapy import cmdline
from scrapy.settings import Settings

#: A source that can be crawled, and one that no spider reads.
_REGISTER = """[defaults]
kind = "company-site"
publisher = "Noord NV"
purpose = "test"
legal_basis = "contract"
retention_days = 30

[[source]]
id = "alpha"
spider = "company_site"
start_urls = ["https://alpha.example/team"]

[[source]]
id = "odd"
spider = "no_such_spider"
start_urls = ["https://odd.example/"]
"""


def registered(home: Path) -> dict[str, str]:
    """Write a register of two sources into a data folder; return the settings that name both."""
    file = home / "sources.toml"
    file.write_text(_REGISTER, "utf-8")
    return {"CARDFILE_HOME": str(home), "CARDFILE_SOURCES": str(file)}


def call(*arguments: str | Path, **settings: Any) -> int:
    """Run a command with the test settings and those given, without a log; return its exit code."""
    own = Settings()
    own.setmodule("settings.test", priority="project")
    own.setdict({"LOG_ENABLED": False, **settings}, priority="cmdline")
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            cmdline.execute(["scrapy", *map(str, arguments)], own)
    finally:  # a command that is about to end ignores it, and each program under test would inherit that
        signal.signal(signal.SIGTERM, before)
    return int(ended.value.code or 0)
