"""Where a connection may go: an answer for each address, whatever the name, the DNS or a redirect says.

Nothing here connects or resolves. `crawler.connection` asks at the moment of connecting, with the address that it is
about to use, so that a name that changes its address between two look-ups (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from crawler.errors import UsageError
from crawler.urls import LONGEST

#: Addresses at which clouds tell their guests secrets, and which do not lie in a private block (Azure's wire server).
_METADATA = frozenset({ip_address("168.63.129.16"), ip_address("169.254.169.254"), ip_address("fd00:ec2::254")})
#: RFC 6052: an IPv4 address in the last 32 bits, reached through a translator.
_NAT64 = IPv6Network("64:ff9b::/96")
#: RFC 4291, section 2.4: the only block of IPv6 from which global unicast addresses are given out.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_WELL_KNOWN_PORTS = 1024
_NUMBER = re.compile(r"\d+|0x[\da-f]*", re.IGNORECASE | re.ASCII)


def host_of(url: str) -> str:
    """Return the host of a URL, lower case, without a port or a trailing dot; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL as `http://host[:port]`: the reach of one robots.txt (RFC 9309, 2.3)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "")
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def url_refusal(url: str) -> str:
    """Return what forbids a URL by its form ("length", "scheme", "host", "port", "credentials"), or an empty string.

    Only HTTP is spoken. A URL with a user name would log in somewhere in the operator's name. Well-known ports but for
    80 and 443 belong to other protocols, which a forged URL could make us speak to. A number that is not written as
    four decimals (`2130706433`, `0x7f.1`) is an address in disguise.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "host"
    if parts.scheme not in {"http", "https"}:
        return "scheme"
    if not parts.hostname or _is_odd_number(parts.hostname):
        return "host"
    if parts.username is not None or parts.password is not None:
        return "credentials"
    if port is not None and port < _WELL_KNOWN_PORTS and port not in {80, 443}:
        return "port"
    return "length" if len(url) > LONGEST else ""  # a redirect may lead to one


def _is_odd_number(host: str) -> bool:
    """Tell whether a host is a number to a browser (WHATWG URL, "ends in a number") without being a plain address."""
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return False
    try:
        ip_address(host.rstrip("."))
    except ValueError:
        return True
    return False


def address_refusal(address: str) -> str:
    """Return the kind of a place that nobody outside may name ("loopback", "private", …), or an empty string.

    `address` is an IPv4 or IPv6 address as text, perhaps with a zone. IPv4 addresses wrapped in IPv6 ones (mapped,
    NAT64) count as what they wrap; tunnels (6to4, Teredo) are refused. What is not known to be public is refused.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return "unreadable"
    if isinstance(ip, IPv6Address) and (inner := _wrapped(ip)):
        return address_refusal(str(inner))
    outside = isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST
    kinds = (
        ("metadata", ip in _METADATA),
        ("unspecified", ip.is_unspecified),
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("multicast", ip.is_multicast),
        ("tunnel", isinstance(ip, IPv6Address) and (ip.sixtofour or ip.teredo) is not None),
        ("private", ip.is_private),
        ("reserved", not ip.is_global or ip.is_reserved or outside),
    )
    return next((kind for kind, holds in kinds if holds), "")


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    return ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)


@dataclass(frozen=True, slots=True)
class Targets:
    """What the operator has said about hosts that are not public.

    `allowed` names hosts (`intranet.example`) or suffixes (`.example`, which covers `example` itself) that may live at
    private addresses. `mapped` sends a host or suffix to one loopback endpoint, as curl's `--connect-to` does: the URL
    and the Host header stay as they are, whatever port the server got.
    """

    allowed: frozenset[str] = frozenset()
    mapped: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, allowed: Iterable[str], mapped: Mapping[str, str]) -> Targets:
        """Read CARDFILE_ALLOWED_PRIVATE_HOSTS and CARDFILE_HOSTS (`{"name or .suffix": "127.0.0.1:PORT"}`).

        Raises UsageError for a mapping that does not lead to loopback: it is there for demonstrations and tests, and
        must never become a way to send a public name elsewhere.
        """
        names = frozenset(name.strip().lower().rstrip(".") for name in allowed if name.strip())
        if "" in names:
            raise UsageError(
                "CARDFILE_ALLOWED_PRIVATE_HOSTS holds a lone dot; name hosts or suffixes such as .example."
            )
        return cls(names, {name.lower().rstrip("."): _endpoint(name, value) for name, value in mapped.items()})

    def may_be_private(self, host: str) -> bool:
        """Tell whether the operator has named this host, or a suffix of it, as one that may be private."""
        return any(pattern in self.allowed for pattern in _patterns(host))

    def endpoint(self, host: str) -> tuple[str, int] | None:
        """Return the loopback address and port that stand in for a host, or None when DNS has to say."""
        for pattern in _patterns(host):
            if pattern in self.mapped:
                return self.mapped[pattern]
        return None

    def refusal(self, host: str, address: str) -> str:
        """Return the kind of place that `host` must not reach at `address`, or an empty string when it may connect."""
        return "" if self.may_be_private(host) else address_refusal(address)


def _patterns(host: str) -> Iterable[str]:
    """A host and its suffixes, the most specific first: `a.b`, `.a.b`, `.b`."""
    host = host.lower().rstrip(".")
    yield host
    yield f".{host}"
    while "." in host:
        host = host.partition(".")[2]
        yield f".{host}"


def _endpoint(name: str, value: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{value}")
        address, port = ip_address(parts.hostname or ""), parts.port
    except ValueError:
        port = None
    if port is None or not address.is_loopback:
        raise UsageError(
            f"CARDFILE_HOSTS sends {name!r} to {value!r}; it may name loopback addresses with a port only, "
            "such as 127.0.0.1:8080."
        )
    return str(address), port
