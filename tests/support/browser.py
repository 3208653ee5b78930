"""Whether a browser starts here, asked in the crawler's own way: `python -m tests.support.browser`.

`.ci/setup` asks before it fetches one, `tests/conftest.py` before a test that is marked `browser`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

from crawler.middlewares import chromium
from tests.support import tree


def start() -> None:
    """Start a browser and close it; raises what stands against it."""
    from playwright.sync_api import sync_playwright

    path = chromium.find(os.environ.get("CARDFILE_CHROMIUM", ""))
    with sync_playwright() as playwright:
        playwright.chromium.launch(**chromium.launch_options(path, root=os.geteuid() == 0)).close()


@cache
def starts() -> bool:
    """Tell whether one starts; asked in another process, because Playwright and a running event loop do not mix."""
    command = [sys.executable, "-m", "tests.support.browser"]
    return subprocess.run(command, cwd=tree.ROOT, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    start()
