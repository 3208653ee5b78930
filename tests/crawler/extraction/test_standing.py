"""How somebody stands to the work is no employer: in brackets behind a name, after a comma, and in a column."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.extraction.standing import is_pronoun, is_status
from crawler.items import MentionType, Property
from crawler.page import Page


@pytest.mark.parametrize(
    "text",
    [
        "retired", "Deceased", "(on leave)", "On Maternity Leave", "Interim", "Freelance", "self-employed", "N/A",
        "a.i.", "met pensioen", "n.v.t.", "zzp’er", "im Ruhestand", "i.R.", "in Elternzeit", "à la retraite",
        "EN CONGÉ", "jubilada", "en funciones", "in pensione", "aposentado", "na emeryturze", "p.o.", "föräldraledig",
    ],
)  # fmt: skip
def test_a_standing(text: str) -> None:
    assert is_status(text)
    assert not is_pronoun(text)


@pytest.mark.parametrize(
    "text",
    [
        "she/her", "She / Her / Hers", "(they/them)", "he | him", "sie/ihr", "zij/haar", "elle/lui", "Pronouns",
        "Pronouns: she/her", "pronoms : iel", "(m)", "m/f/d", "(H/F)", "m|w|d",
    ],
)  # fmt: skip
def test_pronouns_and_the_signs_of_sexes(text: str) -> None:
    assert is_pronoun(text)
    assert not is_status(text)


@pytest.mark.parametrize(
    "text",
    [
        "Interim Services GmbH", "Elle", "M", "M&M", "HM/DV Group", "PAN", "IT", "Home Office", "Acting Company Noord",
        "Retired Greyhound Trust", "Her Majesty/Treasury", "Pronouns Ltd", "Ella", "x" * 500, "",
    ],
)  # fmt: skip
def test_what_may_be_an_employer(text: str) -> None:
    assert not is_status(text)
    assert not is_pronoun(text)


@pytest.mark.parametrize("said", ["Retired", "She/Her", "M/F/D", "On leave", "Interim", "Pronouns", "Freelance"])
@pytest.mark.parametrize("line", ["Jane Roe ({})", "Jane Roe, {}", "Jane Roe – {}"])
def test_none_is_read_as_an_employer(line: str, said: str) -> None:
    body = f"<h3>{line.format(said)}</h3><p>Managing Director</p><p>jane.roe@noord.example</p>"
    (jane,) = mentions(Page("http://noord.example/team", f"<html lang=en><body>{body}".encode(), language="en"))
    assert jane.type is MentionType.PERSON
    assert jane.text(Property.JOB_TITLE) == "Managing Director"
    assert not jane.all(Property.WORKS_FOR)
