"""No test reaches past this machine: the network guard.

Python imports a module of this name at start. `tests/conftest.py` imports it for the test process and puts this
folder on PYTHONPATH, so that every Python process that a test starts is guarded too. An audit hook sees what the
interpreter is about to do, whichever library asks for it, and cannot be patched away. Importing the module installs it.
"""

from __future__ import annotations

import ipaddress
import socket
import sys

#: What was attempted in this process; `tests/conftest.py` fails the test that did it, also when the code swallowed it.
attempts: list[str] = []

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
#: Names that no public resolver may know (RFC 6761): asking for one is how a test meets an unknown host.
_RESERVED = (".example", ".invalid", ".test", ".localhost")


class NetworkForbidden(OSError):
    """A test tried to leave this machine."""


def is_local(host: str | bytes | None) -> bool:
    """Tell whether a host, a literal address or a name, is this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else (host or "")
    if name in {"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _is_literal(host: str | bytes) -> bool:
    try:
        ipaddress.ip_address(host.decode("ascii", "replace") if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return True


def _refuse_connection(address: object) -> None:
    # Unix sockets and netlink have other addresses than (host, port, …) with a text host.
    if isinstance(address, tuple) and address and isinstance(address[0], str) and not is_local(address[0]):
        attempts.append(f"connection to {address[0]}")
        raise NetworkForbidden(f"a test tried to connect to {address[0]}; serve what it needs on loopback")


def _refuse_lookup(host: str | bytes | None) -> None:
    if host is None or is_local(host) or _is_literal(host):
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not f".{name.rstrip('.').lower()}".endswith(_RESERVED):
        attempts.append(f"look-up of {name}")
    raise socket.gaierror(socket.EAI_NONAME, f"a test looked up {name}; map the name to loopback")


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTING:
        _refuse_connection(arguments[1])
    elif event in _RESOLVING:
        host = arguments[0]
        _refuse_lookup(host if isinstance(host, str | bytes) else None)


# A process that a test run starts has imported this by the first name already: one memory, one hook.
_first = sys.modules.get("sitecustomize")
if __name__ != "sitecustomize" and _first is not None and getattr(_first, "__file__", "") == __file__:
    sys.modules[__name__] = _first
else:
    sys.addaudithook(_hook)
