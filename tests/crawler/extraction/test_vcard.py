"""vCard 2.1, 3.0 and 4.0."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import vcard
from crawler.extraction.vcard import MAX_CARDS
from crawler.items import SCHEMA, Disposal, Mention, Method
from crawler.page import Page


def read(text: str | bytes, media_type: str = "text/vcard") -> tuple[list[Mention], Counter[str]]:
    disposals: list[Disposal] = []
    body = text.encode() if isinstance(text, str) else text
    found = vcard.read(Page("https://firma.example/zoe.vcf", body, media_type), disposals)
    return found, Counter(disposal.category for disposal in disposals)


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])


def said(mention: Mention) -> dict[str, list[str]]:
    return {prop.value: [value.text for value in readings] for prop, readings in mention.values.items()}


V2 = card(
    "VERSION:2.1",
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Imagin=C3=A1ry;Zo=C3=AB;;Dr.",
    "FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Dr. Zo=EB =",
    "Imagin=E1ry",
    "TITLE:CFO",
    "ORG:Firma BV;Finance",
    "TEL;WORK;VOICE:+31 20 555 0100",
    "TEL;HOME:+31 20 555 0142",
    "TEL;WORK;FAX:+31 20 555 0101",
    "EMAIL;INTERNET:zoe@firma.example",
    "ADR;WORK:;;Kade 1;Verzonnen;;1000 AA;NL",
    "PHOTO;BASE64:" + "A" * 3000,
)
V3 = card(
    "VERSION:3.0",
    "N:Imaginary;Zoe;M.;Dr.;MBA",
    "FN:Dr. Zoe Imaginary",
    "TITLE:Head\\, Finance",
    "ORG:Firma BV\\; Co;Finance",
    "item1.TEL;type=WORK;type=pref:+31 20 ",
    " 555 0100",
    "item1.X-ABLabel:_$!<Direct>!$_",
    "EMAIL;TYPE=INTERNET,WORK:zoe@firma.example",
    "URL:https://firma.example/zoe",
    "X-SOCIALPROFILE;type=linkedin:https://social.example/zoe",
    "BDAY:1970-01-01",
    "NOTE:likes cats",
)
V4 = card(
    "VERSION:4.0",
    "KIND:individual",
    "FN:Zoe Imaginary",
    "N:Imaginary;Zoe;;;",
    "ROLE:CFO",
    'ORG;SORT-AS="Firma":Firma BV',
    'TEL;VALUE=uri;TYPE="voice,home":tel:+31-20-555-0142',
    "TEL;VALUE=uri;TYPE=work:tel:+31-20-555-0100;ext=5",
    "EMAIL;PREF=1:mailto:zoe@firma.example",
    "GENDER:F",
)


@pytest.mark.parametrize(
    ("text", "expected", "dropped"),
    [
        (
            V2,
            {
                "name": ["Dr. Zoë Imagináry"],
                "givenName": ["Zoë"],
                "familyName": ["Imagináry"],
                "honorificPrefix": ["Dr."],
                "email": ["zoe@firma.example"],
                "telephone": ["+31 20 555 0100", "+31 20 555 0142"],
                "faxNumber": ["+31 20 555 0101"],
                "workLocation": ["Kade 1, 1000 AA Verzonnen, NL"],
                "jobTitle": ["CFO"],
                "worksFor": ["Firma BV"],
            },
            0,
        ),
        (
            V3,
            {
                "name": ["Dr. Zoe Imaginary"],
                "givenName": ["Zoe"],
                "familyName": ["Imaginary"],
                "honorificPrefix": ["Dr."],
                "honorificSuffix": ["MBA"],
                "email": ["zoe@firma.example"],
                "telephone": ["+31 20 555 0100"],
                "url": ["https://firma.example/zoe"],
                "sameAs": ["https://social.example/zoe"],
                "jobTitle": ["Head, Finance"],
                "worksFor": ["Firma BV; Co"],
            },
            2,
        ),
        (
            V4,
            {
                "name": ["Zoe Imaginary"],
                "givenName": ["Zoe"],
                "familyName": ["Imaginary"],
                "email": ["zoe@firma.example"],
                "telephone": ["+31-20-555-0142", "+31-20-555-0100 ext. 5"],
                "jobTitle": ["CFO"],
                "worksFor": ["Firma BV"],
            },
            1,
        ),
    ],
    ids=["2.1", "3.0", "4.0"],
)
def test_versions(text: str, expected: dict[str, list[str]], dropped: int) -> None:
    [person], counted = read(text)
    assert said(person) == expected
    assert counted["unknown-property"] == dropped


def test_types_and_labels_are_kept_in_memory() -> None:
    cues = {value.text: value.context for text in (V2, V3, V4) for _, value in read(text)[0][0] if value.context}
    assert cues == {
        "+31 20 555 0100": "TYPE=WORK Direct",
        "+31 20 555 0142": "TYPE=HOME",
        "+31 20 555 0101": "TYPE=WORK,FAX",
        "zoe@firma.example": "TYPE=WORK",
        "Kade 1, 1000 AA Verzonnen, NL": "TYPE=WORK",
        "https://social.example/zoe": "TYPE=LINKEDIN",
        "+31-20-555-0142": "TYPE=HOME",
        "+31-20-555-0100 ext. 5": "TYPE=WORK",
    }


def test_values_say_where_they_were_read() -> None:
    found, _ = read(card("FN:A", "TEL:1") + card("FN:B", "TEL:2", "TEL:3"))
    assert [value.locator for _, value in found[1]] == ["card[2]/FN[1]", "card[2]/TEL[1]", "card[2]/TEL[2]"]
    assert {value.method for mention in found for _, value in mention} == {Method.VCARD}


@pytest.mark.parametrize(
    ("text", "names", "unreadable"),
    [
        ("BEGIN:VCARD\nFN:Zoe\nTITLE:CF", ["Zoe"], 0),
        ("BEGIN:VCARD\nFN:Zoe\nBEGIN:VCARD\nFN:Joe\nEND:VCARD", ["Zoe", "Joe"], 0),
        ("begin:vcard\nfn:Zoe\nend:vcard", ["Zoe"], 0),
        (card("FN:Zoe", "no colon here"), ["Zoe"], 1),
        (card("N:Imaginary;Zoe"), ["Zoe Imaginary"], 0),
        (card("EMAIL:info@firma.example"), [], 0),
        (card("FN:Firma BV", "ORG:Firma BV", "TEL:1"), ["Firma BV"], 0),
        (card("ORG:Firma BV", "TEL:1"), ["Firma BV"], 0),
        (card("KIND:org", "FN:Firma", "TEL:1"), ["Firma"], 0),
        ("BEGIN:VCARD\nEND:VCARD", [], 0),
        (card("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=no-such:Zo=C3=AB"), ["Zoë"], 0),
        (card("FN:Zoë").encode("cp1252"), ["Zoë"], 0),
    ],
)
def test_cards_as_they_come(text: str | bytes, names: list[str], unreadable: int) -> None:
    found, counted = read(text)
    assert [said(mention)["name"][0] for mention in found] == names
    assert counted["unreadable"] == unreadable


def test_data_links_of_a_page() -> None:
    link = "data:text/vcard;charset=utf-8,BEGIN%3AVCARD%0AFN%3AZoe%20Imaginary%0ATITLE%3ACFO%0AEND%3AVCARD"
    [person], _ = read(f'<p><a href="{link}">card</a>', "text/html")
    assert said(person) == {"name": ["Zoe Imaginary"], "jobTitle": ["CFO"]}


@pytest.mark.parametrize(
    "text",
    [
        card("FN:Zoe", "TEL:1") * (MAX_CARDS + 5),
        "BEGIN:VCARD\n" + "TEL:1\n" * 300_000,
        "BEGIN:VCARD\nFN:x\n" + " y\n" * 500_000,
        "BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:" + "=\n" * 500_000,
        "BEGIN:VCARD\n" + "TEL" + ";a" * 400_000 + ":1",
        "BEGIN:VCARD\n" + 'TEL;"' * 200_000,
    ],
    ids=["cards", "lines", "folds", "soft breaks", "parameters", "quotes"],
)
def test_hostile_cards_end_within_a_bound(text: str) -> None:
    started = time.process_time()
    found, _ = read(text)
    assert len(found) <= MAX_CARDS
    assert time.process_time() - started < 10


@given(st.text(alphabet='FNTELORG:;=\\,"\r\n ABQUOTED-PRINTABLEé1', max_size=120))
def test_any_card_is_read(text: str) -> None:
    for mention in read(f"BEGIN:VCARD\nFN:Zoe\n{text}")[0]:
        assert set(mention.values) <= SCHEMA[mention.type]
