"""Who and what may leave: by table, and for any person, clock, purpose and order of events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Property
from pipelines.rights.consents import standing as agreed
from pipelines.rights.contactability import Channel, May, Screen, Screened
from pipelines.rights.gate import Blocked, Wishes, Withheld, decide, protected, to_screen
from pipelines.rights.subjects import Held, Origin, Subject
from pipelines.rights.suppression import (
    ALL,
    NO_EMAIL,
    NO_TELEPHONE,
    RESTRICTION,
    SALE,
    Standing,
    for_purpose,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
PURPOSES = ("directory", "research")


def held(
    prop: Property, value: str, purpose: str, country: str, seen: datetime, days: int = 30, basis: str = "contract"
) -> Held:
    origin = Origin(f"{purpose}-{days}", "Noord NV", "company-site", purpose, basis, days)
    return Held(f"{prop}-{value}", "m", prop, value, 0, "https://noord.example/", country, "", seen, origin)


def person(
    purpose: str = "directory", country: str = "NL", told: datetime | None = None, basis: str = "contract"
) -> Subject:
    values = [
        held(Property.NAME, "Ada Noord", purpose, country, START, basis=basis),
        held(Property.JOB_TITLE, "Head", purpose, country, START, basis=basis),
    ]
    return Subject("p", "Ada Noord", values, {"directory": told} if told else {})


def wishes(*scopes: str, namesake: bool = False, consents: Iterable[str] = ()) -> Wishes:
    return Wishes(Standing(frozenset(scopes)), namesake, frozenset(consents))


CONSENTING = {"told": START, "basis": "consent"}


@pytest.mark.parametrize(
    ("subject", "day", "wanted", "withheld"),
    [
        (person(told=START), 5, wishes(), None),
        (person(told=START), 5, wishes(ALL), Withheld.SUPPRESSED),
        (person(told=START), 5, wishes(for_purpose("directory")), Withheld.SUPPRESSED),
        (person(told=START), 5, wishes(for_purpose("research")), None),
        (person(told=START), 5, wishes(RESTRICTION), Withheld.RESTRICTED),
        (person(told=START), 5, wishes(SALE), Withheld.SALE),
        (person(told=START), 5, wishes(NO_EMAIL, NO_TELEPHONE), None),
        (person(told=START), 5, wishes(namesake=True), Withheld.NAMESAKE),
        (person(told=START, basis="consent"), 5, wishes(), Withheld.NO_CONSENT),
        (person(told=START, basis="consent"), 5, wishes(consents=["email"]), Withheld.NO_CONSENT),
        (person(told=START, basis="consent"), 5, wishes(consents=["processing"]), None),
        (person(), 5, wishes(), Withheld.NOT_NOTIFIED),
        (person(country="US"), 5, wishes(), None),
        (person(country=""), 5, wishes(), Withheld.NOT_NOTIFIED),
        (person(told=START + timedelta(days=9)), 5, wishes(), Withheld.NOT_NOTIFIED),
        (person("research", told=START), 5, wishes(), Withheld.OTHER_PURPOSE),
        (person(told=START), 29, wishes(), None),
        (person(told=START), 30, wishes(), Withheld.EXPIRED),
    ],
)
def test_who_may_leave(subject: Subject, day: int, wanted: Wishes, withheld: Withheld | None) -> None:
    verdict = decide(subject, "directory", START + timedelta(days=day), wanted)
    assert verdict.withheld is withheld
    assert bool(verdict.held) is (withheld is None)


def test_values_leave_for_their_own_purpose_and_time_only() -> None:
    subject = person(told=START)
    subject.held += [
        held(Property.EMAIL, "ada@noord.example", "research", "NL", START),
        held(Property.TELEPHONE, "+31205550101", "directory", "NL", START, days=3),
    ]
    verdict = decide(subject, "directory", START + timedelta(days=5), Wishes())
    assert {one.property for one in verdict.held} == {Property.NAME, Property.JOB_TITLE}


def test_without_a_name_that_may_leave_nobody_does() -> None:
    subject = person(country="US")
    subject.held[0] = held(Property.NAME, "Ada Noord", "research", "US", START)
    assert decide(subject, "directory", START, Wishes()).withheld is Withheld.NO_NAME


NUMBER, TPS, CTPS = "+442079460001", Screen("gb-tps", 28), Screen("gb-ctps", 28)


def reachable(employer: str = "", number: str = NUMBER) -> Subject:
    subject = person(country="", told=START)
    subject.held += [
        held(Property.EMAIL, "ada@noord.example", "directory", "", START),
        held(Property.TELEPHONE, number, "directory", "", START),
        held(Property.FAX_NUMBER, "+442079460002", "directory", "", START),
    ]
    if employer:
        subject.held.append(held(Property.WORKS_FOR, employer, "directory", "", START))
    return subject


def properties(held_: Sequence[Held]) -> set[Property]:
    return {one.property for one in held_} & {Property.EMAIL, Property.TELEPHONE, Property.FAX_NUMBER}


EMAIL, TELEPHONE, FAX = Property.EMAIL, Property.TELEPHONE, Property.FAX_NUMBER


@pytest.mark.parametrize(
    ("employer", "scopes", "consents", "said", "leaving", "blocked"),
    [
        ("", (), (), {}, {EMAIL, FAX}, [(Channel.TELEPHONE, Blocked.NOT_SCREENED)]),
        ("", (), (), {TPS: Screened.LISTED}, {EMAIL, FAX}, [(Channel.TELEPHONE, Blocked.LISTED)]),
        ("", (), (), {TPS: Screened.FREE}, {EMAIL, TELEPHONE, FAX}, []),
        ("Noord Ltd", (), (), {TPS: Screened.FREE}, {EMAIL, FAX}, [(Channel.TELEPHONE, Blocked.NOT_SCREENED)]),
        ("Noord Ltd", (), (), {CTPS: Screened.FREE}, {EMAIL, TELEPHONE, FAX}, []),
        ("", (), ("telephone",), {}, {EMAIL, TELEPHONE, FAX}, []),
        ("", (NO_EMAIL,), (), {TPS: Screened.FREE}, {TELEPHONE, FAX}, [(Channel.EMAIL, Blocked.OBJECTED)]),
        ("", (NO_TELEPHONE,), ("telephone",), {}, {EMAIL}, [(Channel.TELEPHONE, Blocked.OBJECTED)]),
    ],
)
def test_a_closed_channel_keeps_its_values_here(
    employer: str,
    scopes: tuple[str, ...],
    consents: tuple[str, ...],
    said: dict[Screen, Screened],
    leaving: set[Property],
    blocked: list[tuple[Channel, Blocked]],
) -> None:
    wanted = Wishes(
        Standing(frozenset(scopes)),
        False,
        frozenset(consents),
        {(NUMBER, one): verdict for one, verdict in said.items()},
    )
    verdict = decide(reachable(employer), "directory", START, wanted)
    assert properties(verdict.held) == leaving
    assert list(verdict.blocked) == blocked


def test_a_dutch_sole_traders_telephone_is_not_to_be_called() -> None:
    verdict = decide(reachable("Eenmanszaak Noord", "+31205550101"), "directory", START, Wishes())
    assert verdict.contact[Channel.TELEPHONE].may is May.NO
    assert "sole trader" in verdict.contact[Channel.TELEPHONE].reason
    assert list(to_screen(reachable("Eenmanszaak Noord", "+31205550101"))) == []


MOMENTS = st.integers(-400, 900).map(lambda days: START + timedelta(days=days))
VALUES = st.builds(
    held,
    st.sampled_from([Property.NAME, Property.EMAIL, Property.TELEPHONE, Property.JOB_TITLE]),
    st.sampled_from(["Ada Noord", "ada@noord.example", "+31205550101", "+12125550101"]),
    st.sampled_from(PURPOSES),
    st.sampled_from(["", "NL", "US", "GB", "JP"]),
    MOMENTS,
    st.integers(1, 900),
    st.sampled_from(["contract", "consent"]),
)
EVENTS = st.lists(
    st.tuples(
        MOMENTS,
        st.sampled_from(["notice", "objection", "restriction", "lift", "agree", "withdraw", "no-email", "erase"]),
        st.sampled_from(PURPOSES),
    ),
    max_size=8,
)


def after(
    events: Iterable[tuple[datetime, str, str]], purpose: str, now: datetime
) -> tuple[dict[str, datetime], Wishes]:
    """Return what holds at a moment when these events have happened: notices by purpose, and the person's wishes."""
    told: dict[str, datetime] = {}
    scopes: set[str] = set()
    acts: list[tuple[datetime, bool, str]] = []
    for at, event, about in sorted(event for event in events if event[0] <= now):
        match event:
            case "notice":
                told.setdefault(about, at)
            case "objection":
                scopes.add(for_purpose(about))
            case "restriction" | "no-email" | "erase":
                scopes.add({"restriction": RESTRICTION, "no-email": NO_EMAIL, "erase": ALL}[event])
            case "lift":
                scopes.discard(RESTRICTION)
            case _ if about == purpose:
                acts.append((at, event == "withdraw", "processing"))
    return told, Wishes(Standing(frozenset(scopes)), consents=agreed(acts))


