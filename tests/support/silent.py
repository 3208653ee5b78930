"""A loopback way to a Unix socket that may fall silent: it takes everything, acknowledges it, and passes nothing on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: Path) -> None:
        self.behind = behind
        self.passing = threading.Event()
        self.passing.set()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as behind, suppress(OSError):
            behind.connect(str(self.server.behind))
            back = threading.Thread(target=self._pass_on, args=(behind, self.request), daemon=True)
            back.start()
            self._pass_on(self.request, behind)
            back.join()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(65_536):
                self.server.passing.wait()
                sink.sendall(said)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


class Way:
    """The way, at a port of 127.0.0.1."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.port = int(server.server_address[1])

    def hush(self) -> None:
        """Pass nothing on from now on."""
        self._server.passing.clear()

    def resume(self) -> None:
        """Pass on what was held back, and all that comes."""
        self._server.passing.set()


@contextmanager
def way(behind: Path) -> Iterator[Way]:
    """Open a way to a Unix socket."""
    with _Server(behind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Way(server)
        finally:
            server.passing.set()
            server.shutdown()
            thread.join()
