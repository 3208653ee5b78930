from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import RightsError, UsageError
from pipelines.rights.register import load
from tests.support.rights import RIGHTS, written


def test_a_registered_recipient_may_receive(tmp_path: Path) -> None:
    rights = load(written(tmp_path, RIGHTS))
    acme = rights.recipient("acme", "business-directory", date(2027, 6, 30))
    assert acme.as_json()["transfer_until"] == "2027-06-30"
    assert str(rights.controller.zone) == "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("recipient", "purpose", "today", "says"),
    [
        ("acm", "business-directory", date(2026, 11, 22), "not registered .* Did you mean acme"),
        ("acme", "research", date(2026, 11, 22), "for business-directory, not for 'research'"),
        ("acme", "business-directory", date(2028, 1, 1), "contract 'licence 3' ended on 2027-12-31"),
        ("acme", "business-directory", date(2027, 7, 1), "carries the transfer to US .* ended on 2027-06-30"),
    ],
)
def test_what_stands_against_a_recipient_is_said(
    tmp_path: Path, recipient: str, purpose: str, today: date, says: str
) -> None:
    with pytest.raises(RightsError, match=says):
        load(written(tmp_path, RIGHTS)).recipient(recipient, purpose, today)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[controller]", "[boss]", "unknown table 'boss'"),
        ('authority = "the authority"\n', "", "'authority' is missing"),
        ("Europe/Amsterdam", "Europe/Nowhere", "unknown time zone"),
        ('purposes = ["business-directory"]', 'purposes = "business-directory"', "purposes is a list"),
        ("contract_until = 2027-12-31", 'contract_until = "2027"', "contract_until is a date"),
        ('transfer = "standard-contractual-clauses"\n', "", "outside the EEA; transfer is one of"),
        ("transfer_until = 2027-06-30", "", "says how long standard-contractual-clauses holds"),
        ('"standard-contractual-clauses"', '"adequacy"', "no decision finds US adequate"),
        ("confidentiality", "confidentialty", "did you mean 'confidentiality'"),
        ("[[recipient]]", '[[recipient]]\nid = "acme', "no valid TOML"),
    ],
)
def test_a_mistake_in_the_register_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(RightsError, match=says):
        load(written(tmp_path, RIGHTS.replace(old, new, 1)))


def test_two_recipients_have_two_ids(tmp_path: Path) -> None:
    second = RIGHTS[RIGHTS.index("[[recipient]]") :]
    with pytest.raises(RightsError, match="used twice"):
        load(written(tmp_path, RIGHTS + second))


def test_without_a_register_nothing_leaves(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="CARDFILE_RIGHTS"):
        load("")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "none.toml")


MORE = """
[retention]
ended_role_months = 3

[[planned]]
purpose = "business-directory"
disclosure_on = 2027-01-15

[[change]]
purpose = "invitations"
from_purpose = "business-directory"
begins_on = 2027-03-01
assessment = "compatible"

[[text]]
name = "privacy statement"
reviewed_on = 2026-11-01
review_by = 2027-11-01

[security]
measures = ["the disks are encrypted"]
"""


def test_what_is_planned_is_read(tmp_path: Path) -> None:
    rights = load(written(tmp_path, RIGHTS + MORE))
    assert (rights.retention.ended_role_months, rights.retention.lost_support_days) == (3, 90)
    assert rights.plan("business-directory").disclosure_on == date(2027, 1, 15)
    assert rights.plan("invitations").disclosure_on is None
    assert rights.origins("invitations") == {"invitations", "business-directory"}
    assert [text.review_by for text in rights.texts] == [date(2027, 11, 1)]
    assert rights.security == ("the disks are encrypted",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ended_role_months = 3", "ended_role_months = -3", "line 21: ended_role_months is a whole number"),
        ("ended_role_months = 3", 'ended_role_months = "3"', "line 21: ended_role_months is a whole number"),
        ("2027-01-15", '"soon"', "line 25: disclosure_on is a date"),
        ('from_purpose = "business-directory"', 'from_purpose = "invitations"', "line 28: a change leads from"),
        ("[[change]]", "[change]", r"line 27: write \[\[change\]\]"),
        ('assessment = "compatible"\n', "", "line 27: 'assessment' is missing"),
        ("measures =", "measure =", r"line 38: \[security\] holds measures"),
        ("review_by", "reviewby", "line 36: unknown key 'reviewby'; did you mean 'review_by'"),
        ("[retention]", "[[retention]]", "retention is a table"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(RightsError, match=says):
        load(written(tmp_path, RIGHTS + MORE.replace(old, new, 1)))
