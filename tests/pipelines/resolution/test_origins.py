"""Near-copies of one press release count once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.items import Property
from pipelines.resolution.origins import origins
from pipelines.resolution.survivorship import Claim, survivors

RELEASE = {
    "name": "Jane Roe",
    "jobTitle": "Director",
    "worksFor": "Noord NV",
    "email": "jane.roe@noord.example",
    "telephone": "+442079460141",
}
SHORTER = {key: value for key, value in RELEASE.items() if key != "telephone"}
OTHER = {"name": "Jane Roe", "jobTitle": "Chair", "worksFor": "Zuid BV"}
THIN = {"name": "Jane Roe", "jobTitle": "Director"}


def claims(source: str, kind: str, values: dict[str, str]) -> list[Claim]:
    base = Claim("", f"m-{source}", Property.NAME, "", source, kind, 0.9, datetime(2026, 3, 1, tzinfo=UTC))
    return [
        replace(base, statement_id=f"{source}-{prop}", property=Property(prop), value=value)
        for prop, value in values.items()
    ]


@pytest.mark.parametrize(
    ("others", "support"),
    [
        ([("b", "press-release", RELEASE), ("c", "journal", RELEASE)], 1),
        ([("b", "press-release", SHORTER)], 1),
        ([("b", "company-site", RELEASE)], 2),
        ([("b", "press-release", OTHER)], 2),
        ([("b", "press-release", THIN)], 2),
    ],
    ids=["the-same", "nearly-the-same", "its-own-site", "another-text", "too-thin"],
)
def test_who_counts_as_a_voice_of_its_own(others: list[tuple[str, str, dict[str, str]]], support: int) -> None:
    told = [*claims("a", "press-release", RELEASE), *(one for other in others for one in claims(*other))]
    for order in (told, told[::-1]):
        voices = origins(order)
        (name,) = survivors([claim for claim in order if claim.property is Property.NAME], voices)
        assert name.support == support
