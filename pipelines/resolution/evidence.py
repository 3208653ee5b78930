"""What a pair of prepared records says: rules that hold, each with a strength; no weights and no verdict here.

A rule's id is `property.level`, its strength 1 unless the rule measures something (a name's rarity in bits). Which
block proposed the pair is not known here, so it can make no difference; nor does the order of the two records.

The pieces depend on one property each, so that a batch (`scoring`) works every piece out once per distinct pair of
values: the names (`best_names`, `name_findings`), who else bears them where (`bearers`), the levels of the other
properties (`Levels`), and what they mean together (`joint`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from crawler.items import MentionType
from pipelines.resolution.agreement import NameAgreement, compare_names, given_level
from pipelines.resolution.contact_levels import mailbox_level, profile_level, title_level, title_rarity
from pipelines.resolution.contacts import Mailbox, Profile
from pipelines.resolution.names import PersonName
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.remembering import remembered
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.workplace import address_level, organisation_level, telephone_level

#: A rule that holds, and how strongly.
Finding = tuple[str, float]

#: Levels of a given name that an initial leaves, and of a surname that fits.
INITIALS = frozenset({"initial", "initials", "missing"})
FITTING = frozenset({"same", "spelling", "rival", "part"})
#: The kinds of name agreement that join with the workplace.
KINDS = ("missing", "other-family", "other-given", "initial", "full")
_NAMED = frozenset({"same", "variant", "spelling", "rival", "short", "hinted"})


class View(NamedTuple):
    """The two names that agree best, and how."""

    one: PersonName
    other: PersonName
    agreement: NameAgreement


class Levels(NamedTuple):
    """How far everything but the names agrees."""

    organisation: str
    telephone: str
    address: str
    mailbox: str
    profile: str
    title: str


class Strangers(NamedTuple):
    """What two people say before their employers are compared: `given` and `surname` are levels as `spelled_out` has
    them, empty where a side has no name; `findings` are those of `name_findings`, `levels` all but the employers'."""

    view: View | None
    given: str
    surname: str
    findings: tuple[Finding, ...]
    levels: tuple[str, str, str, str, str]


class Joint(NamedTuple):
    """What the levels mean together: the findings, and the rules that the rarity of names and titles counts under."""

    findings: tuple[Finding, ...]
    name_rarity: str
    title_rarity: str


def pair(a: Prepared, b: Prepared, statistics: Statistics) -> list[Finding]:
    """Return the findings about two records: as people where both are, else as organisations."""
    people = a.type is b.type is MentionType.PERSON
    return person(a, b, statistics) if people else organisation(a, b, statistics)


def person(a: Prepared, b: Prepared, statistics: Statistics) -> list[Finding]:
    """Return the findings about two people."""
    return acquainted(a, b, strangers(a, b, statistics), statistics)


def strangers(a: Prepared, b: Prepared, statistics: Statistics) -> Strangers:
    """Return what two people say without their employers, whose comparison costs as much as all the rest."""
    view = best_names(a.names, b.names)
    given, surname = spelled_out(a, b, view) if view else ("", "")
    findings = name_findings(view, given, surname, statistics) if view else ()
    return Strangers(view, given, surname, tuple(findings), contact_levels_of(a, b, statistics))


def acquainted(a: Prepared, b: Prepared, known: Strangers, statistics: Statistics) -> list[Finding]:
    """Return the findings about two people of whom all but the employers is known."""
    findings = list(known.findings)
    if known.view and depends_on_firms(known.given, known.surname):
        firms = statistics.groups_of(a), statistics.groups_of(b)
        findings += bearers(known.view[:2], known.given, firms, statistics)
    levels = Levels(organisation_level(a, b, statistics), *known.levels)
    together = joint(kind_of(known.view), levels)
    if together.name_rarity:
        findings.append((together.name_rarity, rarity_in(findings)))
    if together.title_rarity:
        findings.append((together.title_rarity, title_rarity(a.titles, b.titles, statistics)))
    findings += together.findings
    return findings


def organisation(a: Prepared, b: Prepared, statistics: Statistics) -> list[Finding]:
    """Return the findings about two organisations."""
    levels = levels_of(a, b, statistics)
    findings = [(f"firm.{levels.organisation}", 1.0)]
    findings += [(f"firm-{rule}", strength) for rule, strength in _contact_findings(levels)]
    forms = [{firm.form for firm in one.organisations if firm.form} for one in (a, b)]
    if all(forms) and not forms[0] & forms[1]:
        findings.append(("firm.other-form", 1.0))
    return findings


