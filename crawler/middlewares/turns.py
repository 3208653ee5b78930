"""Turns: one request at a time and a pause between two, for all processes of this machine and all runs.

A store that several machines share keeps the turns of all of them: an extension then fulfils `HostTurns`. Otherwise a
host has one small file. Its lock is the turn, its modification time the end of the last request, and its content
the time until which the host wants to be left alone, and how often in a row it has. Locks of the operating system end
with their process, so a crawl that is killed blocks nobody.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import quote

from scrapy.exceptions import DownloadTimeoutError

#: Seconds between two attempts to get a turn, and how long to wait for one before giving the request up.
_STEP, PATIENCE = 0.05, 300.0
#: Seconds after the end of a cool-off from which the next one is the first again.
FORGIVEN = 86400.0


@runtime_checkable
class HostTurns(Protocol):
    """What the hosts of a crawl are shared by: `Turns` on one machine, an extension over the store on several."""

    def turn(self, host: str, pause: float) -> AbstractAsyncContextManager[None]:
        """Hold the host's turn for as long as the block runs, `pause` seconds after the last one ended."""

    def cool(self, host: str, seconds: float, rule: str, times: int = 1) -> None:
        """Remember that a host wants to be left alone, for the `times`-th time in a row."""

    def cooling(self, host: str) -> tuple[float, str]:
        """Return the seconds for which a host is still left alone, and the rule."""

    def times_cooled(self, host: str) -> int:
        """Return how often in a row a host has wanted to be left alone."""


class Turns:
    """The turns at hosts, kept as files in a folder. `clock` is the time of day in seconds, as file systems keep it."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    @asynccontextmanager
    async def turn(self, host: str, pause: float) -> AsyncIterator[None]:
        """Hold the host's turn for as long as the block runs, which starts `pause` seconds after the last one ended.

        Raises DownloadTimeoutError when no turn comes within five minutes.
        """
        file = os.open(self._path(host), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fresh = os.fstat(file).st_size == 0
            await self._lock(file, host)
            if fresh and os.fstat(file).st_size == 0:
                os.write(file, b"{}")  # a file that is new has no last request
            else:
                left = os.fstat(file).st_mtime + pause - self._clock()
                await asyncio.sleep(min(max(left, 0.0), pause))  # a clock that was set back must not stall us
            self._touch(file)  # for the next one, should this process be killed
            try:
                yield
            finally:
                self._touch(file)
        finally:
            os.close(file)

    def cool(self, host: str, seconds: float, rule: str, times: int = 1) -> None:
        """Remember that a host wants to be left alone, for the `times`-th time in a row, beyond the end of this run."""
        path = self._path(host)
        began = path.stat().st_mtime if path.exists() else 0.0
        kept = {"until": self._clock() + seconds, "rule": rule, "times": times}
        path.write_text(json.dumps(kept), "utf-8")
        os.utime(path, (began, began))

    def cooling(self, host: str) -> tuple[float, str]:
        """Return the seconds for which a host is still left alone, and the rule; `(0, "")` when it is not."""
        left, rule, _ = self._kept(host)
        return (left, rule) if left > 0 else (0.0, "")

    def times_cooled(self, host: str) -> int:
        """Return how often in a row a host has wanted to be left alone: 0 once it had a day without that."""
        left, _, times = self._kept(host)
        return times if left > -FORGIVEN else 0

    def _kept(self, host: str) -> tuple[float, str, int]:
        try:
            kept = json.loads(self._path(host).read_text("utf-8"))
            return float(kept["until"]) - self._clock(), str(kept["rule"]), int(kept.get("times", 1))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # no file, or none of ours
            return -FORGIVEN, "", 0

    async def _lock(self, file: int, host: str) -> None:
        waited = 0.0
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if waited >= PATIENCE:
                    raise DownloadTimeoutError(f"{host}: another process holds its turn") from None
                await asyncio.sleep(_STEP)
                waited += _STEP
            else:
                return

    def _touch(self, file: int) -> None:
        now = self._clock()
        os.utime(file, (now, now))

    def _path(self, host: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / quote(host, safe="")
