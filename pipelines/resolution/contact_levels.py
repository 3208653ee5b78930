"""How far the contact points, profiles and job titles of two records agree, as levels that carry no value."""

from __future__ import annotations

from rapidfuzz.distance import OSA

from pipelines.resolution.aliases import pair_key
from pipelines.resolution.contacts import Mailbox, Profile, title_key
from pipelines.resolution.statistics import Statistics

#: A job title as its canonical words.
Title = frozenset[str]

MAILBOX_LEVELS = ("same", "shared", "generic", "spelling", "same-local", "other", "domain", "elsewhere", "unknown")
PROFILE_LEVELS = ("same", "shared", "other", "unknown")
TITLE_LEVELS = ("same", "akin", "similar", "different", "unknown")


def mailbox_level(a: tuple[Mailbox, ...], b: tuple[Mailbox, ...], statistics: Statistics) -> str:
    """Return how mailboxes agree: one of `MAILBOX_LEVELS`, the strongest that any two of them show."""
    found = {_mailboxes(one, other, statistics) for one in a for other in b}
    return next((level for level in MAILBOX_LEVELS if level in found), "unknown")


def _mailboxes(a: Mailbox, b: Mailbox, statistics: Statistics) -> str:
    generic = a.generic or b.generic
    if a.key == b.key:
        return "generic" if generic else "same" if statistics.mailboxes.get(a.key, 1) <= 1 else "shared"
    if a.domain == b.domain:
        if generic:
            return "domain"
        return "spelling" if _slipped(a.local, b.local) else "other"
    if generic:
        return "unknown"
    return "same-local" if a.local == b.local and len(a.local) > 4 else "elsewhere"


def _slipped(a: str, b: str) -> bool:
    """Tell a slip in a mailbox from a second mailbox: one letter differs, but not a number at the end ("jansen2")."""
    return a.rstrip("0123456789") != b.rstrip("0123456789") and OSA.distance(a, b, score_cutoff=1) <= 1


def profile_level(a: tuple[Profile, ...], b: tuple[Profile, ...], statistics: Statistics) -> str:
    """Return how profiles agree: same, shared (by several surnames), other (another id on one site), unknown."""
    found = set()
    for one in a:
        for other in b:
            if one.key == other.key:
                found.add("same" if statistics.profiles.get(one.key, 1) <= 1 else "shared")
            elif one.site == other.site and one.tokens and other.tokens:
                found.add("other")
    return next((level for level in PROFILE_LEVELS if level in found), "unknown")


def title_level(a: tuple[Title, ...], b: tuple[Title, ...], statistics: Statistics) -> str:
    """Return how job titles agree: same, akin (used for one another), similar, different, unknown."""
    found = {_titles(one, other, statistics) for one in a for other in b}
    return next((level for level in TITLE_LEVELS if level in found), "unknown")


def _titles(a: Title, b: Title, statistics: Statistics) -> str:
    if a == b:
        return "same"
    if statistics.akin and pair_key(title_key(a), title_key(b)) in statistics.akin:
        return "akin"
    return "similar" if a <= b or b <= a or len(a & b) / len(a | b) >= 0.5 else "different"


def title_rarity(a: tuple[Title, ...], b: tuple[Title, ...], statistics: Statistics) -> float:
    """Return how rare the rarest title is that both have, in bits; 0 when they have none in common."""
    return max((statistics.rarity_of_title(title_key(one)) for one in a if one in b), default=0.0)