def best_names(a: tuple[PersonName, ...], b: tuple[PersonName, ...]) -> View | None:
    """Return the two names that agree best, or None when one side has none."""
    found = [View(one, other, compare_names(one, other)) for one in a for other in b]
    if len(found) < 2:
        return found[0] if found else None
    return max(found, key=lambda view: (view.agreement.rank, *sorted((view.one.key, view.other.key))))


def levels_of(a: Prepared, b: Prepared, statistics: Statistics) -> Levels:
    """Return the levels of everything but the names."""
    return Levels(organisation_level(a, b, statistics), *contact_levels_of(a, b, statistics))


def contact_levels_of(a: Prepared, b: Prepared, statistics: Statistics) -> tuple[str, str, str, str, str]:
    """Return the levels of everything but the names and the employers, in the order of `Levels`."""
    return (
        telephone_level(a.telephones, b.telephones, statistics),
        address_level(a.addresses, b.addresses, statistics),
        mailbox_level(a.mailboxes, b.mailboxes, statistics),
        profile_level(a.profiles, b.profiles, statistics),
        title_level(a.titles, b.titles, statistics),
    )


def _contact_findings(levels: Levels) -> list[Finding]:
    listed = zip(("telephone", "address", "mailbox", "profile"), levels[1:5], strict=True)
    return [(f"{prop}.{level}", 1.0) for prop, level in listed if level != "unknown"]


@remembered(1 << 12)
def joint(kind: str, levels: Levels) -> Joint:
    """Return what the levels mean together, for names of one `kind_of` agreement."""
    findings = [(f"organisation.{levels.organisation}", 1.0), *_contact_findings(levels)]
    rules = {rule for rule, _ in findings}
    context = _context(rules, levels.organisation)
    again = len(rules & _AT_WORK_AGAIN) - 1
    if again > 0:
        findings.append(("workplace.again", float(again)))
    findings.append((f"context.{kind}-{context}", 1.0))
    if levels.title != "unknown":
        findings += [(f"title.{levels.title}", 1.0), (f"job.{levels.title}-{context}", 1.0)]
    named = kind not in {"other-family", "missing"}
    return Joint(
        tuple(findings),
        f"rarity.{kind}-{context}" if named else "",
        "title.rarity" if levels.title == "same" else "",
    )


def kind_of(view: View | None) -> str:
    """Return the name agreement in a word or two, for the rules that join it with the workplace."""
    if view is None:
        return "missing"
    return kind_of_levels(view.agreement.given, view.agreement.surname)


def kind_of_levels(given: str, surname: str) -> str:
    """Return the kind of an agreement by its levels."""
    if surname in {"different", "similar", "missing"}:
        return "other-family"
    if given in {"different", "similar"}:
        return "other-given"
    return "initial" if given in INITIALS else "full"


def _context(rules: set[str], organisation: str) -> str:
    """Return whether the workplace agrees, conflicts or is unknown."""
    if organisation in {"same", "affiliated", "similar", "implied"} or rules & _AT_WORK:
        return "colleagues"
    return "elsewhere" if organisation in {"different", "other-implied"} else "unknown"


#: Details of one workplace: each after the first says less than it seems to, because they come together.
_AT_WORK_AGAIN = frozenset({
    "organisation.same", "organisation.affiliated", "organisation.similar", "organisation.implied",
    "telephone.direct", "telephone.few", "telephone.shared", "address.own", "address.same", "mailbox.domain",
})  # fmt: skip
_AT_WORK = frozenset({
    "telephone.extension", "telephone.direct", "telephone.few", "telephone.shared", "address.own", "address.same",
    "mailbox.same", "mailbox.generic", "mailbox.shared", "mailbox.spelling", "mailbox.other", "mailbox.domain",
})  # fmt: skip


def name_findings(view: View, given: str, surname: str, statistics: Statistics) -> list[Finding]:
    """Return what the names say, their levels being as `spelled_out` left them."""
    one, other, names = view
    findings: list[Finding] = [(f"given.{given}", 1.0), (f"surname.{surname}", 1.0), (f"middle.{names.middle}", 1.0)]
    if names.swapped:
        findings.append(("order.swapped", 1.0))
    if one.generation != other.generation:
        findings.append(("generation.conflict" if one.generation and other.generation else "generation.one", 1.0))
    elif one.generation:
        findings.append(("generation.same", 1.0))
    if surname in FITTING:
        rarity = max(statistics.rarity(one), statistics.rarity(other))
        findings.append(("surname.rarity", min(rarity, statistics.rarest(initial=given in INITIALS))))
        if given in _NAMED:
            full = [name.given for name in (one, other) if len(name.given) > 1]
            findings.append(("given.rarity", max(map(statistics.rarity_of_given, full), default=0.0)))
            findings.append(("namesakes.known", _root(namesakes(view[:2], statistics) - 1)))
    return findings


