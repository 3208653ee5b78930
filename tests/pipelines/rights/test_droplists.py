"""California's deletion lists: the published hashes are equal, and the files are as the platform writes them."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Property
from pipelines.errors import DocumentError
from pipelines.rights.droplists import (
    LISTS,
    Status,
    answer_lines,
    drop_hash,
    email_form,
    hashed_value,
    lists,
    telephone_form,
)

ITEM, HASH = "A7kP2xQ9Lm4R", "KA18MT/ph6IHYjzT9zwETySDQyvSh87YuoSBpOQtkhE="


@pytest.mark.parametrize(
    ("list_type", "value", "form", "published"),
    [
        ("Email", "Anna.Smith@Domain.com", "anna.smith@domain.com", HASH),
        (
            "Email", "danielle.johnson12@example.com", "danielle.johnson12@example.com",
            "mKDnDvwF2inxrKcK1hJN2TRkxPfL6kzNNTtU12eH8Bw=",
        ),
        ("Phone", "+1(415)555-9317", "4155559317", "vGM7y5n+hBXRSEAklhHDPCbysyNgYTmXdMcagGUOY8E="),
        ("Phone", "+84(90)123 4567", "4901234567", "ptzVkgbv9DonwvPCHmXmJ2SEOaolSh37z3ZzY/Gmm+U="),
        ("Phone", "+354(123)4567", "3541234567", "Btrzydf5K6ALAKKXJGFHSx7u5bDzHC9WlVYtpq1n2rY="),
        ("Phone", "5551273811", "5551273811", "jr/RAWYVN+ODBf2vRxwBASPwiO4x27OGI1y3IDhcwLo="),
    ],
)  # fmt: skip
def test_the_published_hashes_are_equal(list_type: str, value: str, form: str, published: str) -> None:
    """The examples of the platform's technical specifications 1.2.0."""
    standard = LISTS[list_type][1](value)
    assert (standard, drop_hash(standard)) == (form, published)


@given(st.text())
def test_a_standard_form_stays_as_it_is(text: str) -> None:
    assert email_form(email_form(text)) == email_form(text).lower()
    assert telephone_form(telephone_form(text)) == telephone_form(text)
    assert len(drop_hash(text.encode("utf-8", "replace").decode())) == 44


@pytest.mark.parametrize(
    ("prop", "value", "kind"),
    [
        (Property.EMAIL, "ada@noord.example", "drop-email"),
        (Property.TELEPHONE, "+12125550101", "drop-telephone"),
        (Property.NAME, "Ada Noord", None),
    ],
)
def test_what_is_held_is_hashed_as_the_lists_are(prop: Property, value: str, kind: str | None) -> None:
    found = list(hashed_value(prop, value))
    plain = value[2:] if prop is Property.TELEPHONE else value
    digest = base64.b64encode(hashlib.sha256(plain.encode()).digest()).decode()
    assert found == ([(kind, digest)] if kind else [])


def test_a_download_holds_lists(tmp_path: Path) -> None:
    path = tmp_path / "20260801_4821_DROP.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("20260801_4821_Email.csv", f"ID,Hash\r\n{ITEM},{HASH}\r\n")
        archive.writestr("20260801_4821_NDZ.csv", "ID,Hash\n")
        archive.writestr("20260801_4821_Removed.csv", f"ID,Hash,ListType\n{ITEM},{HASH},Email\n")
    found = lists(path)
    assert [one.list_type for one in found] == ["Email", "NDZ", "Removed"]
    assert [[(item.id, item.hash, item.list_type) for item in one.items()] for one in found] == [
        [(ITEM, HASH, "Email")],
        [],
        [(ITEM, HASH, "Email")],
    ]
    assert HASH not in repr(next(found[0].items()))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("20260801_4821_Email.csv", "Id,Hash\n", "line 1: the columns are ID,Hash"),
        ("20260801_4821_Email.csv", f"ID,Hash\n{ITEM},{HASH}\nshort,{HASH}\n", "line 3: an ID of 12"),
        ("20260801_4821_Email.csv", f"ID,Hash\n{ITEM},{HASH[:-2]}\n", "line 2: an ID of 12"),
        ("20260801_4821_Email.csv", "ID,Hash\n\x00\xff", "line 2"),
        ("20260801_4821_Blood.csv", "ID,Hash\n", "is not named as a deletion list"),
        ("emails.csv", "ID,Hash\n", "is not named as a deletion list"),
        ("20260801_4821_DROP.zip", "no archive", "no ZIP archive"),
    ],
)
def test_another_file_is_refused_with_its_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(DocumentError, match=says):
        [list(one.items()) for one in lists(tmp_path / name)]


def test_an_answer_has_the_platforms_columns() -> None:
    assert "".join(answer_lines(iter([(ITEM, Status.DELETED), ("B7kP2xQ9Lm4R", Status.NOT_FOUND)]))) == (
        f"Id,Status\n{ITEM},3\nB7kP2xQ9Lm4R,5\n"
    )
