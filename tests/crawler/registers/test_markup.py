"""Registers in XML, as JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import DocumentError
from crawler.registers.markup import as_json, is_xml


@pytest.mark.parametrize(
    ("markup", "path", "expected"),
    [
        ("<r><p><n>Roe</n></p><p><n>Poe</n></p></r>", "", {"r": {"p": [{"n": "Roe"}, {"n": "Poe"}]}}),
        ("<r><p><n>Roe</n></p></r>", "r.p", {"r": {"p": [{"n": "Roe"}]}}),
        ("<r><p><n>Roe</n></p></r>", "", {"r": {"p": {"n": "Roe"}}}),
        ('<r><p id="7" role="chair">Roe</p></r>', "", {"r": {"p": {"id": "7", "role": "chair", "text": "Roe"}}}),
        ('<a:r xmlns:a="http://x.example/"><a:p a:id="1"/></a:r>', "", {"r": {"p": {"id": "1"}}}),
        ("<r><!-- x --><?pi y?><p>Roe</p></r>", "", {"r": {"p": "Roe"}}),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><p>&x;</p></r>', "", {"r": {"p": ""}}),
    ],
)
def test_an_element_is_an_object(markup: str, path: str, expected: dict[str, Any]) -> None:
    assert json.loads(as_json(markup.encode(), path)) == expected


@pytest.mark.parametrize("body", [b"", b"no xml", b"<", b"\x00\x01"])
def test_what_is_no_xml(body: bytes) -> None:
    with pytest.raises(DocumentError, match="no XML"):
        as_json(body)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'<?xml version="1.0"?><r/>', True),
        (b"\xef\xbb\xbf <r/>", True),
        (b"<!DOCTYPE HTML><p>", False),
        (b"<html></html>", False),
        (b'{"a": 1}', False),
        (b"", False),
    ],
)
def test_xml_is_told_by_its_first_signs(body: bytes, *, answer: bool) -> None:
    assert is_xml(body) is answer


def test_nesting_without_end_is_cut() -> None:
    assert as_json(b"<a>" * 200 + b"</a>" * 200)


@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(body: bytes) -> None:
    with suppress(DocumentError):  # the only error there may be
        assert isinstance(json.loads(as_json(b"<r>" + body)), dict)
