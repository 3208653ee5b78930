"""How pages of strangers write names, with invented people: one table for each cause."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import Mention, MentionType, Property
from crawler.page import Page


def people(html: str, language: str = "") -> dict[str, Mention]:
    found = mentions(Page("https://www.site.example/page", html.encode(), language=language))
    return {one.text(Property.NAME): one for one in found if one.type is MentionType.PERSON}


def cards(*lines: tuple[str, str]) -> str:
    return "<h2>Meet our team</h2>" + "".join(f"<div><h4>{name}</h4><p>{title}</p></div>" for name, title in lines)


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        # The initial that ends a name is no mark of a telephone number.
        ("Tidewell, Adrian Kelly T.", "Moorhen, Maria P.", {"Adrian Kelly T Tidewell", "Maria P Moorhen"}),
        ("Tidewell, Anna", "Moorhen, Peter", {"Anna Tidewell", "Peter Moorhen"}),
        ("Tidewell, Anna Maria", "Moorhen, Xqzvo M.", {"Anna Maria Tidewell", "Xqzvo M Moorhen"}),
        ("Berlin, Anna Schmidt", "Hamburg, Peter Weber", {"Anna Schmidt", "Peter Weber"}),
        ("Chair, Anna Schmidt", "Treasurer, Peter Weber", {"Anna Schmidt", "Peter Weber"}),
    ],
)
def test_family_names_in_front_of_a_comma(first: str, second: str, names: set[str]) -> None:
    assert set(people(cards((first, "Programmer"), (second, "Lead Designer")))) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Jane Holloway &nbsp; Peter Weber", {"Jane Holloway", "Peter Weber"}),
        ("Jane Holloway&nbsp; &nbsp; Peter Weber", {"Jane Holloway", "Peter Weber"}),
        ("Jane&nbsp;Holloway", {"Jane Holloway"}),
        ("Jane &nbsp;Holloway", {"Jane Holloway"}),
    ],
)
def test_a_gap_of_hard_spaces_parts_two_people(line: str, names: set[str]) -> None:
    assert set(people(f"<h2>Auditors:</h2><p>{line}</p><h2>Treasurer:</h2><p>Ada Lindqvist</p>")) == {
        *names,
        "Ada Lindqvist",
    }


@pytest.mark.parametrize(
    ("line", "name", "title"),
    [
        ("Jane Holloway (Jenny)", "Jane Holloway", "Sales Manager"),
        ("Jane Holloway (Treasurer)", "Jane Holloway", "Treasurer"),
    ],
)
def test_what_somebody_is_called_belongs_to_the_name(line: str, name: str, title: str) -> None:
    found = people(f"<h2>Contact</h2><p><b>{line}</b><br><b>Sales Manager</b><br>Tel: +44 20 7946 0123</p>")
    assert found[name].text(Property.JOB_TITLE) == title
    assert not found[name].all(Property.WORKS_FOR)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Jane Holloway T +44 20 7946 0123", "+44 20 7946 0123"),
        ("Jane Holloway | M: +44 7700 900123", "+44 7700 900123"),
        ("Jane Holloway, T. +44 20 7946 0123", "+44 20 7946 0123"),
    ],
)
def test_a_letter_marks_the_number_behind_a_name(line: str, number: str) -> None:
    found = people(f"<h2>Sales Manager</h2><p>{line}</p>")
    assert [value.text for value in found["Jane Holloway"].all(Property.TELEPHONE)] == [number]


@pytest.mark.parametrize("courtesy", ["Smt.", "Shri", "Shrimati", "Bapak", "Encik"])
def test_forms_of_address_of_other_countries_are_no_part_of_a_name(courtesy: str) -> None:
    [found] = people(f"<table><tr><td>Accounts Officer</td><td>{courtesy} Ada Holloway</td></tr></table>")
    assert found == "Ada Holloway"


@pytest.mark.parametrize(
    ("mark", "found"),
    [("job-title", {"Ержан Тұрсынбай", "Айгерім Сейітова"}), ("text", set())],
)
def test_a_class_that_says_title_vouches_for_the_name_above(mark: str, found: set[str]) -> None:
    html = "".join(
        f"<div class='member'><p class='big'>{name}</p><p class='{mark}'>{title}</p></div>"
        for name, title in (("Ержан Тұрсынбай", "Меңгеруші"), ("Айгерім Сейітова", "Сәулетші"))
    )
    assert set(people(html, "kk")) == found


@pytest.mark.parametrize(
    ("line", "title", "organisation"),
    [
        ("株式会社三河設計&nbsp;代表取締役", "代表取締役", "株式会社三河設計"),
        ("尾張工業大学&nbsp;教授", "教授", "尾張工業大学"),
        ("桔梗大学 生活学部 准教授", "准教授", "桔梗大学 生活学部"),
        ("桔梗大学教授", "教授", "桔梗大学"),
    ],
)
def test_a_title_behind_its_organisation(line: str, title: str, organisation: str) -> None:
    found = people(f"<h2>名簿</h2><p>古川 弘高</p><p>{line}</p>", "ja")["古川 弘高"]
    assert (found.text(Property.JOB_TITLE), found.text(Property.WORKS_FOR)) == (title, organisation)


def test_the_laboratory_of_somebody_is_nobody() -> None:
    assert not people("<h1>石垣研究室</h1><p>アクセス</p><p>〒000-0000</p>", "ja")


@pytest.mark.parametrize("name", ["O P Holloway", "K S Holloway", "P N Holloway", "Anil K. Holloway"])
def test_initials_without_full_stops_are_no_titles(name: str) -> None:
    assert set(people(cards((f"Dr. {name}", "Programmer"), ("Dr. Ada Lindqvist", "Lead Designer")))) == {
        name,
        "Ada Lindqvist",
    }
