"""JSON-LD, microdata, RDFa and OpenGraph, as mentions of the closed schema."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction import structured
from crawler.extraction.structured_jsonld import MAX_BLOCK
from crawler.items import SCHEMA, Disposal, Mention, MentionType, Method
from crawler.page import Page

URL = "https://www.firma.example/team"


def read(markup: str, media_type: str = "text/html") -> tuple[list[Mention], Counter[str]]:
    disposals: list[Disposal] = []
    found = structured.read(Page(URL, markup.encode(), media_type, country="NL"), disposals)
    return found, Counter(disposal.category for disposal in disposals)


def said(mention: Mention) -> dict[str, list[str]]:
    return {prop.value: [value.text for value in readings] for prop, readings in mention.values.items()}


def block(*values: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in values)


PERSON = {"@context": "https://schema.org", "@type": "Person", "name": "Zoe Imaginary"}
FIRM = {"@type": "Organization", "name": "Firma BV"}

JSON_LD = {
    "plain": (
        PERSON
        | {"jobTitle": "CFO", "email": "mailto:zoe@firma.example", "telephone": "tel:+31-20-555-0100", "url": "/zoe"},
        {
            "name": ["Zoe Imaginary"],
            "jobTitle": ["CFO"],
            "email": ["zoe@firma.example"],
            "telephone": ["+31-20-555-0100"],
        }
        | {"url": ["https://www.firma.example/zoe"]},
    ),
    "obfuscated address": (
        PERSON | {"email": "zoe [at] firma [dot] example"},
        {"name": ["Zoe Imaginary"], "email": ["zoe@firma.example"]},
    ),
    "name in parts": (
        {
            "@type": "schema:Person",
            "givenName": "Zoe",
            "additionalName": "M.",
            "familyName": "Imaginary",
            "jobTitle": "CFO",
        },
        {"givenName": ["Zoe"], "familyName": ["Imaginary"], "name": ["Zoe M. Imaginary"], "jobTitle": ["CFO"]},
    ),
    "language-tagged and escaped": (
        PERSON | {"jobTitle": {"@value": "Head of R&amp;D <b>Lab</b>", "@language": "en"}},
        {"name": ["Zoe Imaginary"], "jobTitle": ["Head of R&D Lab"]},
    ),
    "contact point": (
        PERSON | {"contactPoint": [{"@type": "ContactPoint", "contactType": "press", "telephone": 31205550100}]},
        {"name": ["Zoe Imaginary"], "telephone": ["31205550100"]},
    ),
    "address": (
        PERSON
        | {
            "workLocation": {
                "@type": "Place",
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": "Kade 1",
                    "postalCode": "1000 AA",
                    "addressLocality": "Verzonnen",
                    "addressCountry": {"@type": "Country", "name": "NL"},
                },
            }
        },
        {"name": ["Zoe Imaginary"], "workLocation": ["Kade 1, 1000 AA Verzonnen, NL"]},
    ),
    "profiles": (
        PERSON
        | {"jobTitle": "CFO", "sameAs": ["https://social.example/zoe", "ftp://x.example", "javascript:alert(1)"]},
        {"name": ["Zoe Imaginary"], "jobTitle": ["CFO"], "sameAs": ["https://social.example/zoe"]},
    ),
}


@pytest.mark.parametrize(("value", "expected"), JSON_LD.values(), ids=JSON_LD.keys())
def test_json_ld_person(value: Any, expected: dict[str, list[str]]) -> None:
    found, _ = read(block(value))
    assert [said(mention) for mention in found if mention.type is MentionType.PERSON] == [expected]


JOBS = {
    "one": ({"jobTitle": "CFO", "worksFor": FIRM}, {(0, "CFO"), (0, "Firma BV")}),
    "employer as text": ({"jobTitle": "CFO", "worksFor": "Firma BV"}, {(0, "CFO"), (0, "Firma BV")}),
    "two titles, one employer": (
        {"jobTitle": ["CFO", "Chair"], "worksFor": FIRM},
        {(0, "CFO"), (0, "Chair"), (0, "Firma BV")},
    ),
    "two jobs in order": (
        {"jobTitle": ["CFO", "Lecturer"], "worksFor": [FIRM, {"@type": "CollegeOrUniversity", "name": "Hogeschool"}]},
        {(0, "CFO"), (0, "Firma BV"), (1, "Lecturer"), (1, "Hogeschool")},
    ),
    "one title, two employers": (
        {"jobTitle": "CFO", "worksFor": FIRM, "affiliation": {"@type": "Organization", "name": "Hogeschool"}},
        {(0, "CFO"), (0, "Firma BV"), (1, "Hogeschool")},
    ),
    "roles": (
        {
            "worksFor": [
                {"@type": "EmployeeRole", "roleName": "CFO", "worksFor": FIRM},
                {"@type": "OrganizationRole", "namedPosition": "Chair", "worksFor": {"@id": "#club"}},
                {"@type": "EmployeeRole", "roleName": "Intern", "endDate": "2010", "worksFor": FIRM},
            ]
        },
        {(0, "CFO"), (0, "Firma BV"), (1, "Chair"), (1, "Club")},
    ),
    "occupation": ({"hasOccupation": {"@type": "Occupation", "name": "Engineer"}}, {(0, "Engineer")}),
    "occupation in a role": (
        {"hasOccupation": {"@type": "Role", "hasOccupation": {"@type": "Occupation", "name": "Engineer"}}},
        {(0, "Engineer")},
    ),
    "membership is no job": (
        {"email": "z@firma.example", "memberOf": {"@type": "Organization", "name": "Partij"}},
        set(),
    ),
    "an office in an association is": (
        {"memberOf": {"@type": "OrganizationRole", "roleName": "Treasurer", "memberOf": {"@id": "#club"}}},
        {(0, "Treasurer"), (0, "Club")},
    ),
}


@pytest.mark.parametrize(("properties", "expected"), JOBS.values(), ids=JOBS.keys())
def test_employments_keep_title_and_employer_together(properties: Any, expected: set[tuple[int, str]]) -> None:
    found, _ = read(block({"@id": "#club", "@type": "Organization", "name": "Club"}, PERSON | properties))
    person = next(mention for mention in found if mention.type is MentionType.PERSON)
    jobs = {(v.employment, v.text) for prop, v in person if prop.value in ("jobTitle", "worksFor")}
    assert jobs == expected


def test_graph_with_references() -> None:
    found, _ = read(
        block(
            {
                "@context": "https://schema.org",
                "@graph": [
                    FIRM | {"@id": "#firm", "telephone": "+31 20 555 0100", "employee": [{"@id": "#zoe"}]},
                    {"@type": "WebPage", "author": {"@id": "#zoe"}, "publisher": {"@id": "#firm"}},
                    {"@id": "#zoe", "@type": "Person", "name": "Zoe Imaginary", "jobTitle": "CFO"},
                ],
            }
        )
    )
    assert [said(mention) for mention in found] == [
        {"name": ["Firma BV"], "telephone": ["+31 20 555 0100"]},
        {"name": ["Zoe Imaginary"], "jobTitle": ["CFO"], "worksFor": ["Firma BV"]},
    ]


def test_values_say_where_and_how_they_were_read() -> None:
    found, _ = read(block({"@type": "WebSite"}, {"@graph": [{"@type": "Thing"}, PERSON | {"jobTitle": ["CFO"]}]}))
    [person] = found
    [title] = person.all(next(prop for prop, _ in person if prop.value == "jobTitle"))
    assert (title.method, title.locator, person.locator) == (
        Method.JSON_LD,
        "script[2]#/@graph/1/jobTitle/0",
        "script[2]#/@graph/1",
    )
    assert (person.country, 0 < title.confidence < 1) == ("NL", True)


def test_what_the_markup_says_about_a_value_is_kept_in_memory() -> None:
    point = {"@type": "ContactPoint", "contactType": "home", "telephone": "+31 20 555 0100"}
    [person], _ = read(block(PERSON | {"contactPoint": point}))
    assert [value.context for prop, value in person if prop.value == "telephone"] == ["home"]


@pytest.mark.parametrize(
    ("markup", "people", "unreadable"),
    [
        ('<script type="application/ld+json">{broken</script>', 0, 1),
        ('<script type="application/ld+json"></script>', 0, 0),
        ('<script type="application/ld+json">' + json.dumps(PERSON)[:-1] + ",}</script>", 1, 0),
        ('<script type="application/ld+json">/* x */' + json.dumps(PERSON) + " // y</script>", 1, 0),
        ('<script type="application/ld+json"><!-- ' + json.dumps(PERSON) + " --></script>", 1, 0),
        ('<script type="application/ld+json">//<![CDATA[\n' + json.dumps(PERSON) + "\n//]]></script>", 1, 0),
        ('<script type="application/ld+json">' + json.dumps(PERSON) + ";\n" + json.dumps(PERSON) + "</script>", 2, 0),
        ('<script type="application/ld+json">' + json.dumps(PERSON).replace('"', "&quot;") + "</script>", 1, 0),
        ('<script type="application/ld+json">' + json.dumps(PERSON).replace("Zoe ", "Zoe \n") + "</script>", 1, 0),
        ('<script type="application/ld+json">' + "[" * 100_000 + "</script>" + block(PERSON), 1, 1),
        ('<script type="application/ld+json">{broken</script>' + block([PERSON, 7, None, "x"]), 1, 1),
        (block({"@graph": PERSON}), 1, 0),
        (block({"@type": ["Person", 5], "name": ["Zoe Imaginary", {"@value": 5}, None, True]}), 1, 0),
        ('<script type="application/ld+json">"' + "x" * MAX_BLOCK + '"</script>', 0, 1),
        ('<!-- <script type="application/ld+json">' + json.dumps(PERSON) + "</script> -->", 0, 0),
    ],
)
def test_broken_blocks_cost_only_themselves(markup: str, people: int, unreadable: int) -> None:
    found, counted = read(f"<html><body>{markup}")
    assert (len(found), counted["unreadable"]) == (people, unreadable)


def test_a_json_document_is_read_too() -> None:
    found, _ = read(json.dumps(PERSON | {"jobTitle": "CFO"}), "application/ld+json")
    assert [mention.locator for mention in found] == ["#"]


@pytest.mark.parametrize(
    ("properties", "category", "times"),
    [
        ({"birthDate": "1970-01-01", "gender": "female", "religion": "x"}, "unknown-property", 3),
        ({"spouse": PERSON | {"jobTitle": "CEO"}, "children": [PERSON], "knows": PERSON}, "unknown-property", 3),
        ({"jobTitle": "CFO", "deathDate": "1999"}, "deceased", 1),
        ({"@id": "#x", "mainEntityOfPage": "x", "jobTitle": "CFO"}, "unknown-property", 0),
    ],
)
def test_what_is_not_kept_is_counted(properties: Any, category: str, times: int) -> None:
    found, counted = read(block(PERSON | properties))
    assert counted[category] == times
    assert len(found) <= 1


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"@type": "NewsArticle", "author": PERSON}, 0),
        ({"@type": "NewsArticle", "author": PERSON | {"jobTitle": "Editor"}}, 1),
        ({"@type": "Article", "comment": {"@type": "Comment", "author": PERSON | {"jobTitle": "Hero"}}}, 0),
        ({"@type": "DiscussionForumPosting", "author": PERSON | {"jobTitle": "Hero"}}, 0),
        ({"@type": "Product", "review": {"@type": "Review", "author": PERSON}}, 0),
        ({"@type": "Review", "author": PERSON | {"worksFor": FIRM}}, 1),
        ({"@type": "Organization", "name": "F", "alumni": PERSON}, 0),
        ({"@type": "Organization", "name": "F", "employee": PERSON}, 1),
        ({"@type": "Organization", "name": "F", "department": {"@type": "Organization", "employee": PERSON}}, 1),
        (
            {
                "@type": "Organization",
                "name": "F",
                "employee": {"@type": "EmployeeRole", "roleName": "CFO", "employee": PERSON},
            },
            1,
        ),
    ],
)
def test_people_who_are_only_named_need_a_business_context(value: Any, kept: int) -> None:
    found, counted = read(block(value))
    people = [mention for mention in found if mention.type is MentionType.PERSON]
    assert len(people) == kept
    assert counted["no-business-context"] == 1 - kept


MICRODATA = """
<div itemscope itemtype="https://schema.org/Organization" itemref="more">
  <h1 itemprop="name">Firma BV</h1>
  <ul>
    <li itemprop="employee" itemscope itemtype="http://schema.org/Person">
      <a itemprop="name" href="/zoe">Zoe <b>Imaginary</b></a><span itemprop="jobTitle">CFO</span>
      <a itemprop="email" href="mailto:zoe@firma.example">mail</a>
      <a itemprop="telephone" href="tel:+31205550100">call</a>
      <a itemprop="url" href="/zoe">page</a><meta itemprop="birthDate" content="1970">
      <div itemprop="address" itemscope itemtype="http://schema.org/PostalAddress">
        <span itemprop="streetAddress">Kade 1</span><span itemprop="addressLocality">Verzonnen</span></div>
    </li>
  </ul>
