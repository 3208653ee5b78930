"""Finding a Chromium, and starting it so that it can reach nothing by itself.

It gets every byte from us: documents and sub-requests are fetched over HTTP through the gate and handed to it. Should a
request find another way out (a web socket, WebRTC, its own services), there is no name that it can resolve and no
address that it can connect to.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crawler.errors import CardfileError, UsageError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
NO_CHROMIUM = (
    "No Chromium can be started, so pages that need one are read as they were sent: install chromium, "
    "run `playwright install chromium`, or set CARDFILE_CHROMIUM to the path of a browser"
)
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",  # the discard port: what asks for an address by number ends here
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--no-first-run",
    "--disable-gpu",
    "--disable-remote-fonts",
    "--disable-dev-shm-usage",  # /dev/shm is 64 MB in many containers
    "--blink-settings=imagesEnabled=false",
    "--mute-audio",
    "--renderer-process-limit=2",
    "--js-flags=--max-old-space-size=512",  # MB for the scripts of one page
)

_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "XDG_RUNTIME_DIR")


class NoBrowser(CardfileError):
    """There is no Chromium that could be started."""


def find(wanted: str, apps: Iterable[str] = _MAC_APPS) -> str:
    """Return the path of a Chromium: the one that is wanted, else one on PATH, else a macOS application.

    An empty string means Playwright's own. Raises UsageError when CARDFILE_CHROMIUM names what cannot be run.
    """
    if wanted:
        if not os.access(wanted, os.X_OK) or Path(wanted).is_dir():
            raise UsageError(f"CARDFILE_CHROMIUM names {wanted}, which is not a program; name the path of a Chromium.")
        return wanted
    on_path = (shutil.which(name) for name in _NAMES)
    return next((path for path in (*on_path, *apps) if path and os.access(path, os.X_OK)), "")


def launch_options(path: str, *, root: bool) -> dict[str, Any]:
    """Return Playwright's launch options. Chromium has no sandbox as root, and keeps it for everybody else."""
    options: dict[str, Any] = {
        "args": [*_ARGUMENTS],
        "headless": True,
        "chromium_sandbox": not root,
        # A program that runs other people's scripts learns nothing about databases and keys.
        "env": {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        # The process that crawls decides when a crawl ends.
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }
    return {**options, "executable_path": path} if path else options
