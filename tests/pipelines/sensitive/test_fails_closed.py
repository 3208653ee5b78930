"""Whatever goes wrong in the stage, the item is dropped, and nothing that it held is said."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import DropItem

from crawler.items import Mention, MentionType, Method, Property, Value
from pipelines.errors import UsageError
from pipelines.minimise import Minimise
from pipelines.sensitive import mention as stage

SECRET = "qzxmarker"
ERRORS = [
    ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, RecursionError, RuntimeError, TypeError,
    UnicodeError, ValueError, ZeroDivisionError, UsageError, re.error,
]  # fmt: skip
RULES = [
    "private_contact", "identifiers", "business_title", "business_organisation", "no_employer", "trip", "trip_evidence",
    "rebuild", "window",
]  # fmt: skip


def item() -> Mention:
    mention = Mention(MentionType.PERSON, language="en", around=f"{SECRET} Alex Sample, Head of IT at Corvid Ltd")
    for prop, text in (
        (Property.NAME, "Alex Sample"), (Property.JOB_TITLE, "Head of IT"), (Property.WORKS_FOR, "Corvid Ltd"),
        (Property.EMAIL, "alex@corvid.example"),
    ):  # fmt: skip
        mention.add(prop, Value(text, Method.CARD, "/p", normalised=text, around=SECRET))
    return mention


class _Store:
    """Takes what the stage counts."""

    def __init__(self) -> None:
        self.pool: Any = Counter
        self.counted: list[Any] = []

    def tally(self, host: str, disposals: Any) -> None:
        self.counted += disposals


def _outcome(minimise: Minimise) -> tuple[str, Mention | None]:
    """Return what a drop says and what a stage lets pass; a drop quotes no other error."""
    try:
        return "", asyncio.run(minimise.process_item(item()))
    except DropItem as dropped:
        quoted = dropped.__cause__ or (None if dropped.__suppress_context__ else dropped.__context__)
        return f"{dropped}{quoted or ''}", None


@given(st.sampled_from(RULES), st.sampled_from(ERRORS), st.integers(0, 3))
def test_an_error_of_any_rule_drops_the_item(rule: str, error: type[Exception], calls: int) -> None:
    """The rule fails at its n-th call, so that it may have passed some values already."""
    real, left = getattr(stage, rule), [calls]

    def fails(*values: Any, **more: Any) -> Any:
        if not left[0]:
            raise error(f"{SECRET} {values}")
        left[0] -= 1
        return real(*values, **more)

    store, stats = _Store(), SimpleNamespace(inc_value=lambda key: None)
    minimise = Minimise(cast("Any", SimpleNamespace(stats=stats)), cast("Any", store))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, rule, fails)
        said, passed = _outcome(minimise)
    if passed is None:
        assert said == f"the minimising stage failed closed: {error.__name__}"
        assert [one.rule for one in store.counted] == ["failed-closed"]
        return
    assert left[0] >= 0  # the rule was not called so often
    assert SECRET not in repr(passed)
    assert passed.context == ""
