"""A message reads back as what was put into it, and no value can add a header."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rights.mail import message

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
LINES = st.lists(st.text(LETTERS, max_size=1200), max_size=6)


@given(LINES, st.text(LETTERS, min_size=1, max_size=60).map(str.strip).filter(bool))
def test_a_message_reads_back(lines: list[str], subject: str) -> None:
    body = "\n".join([*(line.rstrip() for line in lines), "end."]) + "\n"
    raw = message({"From": "a@noord.example", "To": "b@noord.example", "Subject": subject}, body)
    found = message_from_bytes(raw, policy=default)
    assert found.get_content().replace("\r\n", "\n") == body
    assert " ".join(str(found["Subject"]).split()) == " ".join(subject.split())
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    raw.decode("ascii")


@pytest.mark.parametrize("value", ["a\nBcc: all@noord.example", "a\rb"])
def test_a_line_break_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        message({"To": value}, "x")
