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
