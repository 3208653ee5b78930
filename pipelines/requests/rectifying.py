"""Rectification (Article 16 GDPR): what the person says is right outranks every page, and what is wrong stays out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from crawler.items import SCHEMA, Mention, MentionType, Method, Property, Value
from pipelines.errors import RefusedError, UsageError
from pipelines.master.models import CorrectionRow, PersonRow, StatementRow
from pipelines.master.prefixes import begins, is_prefix
from pipelines.master.upsert import chunks
from pipelines.requests.cases import Case, Desk
from pipelines.requests.restricting import Lines
from pipelines.requests.telling import known_as, received, rectification
from pipelines.resolution.corrections import correct, withdraw
from pipelines.sensitive import minimise_mention
from pipelines.values.clean import MentionRejected
from pipelines.values.mention import validate_mention

_PARTS = (Property.GIVEN_NAME, Property.FAMILY_NAME, Property.HONORIFIC_PREFIX, Property.HONORIFIC_SUFFIX)
#: A name that is read whatever it stands beside, where a change says none.
_STAND_IN = "Anna Muster"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a request wants set right, as it was said.

    `right` replaces every other value of its property, `more` stands beside them, `wrong` goes.
    """

    right: Mapping[Property, str] = field(default_factory=dict, repr=False)
    more: Mapping[Property, str] = field(default_factory=dict, repr=False)
    wrong: Sequence[tuple[Property, str]] = field(default=(), repr=False)
    country: str = ""

    def __bool__(self) -> bool:
        return bool(self.right or self.more or self.wrong)


def assignments(texts: Collection[str], option: str) -> list[tuple[Property, str]]:
    """Return (property, value) for texts such as "jobTitle=Head of Sales"; raises UsageError for anything else."""
    allowed = SCHEMA[MentionType.PERSON]
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        known = {prop.value.lower(): prop for prop in allowed}
        prop = known.get(name.strip().lower())
        if not equals or prop is None or not value.strip():
            names = ", ".join(sorted(one.value for one in allowed))
            raise UsageError(f"{option} is PROPERTY=VALUE, with a property of {names}")
        found.append((prop, value.strip()))
    return found


def checked(values: Mapping[Property, str], country: str = "") -> dict[Property, str]:
    """Return values in their normalised spelling, with the parts of a name that is among them.

    They go through the same readers and the same rules of minimising as what a page says. Raises RefusedError, which
    names the property and the rule and never the value.
    """
    mention = Mention(MentionType.PERSON, country=country)
    for prop, text in {Property.NAME: _STAND_IN, **values}.items():
        mention.add(prop, Value(text, Method.SOURCE, ""))
    try:
        disposals = validate_mention(mention, country)
    except MentionRejected as error:
        raise RefusedError(f"The name is none ({error.rule}).") from None
    disposals += minimise_mention(mention)
    for prop in values:
        if not mention.all(prop):
            rules = [one.rule for one in disposals if one.location == prop.value] or ["nothing is left of it"]
            raise RefusedError(f"{prop.value} cannot be set to that ({rules[0]}).")
    wanted = [*values, *(_PARTS if Property.NAME in values else ())]
    return {prop: mention.text(prop) for prop in wanted if mention.all(prop)}


def rectify(connection: Connection, case: Case, desk: Desk, changes: Changes) -> Lines:
    """Set right what is held about a person, and close the case; return what recipients of wrong values are told.

    The caller resolves what is pending afterwards, once for many requests.

    Raises RefusedError for a value that is none, or a wrong one that is not held.
    """
    lines: Lines = defaultdict(list)
    if case.person is None:
        case.done(desk.now, {})
        return lines
    right = checked(changes.right, changes.country)
    more = checked(changes.more, changes.country)
    held = _held(connection, case.person.everything)
    replaced = {prop: {value for value in held.get(prop, ()) if value != text} for prop, text in right.items()}
    for prop, text in changes.wrong:
        replaced.setdefault(prop, set()).add(_wrong(prop, text, held.get(prop, set()), changes.country))
    entity = min(case.person.entities)
    target = entity if entity in case.person.mentions else min(case.person.mentions)
    wrong = [(prop, value) for prop, values in replaced.items() for value in values]
    given = received(connection, [case.person.everything])[0]
    at = {} if Property.WORKS_FOR in {*right, *more} else _workplace(connection, entity, {*right, *more})
    correction = correct(
        connection, target, {**at, **more, **right}, replaces=wrong, by=desk.by, now=desk.now, later=True
    )
    told = {prop: (values, right.get(prop, "")) for prop, values in replaced.items() if values}
    ids = known_as(connection, case.person.entities, case.person.mentions)
    for one in given:
        line = rectification(one, ids, case.entry.id, desk.today, told)
        if line["changes"]:
            lines[one.recipient].append(line)
    counts = {"set": len(right), "added": len(more), "wrong": len(wrong), "correction": correction}
    case.done(desk.now, {**counts, "recipients": sorted(lines)})
    return lines


def take_back(connection: Connection, case: Case, desk: Desk, beginning: str) -> None:
    """Withdraw one correction of a person, and close the case; raises RefusedError when the person has no such one."""
    if not is_prefix(beginning):
        raise UsageError("--withdraw is the id of a correction, or its first 6 or more digits, as its receipt says it")
    held = case.person.corrections if case.person else set()
    live = CorrectionRow.withdrawn_at.is_(None)
    found = connection.scalars(select(CorrectionRow.id).where(begins(CorrectionRow.id, beginning), live)).all()
    own = [one for one in found if one in held]
    if len(own) != 1:
        raise RefusedError("This person has no correction of that id that still holds; there is nothing to withdraw.")
    withdraw(connection, own[0], desk.now)
    case.done(desk.now, {"withdrawn": 1, "correction": own[0]})


def _workplace(connection: Connection, entity: str, changed: Collection[Property]) -> dict[Property, str]:
    """Return the employer of today beside a title that changes: a job is both."""
    if Property.JOB_TITLE not in changed:
        return {}
    employer = connection.scalar(select(PersonRow.works_for).where(PersonRow.id == entity))
    return {Property.WORKS_FOR: employer} if employer else {}


def _held(connection: Connection, mentions: Collection[str]) -> dict[Property, set[str]]:
    found: dict[Property, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(mentions)):
        query = select(StatementRow.property, StatementRow.normalised).where(StatementRow.mention_id.in_(chunk))
        for prop, value in connection.execute(query):
            found[Property(prop)].add(value)
    return found


def _wrong(prop: Property, text: str, held: Collection[str], country: str) -> str:
    """Return the value that is held and that a text means: as it is written, in other letters, or normalised."""
    by_key = {value.casefold(): value for value in held}
    if found := by_key.get(text.casefold()):
        return found
    try:
        normalised = checked({prop: text}, country)[prop]
    except RefusedError:
        normalised = ""
    if normalised in held:
        return normalised
    raise RefusedError(f"No such {prop.value} is held about this person; `scrapy access` shows what is.")
