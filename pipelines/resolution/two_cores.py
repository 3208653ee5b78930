"""Halving a large piece of pure work over two cores; the outcome is the same as on one."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")
#: With fewer items a second process costs more than it saves.
FEW = 20_000
#: A forked process shares the memory of this one; anywhere else everything would have to be sent over.
CAN_FORK = sys.platform == "linux"


class Aside:
    """A pure call that runs in a process of its own while this one goes on; `result` waits for what it returns.

    Where processes cannot be forked, or the process was killed (for want of memory most likely), the call is made
    here when the result is asked for.
    """

    def __init__(self, call: Callable[..., Any], *arguments: Any, wanted: bool = True) -> None:
        self._call, self._arguments = call, arguments
        self._receiver: Connection | None = None
        if wanted and CAN_FORK:
            self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_send, args=(sender, self._call, self._arguments), daemon=True)
        with warnings.catch_warnings():
            # The idle threads of NumPy's linear algebra, which the child never uses, make Python 3.12 warn.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        sender.close()

    def result(self) -> Any:
        """Return what the call returns; ask once."""
        if self._receiver is None:
            return self._call(*self._arguments)
        try:
            found = _received(self._receiver)
        except EOFError:
            found = self._call(*self._arguments)
        finally:
            self._receiver.close()
            self._process.join()
        return found


def _send(sender: Connection, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Send what the call returns: the sizes of its arrays, each array as it lies in memory, then the rest."""
    arrays: list[pickle.PickleBuffer] = []
    found = pickle.dumps(call(*arguments), protocol=5, buffer_callback=arrays.append)
    sender.send([array.raw().nbytes for array in arrays])
    for array in arrays:
        sender.send_bytes(array.raw())
    sender.send_bytes(found)


def _received(receiver: Connection) -> Any:
    arrays = [bytearray(size) for size in receiver.recv()]
    for array in arrays:
        receiver.recv_bytes_into(array)
    return pickle.loads(receiver.recv_bytes(), buffers=arrays)  # noqa: S301  written by our own child


def in_two(call: Callable[[Sequence[Any]], T], items: Sequence[Any]) -> list[T]:
    """Return what a call makes of the first half of the items and of the second; of all of them when they are few."""
    if len(items) <= FEW:
        return [call(items)]
    half = len(items) // 2
    second = Aside(call, items[half:])
    return [call(items[:half]), second.result()]


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep Python from looking for reference cycles meanwhile.

    While millions of values are built that all stay, it would walk all of them again and again, a sixth of the time,
    and find none.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
