"""Processes that open one store at the same moment, some of which are killed while they make its tables.

`python -m tests.support.openers URL [[DIE, …], …]` takes one list after the other: it forks a process for each number,
lets them all go at once and prints how each ended, 0 or the negative number of a signal. A process kills itself before
its DIE-th statement, 0 means never.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from itertools import count
from typing import NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from tests.support import tree


def open_at_once(url: str, *groups: Sequence[int]) -> list[list[int]]:
    """Let groups of processes open a store, one group after the other; return how each process ended."""
    command = [sys.executable, "-m", "tests.support.openers", url, json.dumps(groups)]
    said = subprocess.run(command, cwd=tree.ROOT, stdout=subprocess.PIPE, timeout=120, check=True).stdout
    return [json.loads(line) for line in said.splitlines()]


def _group(url: str, dies: Sequence[int]) -> list[int]:
    read, write = os.pipe()
    started = [os.fork() or _open(url, die, read, write) for die in dies]
    os.close(write)  # the signal to go
    os.close(read)
    return [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in started]


def _open(url: str, die: int, read: int, write: int) -> NoReturn:
    code = 1
    try:
        numbers = count(1)

        def executing(*_: object) -> None:
            if next(numbers) == die:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", executing)
        os.close(write)
        os.read(read, 1)
        open_store(make_url(url)).dispose()
        code = 0
    finally:  # a child must not go on as its parent, whatever it met
        if code:
            traceback.print_exc()
        os._exit(code)


if __name__ == "__main__":
    for numbers in json.loads(sys.argv[2]):
        sys.stdout.write(f"{json.dumps(_group(sys.argv[1], numbers))}\n")