def rarity_in(findings: Iterable[Finding]) -> float:
    """Return the rarity of given name and surname together, in bits."""
    return sum(strength for rule, strength in findings if rule in {"surname.rarity", "given.rarity"})


def is_named(given: str) -> bool:
    """Tell whether a level means that both given names are written out and fit."""
    return given in _NAMED


def depends_on_firms(given: str, surname: str) -> bool:
    """Tell whether `bearers` has something to say."""
    return surname in FITTING and (given in INITIALS or given in _NAMED)


#: The rules of `bearers`.
BEARERS = ("namesakes.others", "initial.ambiguous", "initial.colleagues")


def bearers(
    names: tuple[PersonName, PersonName], given: str, firms: tuple[set[str], set[str]], statistics: Statistics
) -> list[Finding]:
    """Return how many others bear these names: at the employers that both have, else anywhere."""
    one, other = names
    if given in _NAMED:
        others = namesakes(names, statistics) - max(1, len(firms[0] | firms[1]))
        return [("namesakes.others", _root(others))]
    letters = {name.given[:1] for name in (one, other)} - {""}
    keys = [f"{letter} {name.family}" for name in (one, other) for letter in sorted(letters)]
    if not firms[0] & firms[1]:
        return [("initial.ambiguous", _root(max((statistics.initials.get(key, 1) for key in keys), default=1) - 1))]
    keys = [f"{key}@{firm}" for key in keys for firm in firms[0] & firms[1]]
    return [("initial.colleagues", _root(max((statistics.colleagues.get(key, 1) for key in keys), default=1) - 1))]


def namesakes(names: tuple[PersonName, PersonName], statistics: Statistics) -> int:
    """Return at how many employers the commoner of the two full names is found."""
    return max(statistics.namesakes.get(f"{name.given} {name.family}", 1) for name in names)


def _root(count: int) -> float:
    """Return a count so that the difference between one and two says more than that between eight and nine."""
    return float(min(5.0, max(0, count) ** 0.5))


def spelled_out(a: Prepared, b: Prepared, view: View) -> tuple[str, str]:
    """Return the levels of given name and surname, after mailboxes and profiles have spelled out what they can."""
    given, surname = view.agreement.given, view.agreement.surname
    if given == "initial":
        given = hinted_level(a, b, view)
    if surname in {"different", "similar"} and (
        spells(a.mailboxes, a.profiles, view.other) or spells(b.mailboxes, b.profiles, view.one)
    ):
        surname = "spelled"
    return given, surname


def hinted_level(a: Prepared, b: Prepared, view: View) -> str:
    """Return what a mailbox or profile spells out for an initial: hinted, contradicted, or initial (nothing)."""
    one, other, _ = view
    initial, full, hints = (one, other, a.hints) if len(one.given) == 1 else (other, one, b.hints)
    return hinted_by(hints, initial.given, full.given)


def hinted_by(hints: frozenset[str], initial: str, full: str) -> str:
    """Return what spelled-out words say of an initial and a given name in full."""
    spelled = [hint for hint in hints if given_level(hint, initial) == "initial"]
    if not spelled:
        return "initial"
    agrees = any(given_level(hint, full) in {"same", "variant", "spelling", "short"} for hint in spelled)
    return "hinted" if agrees else "contradicted"


def spells(mailboxes: tuple[Mailbox, ...], profiles: tuple[Profile, ...], name: PersonName) -> bool:
    """Tell whether a personal mailbox or profile spells the surname of a name."""
    family = name.family
    return len(family) > 3 and any(family in letters for letters in letters_of(mailboxes, profiles))


@remembered(1 << 12)
def letters_of(mailboxes: tuple[Mailbox, ...], profiles: tuple[Profile, ...]) -> tuple[str, ...]:
    """Return the letters of each personal local part and each profile."""
    spelled = [box.local for box in mailboxes if not box.generic] + [page.slug for page in profiles]
    return tuple("".join(filter(str.isalpha, text)) for text in spelled)
