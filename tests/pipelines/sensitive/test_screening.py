from __future__ import annotations

import json

import pytest

from crawler.errors import DocumentError
from pipelines.sensitive.rows import read_rows
from pipelines.sensitive.screening import screen_field, screen_row, screen_text


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("jobTitle", "Head of Procurement", "Head of Procurement"),
        ("jobTitle", "She is 53 and Head of Procurement", "Head of Procurement"),
        ("jobTitle", "Proud mum, she/her", None),
        ("jobTitle", "Devout Muslim", None),
        ("position", "Treasurer and widow", "Treasurer"),
        ("role", "Cancer survivor", None),
        ("honorificPrefix", "Dr", "Dr."),
        ("honorificPrefix", "Mrs", None),
        ("title", "Mevr.", None),
        ("name", "Frau Anna Muster", "Anna Muster"),
        ("apellidos", "Casado Muestra", "Casado Muestra"),
        ("email", "alex@corvid.example", "alex@corvid.example"),
        ("email", "alex@gmail.com", None),
        ("memberOf", '{"@type":"Organization","name":"Sample Union"}', None),
        ("affiliation", '{"@type":"PoliticalParty","name":"Sample"}', None),
        ("identifier", '{"propertyID":"BSN","value":"111222333"}', None),
        ("workLocation", '{"@type":"Place","name":"Sampleton office"}', '{"@type":"Place","name":"Sampleton office"}'),
        ("sameAs", "https://www.linkedin.com/in/alexsample", "https://www.linkedin.com/in/alexsample"),
        ("sameAs", "https://www.facebook.com/alexsample", None),
        ("status", "divorced", None),
        ("description", "Procurement lead at Corvid", "Procurement lead at Corvid"),
        ("description", "Loves hiking in the hills", None),
        ("gender", "x", None),
        ("storage_class", "standard", "standard"),
        ("unheard_of", "convicted", None),
        ("religiousOrder", "SJ", None),
        ("salutation", "Professor", "Professor"),
        ("salutation", "Frau", None),
        ("unheard_of", "14.03.1979", None),
        ("unheard_of", "2021-03-14", "2021-03-14"),
        ("неведомое", "что-то", None),
    ],
)
def test_a_field_is_kept_cut_or_dropped(field: str, value: str, kept: str | None) -> None:
    assert screen_field(field, value, "en").redacted == kept


def test_known_values_are_all_that_stays() -> None:
    text = "Alex Sample, zealot, is Head of IT at Corvid Ltd and a zealot."
    kept = screen_text(text, "en", ["Alex Sample", "Head of IT", "Corvid Ltd"]).redacted
    assert kept == "Alex Sample … Head of IT at Corvid Ltd …"


def test_a_row_comes_back_with_its_id_and_categories() -> None:
    row = {"id": 7, "lang": "en-GB", "kind": "text", "text": "Alex Sample is a devout Muslim."}
    assert screen_row(row) == {
        "id": 7,
        "redacted": "Alex Sample …",
        "dropped": False,
        "categories": ["religion_belief"],
    }


GOOD = {"id": "a", "kind": "text", "text": "Alex"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not valid JSON"),
        ("[]", "not an object"),
        (json.dumps(GOOD | {"kind": "picture"}), '"kind" must be'),
        (json.dumps(GOOD | {"id": None}), '"id" is missing'),
        (json.dumps(GOOD | {"text": 7}), '"text" is missing'),
        (json.dumps(GOOD | {"kind": "field"}), '"field" is missing'),
        (json.dumps(GOOD | {"known": "Alex"}), '"known" must be'),
        (json.dumps(GOOD | {"lang": 1}), '"lang" must be'),
    ],
)
def test_a_malformed_row_is_named_by_its_line(line: str, says: str) -> None:
    with pytest.raises(DocumentError, match=f"^rows.jsonl, line 3: .*{says}"):
        list(read_rows([json.dumps(GOOD).encode(), b"", line.encode()], "rows.jsonl"))


def test_bytes_that_are_no_text_are_named_by_their_line() -> None:
    with pytest.raises(DocumentError, match="line 1"):
        list(read_rows([b"\xff\xfe{"], "rows.jsonl"))
