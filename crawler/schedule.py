"""How often a known page is asked for again, and how long what it no longer shows is kept.

The defaults follow how fast a kind of place goes out of date (Art. 5(1)(d) GDPR asks for accuracy): a team page
changes with every hire, an annual report never does. A source states others with `revisit`, see docs/site-rights.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from crawler.items import Revisit

#: Days after which a page of a kind is asked for again even though no link leads to it any more.
VERIFY_DAYS: Mapping[str, int] = {
    "register": 7,
    "company-site": 14,
    "directory": 14,
    "profile": 14,
    "association": 30,
    "community": 30,
    "conference": 30,
    "trade-fair": 30,
    "user-group": 30,
    "blog": 60,
    "news": 60,
    "newsletter": 60,
    "press-release": 60,
    "journal": 90,
    "magazine": 90,
    "publication": 90,
    "technical-document": 90,
    "annual-report": 180,
}
#: For kinds that are not listed.
OTHERWISE = 30
KEYS = frozenset({"verify_days", "grace_days", "missing_days", "unreachable_days"})


def schedule(kind: str, stated: object) -> Revisit:
    """Return the schedule of a source of a kind; `stated` is the `revisit` table of its declaration.

    Raises ValueError, with a sentence for the register's author, when that is no table of these keys and of whole
    numbers of days; `grace_days` and `missing_days` may be 0, the others not.
    """
    if not isinstance(stated, Mapping) or not set(stated) <= KEYS:
        raise ValueError(f"revisit is a table with some of {', '.join(sorted(KEYS))}")
    for key, days in stated.items():
        if type(days) is not int or days < (key in {"verify_days", "unreachable_days"}):
            raise ValueError(f"revisit.{key} is a whole number of days")
    return Revisit(**{"verify_days": VERIFY_DAYS.get(kind, OTHERWISE), **stated})
