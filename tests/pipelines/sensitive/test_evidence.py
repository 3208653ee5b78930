from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sensitive.evidence import rebuild, window

BIO = "Meet Anna Muster, a devout gardener and Head of IT at Corvid Ltd. She has two cats. Tel 020 7946 0018"


@pytest.mark.parametrize(
    ("text", "pieces", "language", "kept"),
    [
        (BIO, ["Anna Muster", "Head of IT", "Corvid Ltd", "020 7946 0018"], "en",
         "… Anna Muster … Head of IT at Corvid Ltd … 020 7946 0018"),
        ("Anna Muster", ["Anna Muster"], "en", "Anna Muster"),
        ("anna  muster,\nHead of IT", ["Anna Muster", "Head of IT"], "en", "anna muster, Head of IT"),
        ("Director, Home Office", ["Home Office", "Director, Home Office"], "en", "Director, Home Office"),
        ("Annabel Muster", ["Anna"], "en", "…"),
        ("", ["Anna"], "en", ""),
        ("Anna Muster is Head of IT", ["Anna Muster", "Head of IT"], "en", "Anna Muster … Head of IT"),
    ],
)  # fmt: skip
def test_rebuild(text: str, pieces: list[str], language: str, kept: str) -> None:
    assert rebuild(text, pieces, language) == kept


@given(st.text(max_size=150), st.lists(st.text(min_size=1, max_size=20), max_size=4))
def test_no_letter_survives_outside_pieces_and_glue(text: str, pieces: list[str]) -> None:
    without_glue = rebuild(text, pieces, "en")
    if not any(piece.strip() and piece.casefold() in text.casefold() for piece in pieces):
        assert not any(letter.isalnum() for letter in without_glue)


def test_a_window_is_short_and_holds_its_piece() -> None:
    snippet = "… " + "at the office of " * 60 + "Anna Muster" + " at the office" * 60
    cut = window(snippet, "Anna Muster", 100)
    assert "Anna Muster" in cut
    assert len(cut) < 140
