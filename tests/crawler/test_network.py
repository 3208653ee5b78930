"""Which URLs and addresses are refused, by table."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import UsageError
from crawler.network import Targets, address_refusal, host_of, origin_of, url_refusal

REFUSED = {
    "0.0.0.0": "unspecified",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "192.0.2.1": "private",
    "198.18.0.1": "private",
    "100.64.0.1": "reserved",
    "100.100.100.200": "reserved",
    "169.254.1.1": "link-local",
    "169.254.169.254": "metadata",
    "168.63.129.16": "metadata",
    "224.0.0.1": "multicast",
    "240.0.0.1": "private",
    "255.255.255.255": "private",
    "::": "unspecified",
    "::1": "loopback",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fc00::1": "private",
    "fd00:ec2::254": "metadata",
    "fec0::1": "reserved",
    "ff02::1": "multicast",
    "2001:db8::1": "private",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:169.254.169.254": "metadata",
    "::ffff:10.1.2.3": "private",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a9fe:a9fe": "metadata",
    "2002:7f00:1::": "tunnel",
    "2002:808:808::": "tunnel",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "tunnel",
    "::7f00:1": "reserved",
    "4000::1": "reserved",
    "not an address": "unreadable",
    "": "unreadable",
}
PUBLIC = ("8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize(("address", "kind"), REFUSED.items())
def test_an_address_inside_is_refused(address: str, kind: str) -> None:
    assert address_refusal(address) == kind


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not(address: str) -> None:
    assert address_refusal(address) == ""


@given(st.ip_addresses())
def test_what_is_not_global_is_never_let_through(ip: IPv4Address | IPv6Address) -> None:
    if not address_refusal(str(ip)):
        mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        assert (mapped or ip).is_global or str(ip).startswith("64:ff9b::")


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(ip: IPv4Address) -> None:
    wrapped = [IPv6Address(f"::ffff:{ip}"), IPv6Address(int(ip_address("64:ff9b::")) + int(ip))]
    assert {address_refusal(str(outer)) for outer in wrapped} == {address_refusal(str(ip))}


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://site.example/", ""),
        ("https://site.example:443/a?b", ""),
        ("http://site.example:8080/", ""),
        ("ftp://site.example/", "scheme"),
        ("file:///etc/hostname", "scheme"),
        ("data:text/html,hello", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("gopher://site.example/", "scheme"),
        ("http:///path", "host"),
        ("http://2130706433/", "host"),
        ("http://0x7f.1/", "host"),
        ("http://0177.0.0.1/", "host"),
        ("http://site.1/", "host"),
        ("http://8.8.8.8/", ""),
        ("http://8.8.8.8./", ""),
        ("http://3.site.example/", ""),
        ("http://[::1/", "host"),
        ("http://site.example:99999/", "host"),
        ("http://me@site.example/", "credentials"),
        ("http://me:word@site.example/", "credentials"),
        ("http://site.example:22/", "port"),
        ("http://site.example:25/", "port"),
        ("https://site.example:1/", "port"),
        (f"http://site.example/{'x' * 2_063}", ""),
        (f"http://site.example/{'x' * 2_064}", "length"),
    ],
)
def test_a_url_may_be_refused_by_its_form(url: str, rule: str) -> None:
    assert url_refusal(url) == rule


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://Site.example/a", "http://site.example"),
        ("http://site.example:80/a", "http://site.example"),
        ("https://site.example:8443/a", "https://site.example:8443"),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]"),
    ],
)
def test_an_origin_has_no_default_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("url", "host"), [("http://Site.example.:80/", "site.example"), ("http://[::1", ""), ("x", "")]
)
def test_a_host_is_plain(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("intranet.example", True),
        ("INTRANET.example.", True),
        ("deep.intranet.example", False),
        ("a.demo", True),
        ("a.b.demo", True),
        ("demo", True),
        ("notdemo", False),
        ("10.0.0.1", False),
    ],
)
def test_only_named_hosts_may_be_private(host: str, allowed: bool) -> None:
    known = Targets.from_settings(["intranet.example", ".demo"], {})
    assert known.may_be_private(host) is allowed
    assert known.refusal(host, "127.0.0.1") == ("" if allowed else "loopback")


def test_the_most_specific_mapping_counts() -> None:
    known = Targets.from_settings(
        [], {".example": "127.0.0.1:1000", "a.example": "127.0.0.2:2000", ".b.example": "[::1]:3"}
    )
    found = [known.endpoint(host) for host in ("x.example", "a.example", "y.b.example", "elsewhere.test")]
    assert found == [("127.0.0.1", 1000), ("127.0.0.2", 2000), ("::1", 3), None]


@pytest.mark.parametrize(
    "value", ["10.0.0.1:80", "8.8.8.8:80", "127.0.0.1", "localhost:80", "127.0.0.1:99999", "", ":80"]
)
def test_a_mapping_leads_to_loopback_only(value: str) -> None:
    with pytest.raises(UsageError, match=r"CARDFILE_HOSTS sends 'a\.example'"):
        Targets.from_settings([], {"a.example": value})


def test_a_lone_dot_is_no_suffix() -> None:
    with pytest.raises(UsageError, match="lone dot"):
        Targets.from_settings(["."], {})
