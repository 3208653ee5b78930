"""By what a request names somebody, and how little of it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UsageError
from pipelines.requests.naming import masked, named
from pipelines.requests.people import may_be_one
from pipelines.rights.suppression import name_at


def test_identifiers_are_read_as_a_page_is() -> None:
    found = named(
        {
            "email": " Jane.Roe@Noord.Example ",
            "telephone": "020 7946 0123",
            "name": "Jane Roe",
            "organisation": "Noord NV",
        },
        "GB",
    )
    assert found.identifiers == (
        ("email", "jane.roe@noord.example"),
        ("telephone", "+442079460123"),
        name_at("Jane Roe", "Noord NV"),
    )


def test_a_name_alone_identifies_nobody() -> None:
    assert named({"name": "Jane Roe"}).identifiers == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "say who is meant"),
        ({"organisation": "Noord NV", "email": "a@noord.example"}, "belongs to a --name"),
        ({"id": "abc"}, "first 6"),
        ({"id": "nobody"}, "first 6"),
        ({"email": "nobody"}, "--email cannot be read"),
        ({"telephone": "020 7946 0123"}, "country code"),
        ({"url": "not a link"}, "--url cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_without_the_value(given: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        named(given)
    assert not any(value in str(caught.value) for value in given.values() if len(value) > 6)


@given(st.from_regex(r"[a-z]{5,12}\.[a-z]{5,12}@[a-z]{5,12}\.example", fullmatch=True))
def test_a_masked_address_shows_no_part_of_it(address: str) -> None:
    shown = masked(address)
    assert address not in shown
    assert all(part not in shown for part in address.removesuffix(".example").replace("@", ".").split("."))


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("Jane Roe", "Jane Roe", True),
        ("Jane Roe", "J. Roe", True),
        ("Roe, Jane", "Jane Roe", True),
        ("Dr Jane Roe", "Jane Roe", True),
        ("Jane Roe", "Jan Roe", False),
        ("Jane Roe", "Jane Poe", False),
    ],
)
def test_names_that_may_be_one_persons(one: str, other: str, may_be: bool) -> None:
    assert may_be_one(one, other) is may_be
    assert may_be_one(other, one) is may_be
