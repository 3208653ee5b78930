"""Country codes: what is one, and what was meant by one that is none."""

from __future__ import annotations

import pytest

from crawler.countries import misnamed


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("NL", ""),
        ("XK", ""),
        ("UK", "'UK' is no country of ISO 3166-1; did you mean GB?"),
        ("el", "'el' is no country of ISO 3166-1; did you mean GR?"),
        ("nl", "'nl' is no country of ISO 3166-1; did you mean NL?"),
        ("XX", "'XX' is no country of ISO 3166-1; use two capitals, as in NL"),
        ("Nederland", "'Nederland' is no country of ISO 3166-1; use two capitals, as in NL"),
    ],
)
def test_what_is_wrong_with_a_code(code: str, says: str) -> None:
    assert misnamed(code) == says
