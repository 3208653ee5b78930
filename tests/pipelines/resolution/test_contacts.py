"""Contact points as nearly all are written are read the short way, and say what the long way says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.resolution.contacts import mailbox, telephone


@given(
    st.from_regex(r"[A-Za-z0-9._+-]{1,20}@[A-Za-z0-9.-]{1,20}(\.[A-Za-z]{2,6})?", fullmatch=True)
    | st.sampled_from(["Info@Acme.example", "ada.v0orbeeld+x@a-b.example", "a@b@c.example", "a@b.c" + "d" * 400])
)
def test_a_plain_address_is_the_address_in_brackets(text: str) -> None:
    assert mailbox(text) == mailbox(f"{text}<")


@pytest.mark.parametrize(
    ("text", "local", "tokens", "generic"),
    [
        ("Ada.Voorbeeld@Acme.example", "ada.voorbeeld", ("ada", "voorbeeld"), False),
        ("ada (at) acme [dot] example", "ada", ("ada",), False),
        ("mailto:ada+news@acme.example?subject=x", "ada+news", ("ada",), False),
        (".info@acme.example.", "info", ("info",), True),
    ],
)
def test_a_mailbox_is_read_however_it_is_written(text: str, local: str, tokens: tuple[str, ...], generic: bool) -> None:
    found = mailbox(text)
    assert found == (local, "acme.example", tokens, generic)


@pytest.mark.parametrize("text", ["ada", "ada@acme", "@acme.example", "ada@", "ada@.", ""])
def test_what_is_no_mailbox_is_none(text: str) -> None:
    assert mailbox(text) is None


@given(st.from_regex(r"\+?[0-9]{0,20}", fullmatch=True))
def test_a_plain_number_is_the_number_of_a_link(text: str) -> None:
    assert telephone(text) == telephone(f"tel:{text}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+31207946001", ("207946001", "")),
        ("020 794 6001 ext. 12", ("207946001", "12")),
        ("000000", None),
        ("0" * 19, None),
    ],
)
def test_a_number_keeps_nine_digits(text: str, found: tuple[str, str] | None) -> None:
    assert telephone(text) == found
