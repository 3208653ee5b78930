"""What a pair of prepared records says: rules that hold, each with a strength; no weights and no verdict here.

A rule's id is `property.level`, its strength 1 unless the rule measures something (a name's rarity in bits). Which
block proposed the pair is not known here, so it can make no difference.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from pipelines.resolution.agreement import NameAgreement, compare_names, given_level
from pipelines.resolution.aliases import pair_key
from pipelines.resolution.contacts import Mailbox, title_key
from pipelines.resolution.names import PersonName
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.workplace import address_level, organisation_level, telephone_level

#: A rule that holds, and how strongly.
Finding = tuple[str, float]


def best_names(a: Prepared, b: Prepared) -> tuple[PersonName, PersonName, NameAgreement] | None:
    """Return the two names that agree best, or None when one side has none."""
    found = [(one, other, compare_names(one, other)) for one in a.names for other in b.names]
    return max(found, key=lambda each: each[2].rank) if found else None


def person(a: Prepared, b: Prepared, statistics: Statistics) -> list[Finding]:
    """Return the findings about two people."""
    findings: list[Finding] = []
    found = best_names(a, b)
    kind = "missing"
    if found:
        kind = _kind(found[2])
        findings += _name_findings(a, b, found, statistics)
    findings += shared_findings(a, b, statistics)
    organisation = organisation_level(a, b, statistics)
    findings.append((f"organisation.{organisation}", 1.0))
    context = _context(findings, organisation)
    again = sum(rule in _AT_WORK_AGAIN for rule, _ in findings) - 1
    if again > 0:
        findings.append(("workplace.again", float(again)))
    findings.append((f"context.{kind}-{context}", 1.0))
    rarity = sum(strength for rule, strength in findings if rule.endswith(".rarity"))
    if kind != "other-family" and rarity:
        findings.append((f"rarity.{kind}-{context}", rarity))
    title = title_level(a, b, statistics)
    if title != "unknown":
        findings.append((f"title.{title}", 1.0))
        findings.append((f"job.{title}-{context}", 1.0))
        if title == "same":
            findings.append(("title.rarity", _title_rarity(a, b, statistics)))
    return findings


def organisation(a: Prepared, b: Prepared, statistics: Statistics) -> list[Finding]:
    """Return the findings about two organisations."""
    level = organisation_level(a, b, statistics)
    findings = [(f"firm.{level}", 1.0)]
    findings += [(f"firm-{rule}", strength) for rule, strength in shared_findings(a, b, statistics)]
    forms = [{firm.form for firm in one.organisations if firm.form} for one in (a, b)]
    if all(forms) and not forms[0] & forms[1]:
        findings.append(("firm.other-form", 1.0))
    return findings


def shared_findings(a: Prepared, b: Prepared, statistics: Statistics) -> list[Finding]:
    """Return the findings that people and organisations have in common: contact points and profiles."""
    levels = (
        ("telephone", telephone_level(a, b, statistics)),
        ("address", address_level(a, b, statistics)),
        ("mailbox", mailbox_level(a, b, statistics)),
        ("profile", profile_level(a, b, statistics)),
    )
    return [(f"{prop}.{level}", 1.0) for prop, level in levels if level != "unknown"]


def _kind(names: NameAgreement) -> str:
    """Return the name agreement in four words, for the rules that join it with the workplace."""
    if names.surname in {"different", "similar", "missing"}:
        return "other-family"
    if names.given in {"different", "similar"}:
        return "other-given"
    if names.given in {"initial", "initials", "missing"}:
        return "initial"
    return "full"


def _context(findings: list[Finding], organisation: str) -> str:
    """Return whether the workplace agrees, conflicts or is unknown."""
    if organisation in {"same", "affiliated", "similar", "implied"} or any(rule in _AT_WORK for rule, _ in findings):
        return "colleagues"
    return "elsewhere" if organisation in {"different", "other-implied"} else "unknown"


#: Details of one workplace: each after the first says less than it seems to, because they come together.
_AT_WORK_AGAIN = {
    "organisation.same", "organisation.affiliated", "organisation.similar", "organisation.implied",
    "telephone.direct", "telephone.few", "telephone.shared", "address.own", "address.same", "mailbox.domain",
}  # fmt: skip
_AT_WORK = {
    "telephone.extension", "telephone.direct", "telephone.few", "telephone.shared", "address.own", "address.same",
    "mailbox.same", "mailbox.generic", "mailbox.shared", "mailbox.spelling", "mailbox.other", "mailbox.domain",
}  # fmt: skip


def _name_findings(
    a: Prepared, b: Prepared, found: tuple[PersonName, PersonName, NameAgreement], statistics: Statistics
) -> list[Finding]:
    one, other, names = found
    given, surname = names.given, names.surname
    if given == "initial":
        given = hinted_level(a, b, one, other)
    if surname in {"different", "similar"} and (spells(a, other) or spells(b, one)):
        surname = "spelled"
    findings: list[Finding] = [(f"given.{given}", 1.0), (f"surname.{surname}", 1.0), (f"middle.{names.middle}", 1.0)]
    if names.swapped:
        findings.append(("order.swapped", 1.0))
    if one.generation != other.generation:
        findings.append(("generation.conflict" if one.generation and other.generation else "generation.one", 1.0))
    elif one.generation:
        findings.append(("generation.same", 1.0))
    if surname in {"same", "spelling", "rival", "part"}:
        findings.append(("surname.rarity", max(statistics.rarity(one), statistics.rarity(other))))
        firms = statistics.groups_of(a), statistics.groups_of(b)
        findings += _ambiguity(given, one, other, firms, statistics)
    return findings


def _ambiguity(
    given: str, one: PersonName, other: PersonName, firms: tuple[set[str], set[str]], statistics: Statistics
) -> list[Finding]:
    if given in {"initial", "initials", "missing"}:
        initial = (one.given or other.given)[:1]
        keys = [f"{initial} {name.family}" for name in (one, other)]
        if firms[0] & firms[1]:
            keys = [f"{key}@{firm}" for key in keys for firm in firms[0] & firms[1]]
            count = max(statistics.colleagues.get(key, 1) for key in keys)
            return [("initial.colleagues", min(5.0, (count - 1) ** 0.5))]
        count = max(statistics.initials.get(key, 1) for key in keys)
        return [("initial.ambiguous", min(5.0, (count - 1) ** 0.5))]
    if given in {"same", "variant", "spelling", "rival", "short", "hinted"}:
        full = one if len(one.given) > 1 else other
        count = max(statistics.namesakes.get(f"{name.given} {name.family}", 1) for name in (one, other))
        others = max(0, count - max(1, len(firms[0] | firms[1])))
        return [
            ("given.rarity", statistics.rarity_of_given(full.given)),
            ("namesakes.known", min(5.0, (count - 1) ** 0.5)),
            ("namesakes.others", min(5.0, others**0.5)),
        ]
    return []


def hinted_level(a: Prepared, b: Prepared, one: PersonName, other: PersonName) -> str:
    """Return what a mailbox or profile spells out for an initial: hinted, contradicted, or initial (nothing)."""
    initial, full, hints = (one, other, a.hints) if len(one.given) == 1 else (other, one, b.hints)
    spelled = [hint for hint in hints if given_level(hint, initial.given) == "initial"]
    if not spelled:
        return "initial"
    agrees = any(given_level(hint, full.given) in {"same", "variant", "spelling", "short"} for hint in spelled)
    return "hinted" if agrees else "contradicted"


def spells(a: Prepared, name: PersonName) -> bool:
    """Tell whether a personal mailbox or profile of a spells the surname of a name."""
    family = name.family
    if len(family) < 4:
        return False
    spelled = [box.local for box in a.mailboxes if not box.generic] + [page.slug for page in a.profiles]
    return any(family in "".join(filter(str.isalpha, text)) for text in spelled)


def mailbox_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return how mailboxes agree: same, shared, generic, spelling, same-local, other, domain, elsewhere, unknown."""
    if not a.mailboxes or not b.mailboxes:
        return "unknown"
    found = {_mailboxes(one, other, statistics) for one in a.mailboxes for other in b.mailboxes}
    order = ("same", "shared", "generic", "spelling", "same-local", "other", "domain", "elsewhere", "unknown")
    return next(level for level in order if level in found)


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


def profile_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return how profiles agree: same, shared (by several surnames), other (another id on one site), unknown."""
    found = set()
    for one in a.profiles:
        for other in b.profiles:
            if one.key == other.key:
                found.add("same" if statistics.profiles.get(one.key, 1) <= 1 else "shared")
            elif one.site == other.site and one.tokens and other.tokens:
                found.add("other")
    return next((level for level in ("same", "shared", "other") if level in found), "unknown")


def title_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return how job titles agree: same, akin (used for one another), similar, different, unknown."""
    if not a.titles or not b.titles:
        return "unknown"
    found = {_titles(one, other, statistics) for one in a.titles for other in b.titles}
    return next(level for level in ("same", "akin", "similar", "different") if level in found)


def _titles(a: frozenset[str], b: frozenset[str], statistics: Statistics) -> str:
    if a == b:
        return "same"
    if statistics.akin and pair_key(title_key(a), title_key(b)) in statistics.akin:
        return "akin"
    return "similar" if a <= b or b <= a or len(a & b) / len(a | b) >= 0.5 else "different"


def _title_rarity(a: Prepared, b: Prepared, statistics: Statistics) -> float:
    return max(statistics.rarity_of_title(title_key(one)) for one in a.titles if one in b.titles)
