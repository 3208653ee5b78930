"""Authors and affiliations in citation metadata."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.extraction.structured_scholar import employer_of, nodes
from crawler.items import Mention, Method, Property
from crawler.page import Page


def page(*metas: tuple[str, str]) -> Page:
    head = "".join(f'<meta name="{name}" content="{content}">' for name, content in metas)
    return Page("http://letters.example/1", f"<html><head>{head}</head><body><h1>Eels</h1></body></html>".encode())


def read(*metas: tuple[str, str]) -> list[Mention]:
    return mentions(page(("citation_title", "Eels"), *metas))


ROE = ("citation_author", "Roe, Jacoba")
POE = ("citation_author", "Ambrose Poe-Lindley")


def test_what_follows_an_author_is_the_authors() -> None:
    first, second = read(
        ROE,
        ("citation_author_institution", "School of Tides, University of Nowhere, Nowhere, NL"),
        ("citation_author_email", "j.roe@nowhere.example"),
        POE,
        ("citation_author_institution", "Harbour Works"),
    )
    assert [value.text for value in first.all(Property.WORKS_FOR)] == ["University of Nowhere"]
    assert first.text(Property.EMAIL) == "j.roe@nowhere.example"
    assert second.text(Property.WORKS_FOR) == "Harbour Works"
    assert not second.all(Property.EMAIL)
    assert {value.method for _, value in second} == {Method.META}
    assert second.all(Property.NAME)[0].locator == "(//meta[@name='citation_author'])[2]"


@pytest.mark.parametrize(
    "metas",
    [
        pytest.param([ROE], id="a name alone is no contact"),
        pytest.param([("citation_author_email", "j.roe@nowhere.example")], id="an address before any author"),
        pytest.param([("citation_publisher", "Roe Press")], id="no author"),
    ],
)
def test_what_is_no_contact(metas: list[tuple[str, str]]) -> None:
    assert read(*metas) == []


def test_a_list_without_end_is_cut() -> None:
    assert len(nodes(page(*[ROE] * 500))) == 200


@pytest.mark.parametrize(
    ("affiliation", "employer"),
    [
        ("Department of Water, Universität Nirgendwo, Nirgendwo, Germany", "Universität Nirgendwo"),
        ("Istituto Idraulico, Trieste", "Istituto Idraulico"),
        ("Calder Foods, Leeds", "Calder Foods"),
        ("Quay Software Ltd; Whitby", "Quay Software Ltd"),
        ("", ""),
        (",;", ""),
    ],
)
def test_who_employs_of_an_affiliation(affiliation: str, employer: str) -> None:
    assert employer_of(affiliation) == employer
