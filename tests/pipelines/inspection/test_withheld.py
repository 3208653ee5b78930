"""What an engineer is shown although it would not be stored, and what nobody is shown."""

from __future__ import annotations

import pytest

from crawler.items import Property
from crawler.page import Page
from pipelines.inspection.reading import Reading, as_json, read

#: Joined here, because no whole address of a real mailbox stands in this project.
FREE = ".".join(("gmail", "com"))
ROW = '<li><h3>Bronwen Achterberg</h3><p>Managing Director</p><a href="mailto:b.achterberg@firma.example">Mail</a></li>'
TEAM = "<html lang=en><title>Firma BV</title><ul>{}<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p>{}</li></ul>"


def reading(inner: str, language: str = "en") -> Reading:
    body = TEAM.format(ROW, inner).encode()
    return read(Page("https://firma.example/team", body, country="GB", language=language), "team.html")


def shown(inner: str) -> tuple[list[str], dict[str, str]]:
    """The addresses and numbers shown for the second of two colleagues, and the rule against each."""
    [found] = [one for one in reading(inner).found if one.mention.text(Property.NAME) == "Alasdair Pemberly"]
    printed = as_json(found, "team.html")
    rules = {entry["value"]: entry["rule"] for entry in printed["evidence"] if not entry["stored"]}
    return printed["email"] + printed["telephone"], rules


@pytest.mark.parametrize(
    ("inner", "value", "rule"),
    [
        ('<a href="mailto:pem@gmail.com">Mail</a>', "pem@gmail.com", "free-mail"),
        ("<p>pem (at) gmail (dot) com</p>", "pem@gmail.com", "free-mail"),
        ('<a href="mailto:pemberly@firma.example">Mail</a>', "pemberly@firma.example", ""),
        ('<a href="tel:+442079460018">Call</a>', "+442079460018", ""),
    ],
)
def test_a_contact_is_shown_with_the_rule_against_it(inner: str, value: str, rule: str) -> None:
    values, rules = shown(inner)
    assert values == [value]
    assert rules == ({value: rule} if rule else {})


def vcard(*lines: str) -> Reading:
    card = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "FN:Alasdair Pemberly", "ORG:Firma BV", *lines, "END:VCARD", ""])
    return read(Page("https://firma.example/a.vcf", card.encode(), "text/vcard", country="GB"), "a.vcf")


@pytest.mark.parametrize(
    ("line", "values", "rules"),
    [
        ("TEL;TYPE=home:020 7946 0018", ["+442079460018"], ["private-cue"]),
        ("EMAIL;TYPE=home:a@pemberly.example", ["a@pemberly.example"], ["private-cue"]),
        ("TEL;TYPE=work:020 7946 0018", ["+442079460018"], []),
        ("ADR;TYPE=home:;;1 Sample Street;Sampleton;;SA1 1AA;UK", [], []),
        ("URL:https://www.facebook.com/alasdair", [], []),
        ("BDAY:1970-01-01", [], []),
        ("NOTE:A widower of sampled faith", [], []),
        (f"EMAIL:80010112345@{FREE}", [f"80010112345@{FREE}"], ["free-mail"]),
        (f"EMAIL:44051401359@{FREE}", [], []),  # the check digits of a PESEL: an identifier is never shown
    ],
)
def test_only_private_contacts_are_shown(line: str, values: list[str], rules: list[str]) -> None:
    [found] = vcard(line, "TITLE:Sales Manager").found
    printed = as_json(found, "a.vcf")
    assert printed["email"] + printed["telephone"] == values
    assert [entry["rule"] for entry in printed["evidence"] if not entry["stored"]] == rules
    assert printed["workLocation"] == printed["url"] == printed["sameAs"] == []
    assert not [word for word in ("1970", "widower", "Sample Street", "facebook") if word in repr(printed)]


def test_the_evidence_of_a_private_contact_is_rebuilt_too() -> None:
    around = "<p>A devout zealotmarker, write to pem@gmail.com or ring</p>"
    [found] = [one for one in reading(around).found if one.withheld]
    [entry] = [entry for entry in as_json(found, "x")["evidence"] if not entry["stored"]]
    assert "pem@gmail.com" in entry["snippet"]
    assert entry["method"] == "card"
    assert entry["locator"].startswith("/html")
    assert 0 < entry["confidence"] <= 1
    assert "zealotmarker" not in repr(as_json(found, "x"))
    assert found.mention.context == ""


def test_a_mailbox_of_nobody_is_shown() -> None:
    page = Page("https://firma.example/", b"<p>Write to desk@firma.example or ring 020 7946 0018</p>", country="GB")
    [found] = read(page, "x").found
    printed = as_json(found, "x")
    assert (printed["name"], printed["type"]) == ("", "organisation")
    assert (printed["email"], printed["telephone"]) == (["desk@firma.example"], ["+442079460018"])
    assert {entry["rule"] for entry in printed["evidence"]} == {"name-missing"}
    assert not found.mention.values