</div><p id="more"><span itemprop="telephone" content="+31 20 555 0199">020</span></p>
"""
RDFA = """
<div vocab="https://schema.org/" typeof="schema:Organization" resource="#firm">
  <h1 property="schema:name">Firma BV</h1><span property="telephone" content="+31 20 555 0199">020</span>
  <div property="employee" typeof="Person"><a property="name" href="/zoe">Zoe Imaginary</a>
    <span property="jobTitle">CFO</span><a property="email" href="mailto:zoe@firma.example">mail</a>
    <a property="telephone" href="tel:+31205550100">call</a><a property="url" href="/zoe">page</a>
    <span property="birthDate">1970</span>
    <div property="address" typeof="PostalAddress"><span property="streetAddress">Kade 1</span>
      <span property="addressLocality">Verzonnen</span></div>
  </div>
</div>
"""


@pytest.mark.parametrize(("markup", "method"), [(MICRODATA, Method.MICRODATA), (RDFA, Method.RDFA)])
def test_attributes_on_elements(markup: str, method: Method) -> None:
    found, counted = read(markup)
    assert [said(mention) for mention in found] == [
        {"name": ["Firma BV"], "telephone": ["+31 20 555 0199"]},
        {
            "name": ["Zoe Imaginary"],
            "email": ["zoe@firma.example"],
            "telephone": ["+31205550100"],
            "workLocation": ["Kade 1, Verzonnen"],
            "url": ["https://www.firma.example/zoe"],
            "jobTitle": ["CFO"],
            "worksFor": ["Firma BV"],
        },
    ]
    assert {value.method for mention in found for _, value in mention} == {method}
    assert all(value.locator.startswith("/html/body/") for mention in found for _, value in mention)
    assert counted["unknown-property"] == 1


def test_forum_ranks_are_no_job_titles() -> None:
    said = '<b itemprop="name">Zoe</b><i itemprop="jobTitle">Hero</i>'
    item = f'<div itemscope itemtype="https://schema.org/Person">{said}</div>'
    assert len(read(f"<section>{item}</section>")[0]) == 1
    assert read(f'<article class="message message--post">{item}</article>')[0] == []


PROFILE = """<meta property="og:type" content="profile"><meta property="profile:first_name" content="Zoe">
<meta property="profile:last_name" content="Imaginary"><meta property="profile:gender" content="female">"""
TITLE = """<meta property="og:type" content="profile"><meta property="og:title" content="Zoe Imaginary">"""
BUSINESS = """<meta property="og:type" content="business.business"><meta property="og:title" content="Firma BV">
<meta property="business:contact_data:email" content="info@firma.example">
<meta property="business:contact_data:street_address" content="Kade 1">
<meta property="business:contact_data:locality" content="Verzonnen">"""


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (PROFILE, [{"givenName": ["Zoe"], "familyName": ["Imaginary"], "name": ["Zoe Imaginary"]}]),
        (TITLE, [{"name": ["Zoe Imaginary"]}]),
        (BUSINESS, [{"name": ["Firma BV"], "email": ["info@firma.example"], "workLocation": ["Kade 1, Verzonnen"]}]),
        (TITLE.replace("profile", "article"), []),
    ],
)
def test_open_graph(head: str, expected: list[dict[str, list[str]]]) -> None:
    found, _ = read(f"<html><head>{head}</head><body>")
    assert [said(mention) for mention in found] == expected


HOSTILE = {
    "reference to itself": block({"@id": "#a", "@type": "Person", "name": "Z", "worksFor": {"@id": "#a"}}),
    "reference round": block({"@id": "#a", "x": {"@id": "#b"}}, {"@id": "#b", "x": {"@id": "#a"}}),
    "deep object": '<script type="application/ld+json">' + '{"a":' * 900 + "1" + "}" * 900 + "</script>",
    "many nodes": block([{"@type": "Person", "name": f"N {n}"} for n in range(8_000)]),
    "items in items": '<div itemscope itemprop="x">' * 1_500 + "<div itemscope>" + "<b itemprop=name>x" * 300,
    "itemref to an ancestor": '<div id="a" itemscope itemref="a"><p id="b"><i itemscope itemref="a b" itemprop="c">',
    "typeof in typeof": '<div typeof="Person" property="knows">' * 1_500,
    "items side by side": "<p typeof=Person>" * 100_000,
    "itemref to many": "<div id=a>" + "<b itemprop=name>x</b>" * 2_000 + "</div>" + "<p itemscope itemref=a></p>" * 500,
    "big integer": '<script type="application/ld+json">{"a": ' + "9" * 9_000 + "}</script>",
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markup_ends_within_a_bound(markup: str) -> None:
    started = time.process_time()
    found, _ = read(f"<html><body>{markup}")
    assert len(found) <= 5_000
    assert time.process_time() - started < 5


KEYS = st.sampled_from(
    ["name", "jobTitle", "worksFor", "email", "@type", "@id", "geslacht", "employee", "Religion", "x"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["Person", "Organization", "#a", "Zoe"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40)
@given(st.dictionaries(KEYS | st.text(max_size=6), VALUES, max_size=6))
def test_only_the_closed_schema_comes_out(value: dict[str, Any]) -> None:
    found, _ = read(block(value | {"@type": "Person"}))
    for mention in found:
        assert set(mention.values) <= SCHEMA[mention.type]
        assert all(reading.text and reading.locator for _, reading in mention)
