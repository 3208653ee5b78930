"""Whole pages: every case under `fixtures/pages` is an invented page and the mentions that it must give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.extraction import mentions
from crawler.items import Disposal, Mention, MentionType, Method, Property
from crawler.page import Page

FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = sorted(path.parent for path in (FIXTURES / "pages").glob("*/page.html"))
SITES = FIXTURES / "sites"


def read(html: str, url: str = "https://www.site.example/page", **facts: str) -> list[Mention]:
    return mentions(Page(url, html.encode(), **facts))


def people(found: list[Mention]) -> dict[str, Mention]:
    return {one.text(Property.NAME): one for one in found if one.type is MentionType.PERSON}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_gives_its_mentions(case: Path) -> None:
    found = mentions(Page(f"https://www.{case.name}.example/page", (case / "page.html").read_bytes()))
    read_back = [
        {"type": one.type.value, **{prop.value: [value.text for value in one.all(prop)] for prop in one.values}}
        for one in found
    ]
    assert read_back == json.loads((case / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_value_brings_its_evidence(case: Path) -> None:
    for one in mentions(Page(f"https://www.{case.name}.example/page", (case / "page.html").read_bytes())):
        for prop, value in one:
            assert value.locator.startswith("/") or prop is Property.URL
            assert 0 < value.confidence <= 1
            assert value.context or value.method is Method.META
        assert one.type is MentionType.ORGANISATION or one.context


def test_readings_of_one_person_are_united() -> None:
    html = """<h1>Our team</h1><div><p>Ada Merriweather</p><p>Managing Director</p></div>
    <div><p>Tobias Lindqvist</p><p>Analyst</p></div>
    <script type="application/ld+json">{"@type": "Person", "name": "Ada Merriweather",
    "email": "ada@site.example"}</script>
    """
    ada = [one for one in read(html) if one.text(Property.NAME) == "Ada Merriweather"]
    assert len(ada) == 1
    assert ada[0].text(Property.EMAIL) == "ada@site.example"
    assert ada[0].text(Property.JOB_TITLE) == "Managing Director"


@pytest.mark.parametrize(
    ("behind", "employer"),
    [
        ("Anschrift wie oben", "Weber & Brandt"),
        ("Address as above", "Weber & Brandt"),
        ("Adres zie boven", "Weber & Brandt"),
        ("Fennekohl Consult", "Fennekohl Consult"),
    ],
)
def test_what_points_back_to_an_address_is_no_employer(behind: str, employer: str) -> None:
    imprint = (SITES / "weber-brandt.example" / "impressum.html").read_bytes().decode("latin-1")
    found = people(read(imprint.replace("Anschrift wie oben", behind), charset="utf-8"))["Anneliese Thürmer"]
    assert [value.text for value in found.all(Property.WORKS_FOR)] == [employer]


def test_two_people_of_one_name_stay_two_and_are_numbered() -> None:
    card = "<div><h3>Martin Novak</h3><p>Sales</p><a href='mailto:{0}@site.example'>{0}@site.example</a></div>"
    found = read("<h1>Team</h1>" + card.format("m.novak1") + card.format("m.novak2"))
    assert sorted(one.ordinal for one in found if one.text(Property.NAME) == "Martin Novak") == [0, 1]


def test_the_registered_publisher_outranks_the_page() -> None:
    html = "<title>Team | Other Name Ltd</title><h1>Team</h1><p>Ada Merriweather, Managing Director</p>"
    found = people(read(html, publisher="Registered NV"))
    assert found["Ada Merriweather"].text(Property.WORKS_FOR) == "Registered NV"


def test_what_is_left_out_is_counted_by_rule() -> None:
    disposals: list[Disposal] = []
    html = "<p>Ada Merriweather</p><h2>In memoriam</h2><ul><li>Harold Winterbourne, founder</li></ul>"
    mentions(Page("https://www.site.example/", html.encode()), disposals=disposals)
    assert {one.rule for one in disposals} == {"others-heading", "people-gate"}


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ("<p>{}</p><p>Director</p>", "Ada Merriweather"),
        ("<p>Director: {}</p>", "Ada Merriweather"),
        ("<p>{} (Director)</p>", "Ada Merriweather"),
        ("<p>{} – Director</p>", "Ada Merriweather"),
        ("<p><b>{}</b>, Director</p>", "Ada Merriweather"),
        ("<p>{} | Director</p>", "MERRIWEATHER Ada"),
        ("<p>🎉 {}</p><p>Director</p>", "Ada Merriweather"),
        ("<p>{}</p><p>Directeur</p>", "Anne-Sophie de la Tour"),
        ("<p>{}</p><p>dyrektor</p>", "Łukasz Wiśniewski"),
        ("<p>{}</p><p>директор</p>", "Иванова Мария Петровна"),
        ("<p>{}</p><p>主任</p>", "王晓明"),
        ("<p>{}</p><p>会長</p>", "佐藤 花子"),
        ("<p>{}</p><p>Huisarts</p>", "J. ten Broek"),
    ],
)
def test_a_name_is_found_however_its_title_is_set(html: str, name: str) -> None:
    found = people(read(html.format(name)))
    assert list(found) == [name]
    assert found[name].all(Property.JOB_TITLE)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Ada Merriweather</p>",
        "<nav><a>Ada Merriweather, Director</a></nav>",
        "<!-- <p>Ada Merriweather, Director</p> -->",
        "<div style='display:none'><p>Ada Merriweather, Director</p></div>",
        "<template><p>Ada Merriweather, Director</p></template>",
        "<p>Ada Merriweather (1890–1967), Director</p>",
        "<p>Adam Smith Institute</p><p>Research</p>",
        "<p>12 Alexander Fleming Road</p><p>info@site.example</p>",
        "<p>San Maurizio Canavese</p><p>Director</p>",
        "<div class='comments'><p>Ada Merriweather</p><p>Director of fun</p></div>",
        "<p>In the spring the Marie Curie Institute opened a new building with many rooms for all of us here.</p>",
    ],
)
def test_who_is_no_contact_is_not_mentioned(html: str) -> None:
    assert people(read(html)) == {}


@pytest.mark.parametrize(
    ("html", "email"),
    [
        (
            "<h3>Ada Merriweather</h3><p>Director</p><a href='mailto:x.y@site.example'>Write to her</a>",
            "x.y@site.example",
        ),
        ("<h3>Ada Merriweather</h3><p>Director</p><p>ada [at] site [dot] example</p>", "ada@site.example"),
        ("<h3>Ada Merriweather</h3><p>Director</p><a href='mailto:a@site.example'><i></i></a>", "a@site.example"),
    ],
)
def test_an_address_goes_to_the_person_beside_it(html: str, email: str) -> None:
    assert people(read(html))["Ada Merriweather"].text(Property.EMAIL) == email


def test_an_address_goes_to_the_one_person_whom_it_spells() -> None:
    html = """<ul><li>Ada Merriweather, Director</li><li>Tobias Lindqvist, Analyst</li></ul>
    <footer>t.lindqvist@site.example, office@site.example</footer>"""
    found = read(html)
    assert people(found)["Tobias Lindqvist"].text(Property.EMAIL) == "t.lindqvist@site.example"
    organisation = next(one for one in found if one.type is MentionType.ORGANISATION)
    assert [value.text for value in organisation.all(Property.EMAIL)] == ["office@site.example"]


def test_a_private_number_is_not_read() -> None:
    html = "<h3>Ada Merriweather</h3><p>Director</p><p>Private: +44 20 7946 0199</p><p>Fax: +44 20 7946 0198</p>"
    ada = people(read(html))["Ada Merriweather"]
    assert not ada.all(Property.TELEPHONE)
    assert ada.text(Property.FAX_NUMBER) == "+44 20 7946 0198"


def test_what_somebody_is_by_fate_is_no_title() -> None:
    card = "<div class='card'><h3>{}</h3><p>{}</p></div>"
    rows = [("Ada Merriweather", "Director"), ("Tobias Lindqvist", "Analyst"), ("Priya Raman", "Patient")]
    found = people(read("<h2>Board</h2>" + "".join(card.format(*row) for row in rows)))
    assert [value.text for value in found["Priya Raman"].all(Property.JOB_TITLE)] == ["Board"]


@pytest.mark.parametrize(
    ("stated", "declared", "language"), [("", "nl", "nl"), ("de", "nl", "de"), ("de", "", "de"), ("", "", "")]
)
def test_every_mention_carries_the_language_its_page_is_read_in(stated: str, declared: str, language: str) -> None:
    html = (
        f"<html lang='{declared}'><h1>Team</h1><h3>Jane Holloway</h3><p>Managing Director</p>"
        "<p class='h-card'><a class='p-name u-email' href='mailto:ada@site.example'>Ada Lindqvist</a></p>"
        "<p>Holloway Tides Ltd, info@site.example</p>"
    )
    found = read(html, language=stated)
    assert {one.language for one in found} == {language}
    assert {"Jane Holloway", "Ada Lindqvist"} <= set(people(found))