@given(st.lists(VALUES, max_size=6), EVENTS, MOMENTS, st.sampled_from(PURPOSES))
def test_nothing_leaves_that_may_not(
    values: list[Held], events: list[tuple[datetime, str, str]], now: datetime, purpose: str
) -> None:
    told, wanted = after(events, purpose, now)
    subject = Subject("p", "Ada Noord", values, told)
    verdict = decide(subject, purpose, now, wanted)
    if verdict.withheld:
        assert not verdict.held
        return
    past = [(at, event, about) for at, event, about in events if at <= now]
    assert "erase" not in {event for _, event, _ in past}
    assert purpose not in _objected(past)
    assert not protected(subject) or any(event == "notice" and about == purpose for _, event, about in past)
    restrictions = [(at, event) for at, event, _ in past if event in {"restriction", "lift"}]
    assert not restrictions or max(restrictions)[1] == "lift"
    for one in verdict.held:
        assert one.origin.purpose == purpose
        assert one.first_seen + timedelta(days=one.origin.retention_days) > now
        assert one.origin.legal_basis != "consent" or _last_agreed(past, purpose)
        assert one.property is not Property.EMAIL or "no-email" not in {event for _, event, _ in past}


def _objected(events: Iterable[tuple[datetime, str, str]]) -> set[str]:
    return {about for _, event, about in events if event == "objection"}


def _last_agreed(events: Iterable[tuple[datetime, str, str]], purpose: str) -> bool:
    """Return whether the latest word on a purpose was yes; in the same moment the withdrawal counts."""
    words = [
        (at, event == "withdraw") for at, event, about in events if event in {"agree", "withdraw"} and about == purpose
    ]
    return bool(words) and not max(words)[1]
