from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Property
from pipelines.rights.gate import Withheld, decide, protected
from pipelines.rights.subjects import Held, Origin, Subject

START = datetime(2026, 1, 1, tzinfo=UTC)
PURPOSES = ("directory", "research")


def held(prop: Property, value: str, purpose: str, country: str, seen: datetime, days: int = 30) -> Held:
    origin = Origin(f"{purpose}-{days}", "Noord NV", "company-site", purpose, "legitimate-interest", days)
    return Held(f"{prop}-{value}", "m", prop, value, 0, "https://noord.example/", country, "", seen, origin)


def person(purpose: str = "directory", country: str = "NL", days: int = 30, told: datetime | None = None) -> Subject:
    values = [
        held(Property.NAME, "Ada Noord", purpose, country, START, days),
        held(Property.JOB_TITLE, "Head", purpose, country, START, days),
    ]
    return Subject("p", "Ada Noord", values, {"directory": told} if told else {})


@pytest.mark.parametrize(
    ("subject", "day", "suppressed", "withheld"),
    [
        (person(told=START), 5, False, None),
        (person(told=START), 5, True, Withheld.SUPPRESSED),
        (person(), 5, False, Withheld.NOT_NOTIFIED),
        (person(country="US"), 5, False, None),
        (person(country=""), 5, False, Withheld.NOT_NOTIFIED),
        (person(told=START + timedelta(days=9)), 5, False, Withheld.NOT_NOTIFIED),
        (person("research", told=START), 5, False, Withheld.OTHER_PURPOSE),
        (person(told=START), 29, False, None),
        (person(told=START), 30, False, Withheld.EXPIRED),
    ],
)
def test_who_may_leave(subject: Subject, day: int, suppressed: bool, withheld: Withheld | None) -> None:
    verdict = decide(subject, "directory", START + timedelta(days=day), suppressed=suppressed)
    assert verdict.withheld is withheld
    assert bool(verdict.held) is (withheld is None)


def test_values_leave_for_their_own_purpose_and_time_only() -> None:
    subject = person(told=START)
    subject.held += [
        held(Property.EMAIL, "ada@noord.example", "research", "NL", START),
        held(Property.TELEPHONE, "+31205550101", "directory", "NL", START, days=3),
    ]
    verdict = decide(subject, "directory", START + timedelta(days=5), suppressed=False)
    assert {one.property for one in verdict.held} == {Property.NAME, Property.JOB_TITLE}


def test_without_a_name_that_may_leave_nobody_does() -> None:
    subject = person(country="US")
    subject.held[0] = held(Property.NAME, "Ada Noord", "research", "US", START)
    assert decide(subject, "directory", START, suppressed=False).withheld is Withheld.NO_NAME


VALUES = st.builds(
    held,
    st.sampled_from([Property.NAME, Property.EMAIL, Property.TELEPHONE, Property.JOB_TITLE]),
    st.sampled_from(["Ada Noord", "ada@noord.example", "+31205550101", "+12125550101"]),
    st.sampled_from(PURPOSES),
    st.sampled_from(["", "NL", "US", "GB", "JP"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  given a zone
    st.integers(1, 900),
)
TOLD = st.dictionaries(
    st.sampled_from(PURPOSES),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
NOW = st.datetimes(datetime(2025, 6, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(VALUES, max_size=6), TOLD, NOW, st.sampled_from(PURPOSES), st.booleans())
def test_nothing_leaves_that_may_not(
    values: list[Held], told: dict[str, datetime], now: datetime, purpose: str, suppressed: bool
) -> None:
    subject = Subject("p", "Ada Noord", values, told)
    verdict = decide(subject, purpose, now, suppressed=suppressed)
    if verdict.withheld:
        assert not verdict.held
        return
    assert not suppressed
    assert verdict.held
    for one in verdict.held:
        assert one.origin.purpose == purpose
        assert one.first_seen + timedelta(days=one.origin.retention_days) > now
    assert not protected(subject) or told[purpose] <= now
