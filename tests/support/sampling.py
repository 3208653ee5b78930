"""Where a process with several threads spends its CPU: a sample each few milliseconds of processor time."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from types import FrameType
from typing import Self

#: Seconds of CPU between two samples.
INTERVAL = 0.003
#: Functions in which a thread waits; whoever runs meanwhile is another thread.
_WAITING = {"select", "poll", "wait", "_worker", "acquire", "get"}
_OURS = ("crawler", "pipelines")


class Sampler:
    """Counts the innermost module of ours that runs; use as a context manager, in the main thread.

    The timer is the process's, so a sample falls into whichever thread works. Which one that was the system does not
    say: the first that does not wait counts.
    """

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def shares(self, rooms: Mapping[str, str]) -> dict[str, float]:
        """Return the share of each room, the largest first; `rooms` maps the beginning of a module to its room."""
        counted: Counter[str] = Counter()
        for module, count in self.found.items():
            counted[next(room for start, room in rooms.items() if module.startswith(start))] += count
        return {room: count / counted.total() for room, count in counted.most_common()}

    def _sample(self, _: int, frame: FrameType | None) -> None:
        own = threading.get_ident()
        others = [found for thread, found in sys._current_frames().items() if thread != own]
        for one in (frame, *others):
            if one is not None and one.f_code.co_name not in _WAITING:
                self.found[_module(one)] += 1
                return


def _module(frame: FrameType | None) -> str:
    """Return the name of the innermost module of ours, "" for none."""
    while frame is not None:
        name: str = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] in _OURS:
            return name
        frame = frame.f_back
    return ""
