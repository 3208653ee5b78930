"""A field of work behind a title goes with the title; what may be a name stays an employer."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.extraction.work_fields import is_field
from crawler.items import Property
from crawler.page import Page


@pytest.mark.parametrize(
    "text",
    [
        "Infrastructure", "Quality Assurance", "Research and Development", "Supply Chain", "Instandhaltung",
        "Infrastructure et travaux", "Seguridad y Salud", "Duurzaamheid", "Sicurezza", "Zakupy",
    ],
)  # fmt: skip
def test_a_field(text: str) -> None:
    assert is_field(text)


@pytest.mark.parametrize(
    "text",
    ["Noord", "Siemens", "Water Services Ltd", "Energie Noord", "and", "", "data " * 7],
)
def test_what_may_be_a_name(text: str) -> None:
    assert not is_field(text)


@pytest.mark.parametrize(
    ("line", "title", "employer"),
    [
        ("Director, Infrastructure", "Director, Infrastructure", "Noord BV"),
        ("Manager, Quality Assurance", "Manager, Quality Assurance", "Noord BV"),
        ("Director – Infrastructure", "Director – Infrastructure", "Noord BV"),
        ("Director, Infrastructure, Siemens", "Director, Infrastructure", "Siemens"),
        ("Director, Siemens", "Director", "Siemens"),
        ("Director", "Director", "Noord BV"),
    ],
)
def test_it_goes_with_the_title(line: str, title: str, employer: str) -> None:
    people = (("Jane Roe", line), ("Piet Jansen", "Managing Director"))
    cards = "".join(f"<div><h3>{name}</h3><p>{job}</p><p>{name[:4]}@noord.example</p></div>" for name, job in people)
    text = f"<html lang=en><head><title>Noord BV</title></head><body>{cards}"
    found = {one.text(Property.NAME): one for one in mentions(Page("http://noord.example/", text.encode()))}
    jane = found["Jane Roe"]
    assert [value.text for value in jane.all(Property.JOB_TITLE)] == [title]
    assert [value.text for value in jane.all(Property.WORKS_FOR)] == [employer]
