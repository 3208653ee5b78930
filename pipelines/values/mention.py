"""Validate a whole mention: every value in its normalised spelling, or not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crawler.items import SCHEMA, Disposal, Mention, MentionType, Property, Value
from pipelines.values.address import address
from pipelines.values.clean import Clean, MentionRejected, Rejected
from pipelines.values.email import email
from pipelines.values.name import PersonName, person_name
from pipelines.values.organisation import organisation
from pipelines.values.phone import phone
from pipelines.values.text import tidy
from pipelines.values.title import title
from pipelines.values.url import url

STAGE = "validate"
_FAX = ("fax", "faks")
_READERS: dict[Property, Callable[[str], Clean | Rejected]] = {
    Property.EMAIL: email,
    Property.WORKS_FOR: organisation,
    Property.ALTERNATE_NAME: organisation,
    Property.WORK_LOCATION: address,
    Property.URL: url,
    Property.SAME_AS: url,
}
_PARTS = (Property.GIVEN_NAME, Property.FAMILY_NAME, Property.HONORIFIC_PREFIX, Property.HONORIFIC_SUFFIX)
#: A courtesy title states gender; the audit counts it where it belongs.
_CATEGORY = {
    "courtesy-title": "gender",
    "nobility-title": "ethnic-origin",
    "religious-title": "religion",
    "religious-order": "religion",
    "name-remark": "unknown-remark",
    "title-clause": "unknown-remark",
}


def validate_mention(mention: Mention, country: str = "") -> list[Disposal]:
    """Normalise every value of a mention in place and remove those that are none.

    `country` (ISO 3166-1 alpha-2, the mention's own if empty) is where its telephone numbers are dialled. A person's
    name also yields given and family name, prefix and suffix, unless the source states them itself.
    Returns what was not kept; raises `MentionRejected` when no valid name is left.
    """
    disposals = _close(mention)
    _move_fax(mention)
    if mention.type is MentionType.PERSON:
        _compose_name(mention)
        _validate_names(mention, disposals)
    else:
        _validate(mention, Property.NAME, organisation, disposals)
    if not mention.all(Property.NAME):
        raise MentionRejected(disposals[-1].rule if disposals else "name-missing", disposals)
    region = country or mention.country
    language = _language(mention)
    for prop in list(mention.values):
        if prop in (Property.TELEPHONE, Property.FAX_NUMBER):
            _validate(mention, prop, lambda text: phone(text, region), disposals)
        elif prop is Property.JOB_TITLE:
            _validate(mention, prop, lambda text: title(text, language), disposals)
        elif reader := _READERS.get(prop):
            _validate(mention, prop, reader, disposals)
    return disposals


def _language(mention: Mention) -> str:
    return mention.language.split("-", 1)[0].lower()


def _close(mention: Mention) -> list[Disposal]:
    """Enforce the closed schema: what `SCHEMA` does not name for this type is removed."""
    unknown = [prop for prop in mention.values if prop not in SCHEMA[mention.type]]
    return [
        Disposal(STAGE, "unknown-property", value.method.value, "closed-schema")
        for prop in unknown
        for value in mention.values.pop(prop)
    ]


def _move_fax(mention: Mention) -> None:
    """A number under the label "Fax" is a fax number, wherever it was listed."""
    numbers = mention.all(Property.TELEPHONE)
    faxes = [value for value in numbers if any(cue in f"{value.context} {value.text}".casefold() for cue in _FAX)]
    if faxes:
        mention.values[Property.TELEPHONE] = [value for value in numbers if value not in faxes]
        for value in faxes:
            mention.add(Property.FAX_NUMBER, value)


def _compose_name(mention: Mention) -> None:
    """Write a full name for a source that states only its parts."""
    given, family = mention.text(Property.GIVEN_NAME), mention.text(Property.FAMILY_NAME)
    if not mention.all(Property.NAME) and given and family:
        part = mention.all(Property.GIVEN_NAME)[0]
        mention.add(Property.NAME, Value(f"{given} {family}", part.method, part.locator, part.confidence))


def _validate(
    mention: Mention, prop: Property, reader: Callable[[str], Clean | Rejected], disposals: list[Disposal]
) -> None:
    """Run one reader over the readings of one property; equal results of one job count once."""
    kept: dict[tuple[str, int], Value] = {}
    for value in mention.all(prop):
        read = reader(value.text)
        if isinstance(read, Rejected):
            disposals.append(Disposal(STAGE, "invalid", prop.value, read.rule))
            continue
        disposals.extend(_noted(read.notes, prop))
        value.normalised = read.text
        kept.setdefault((read.text, value.employment), value)
    _put(mention, prop, kept.values())


def _validate_names(mention: Mention, disposals: list[Disposal]) -> None:
    language = _language(mention)
    stated = {prop for prop in _PARTS if mention.all(prop)}
    kept: dict[str, Value] = {}
    for value in mention.all(Property.NAME):
        read = person_name(value.text, language)
        if isinstance(read, Rejected):
            disposals.append(Disposal(STAGE, "invalid", Property.NAME.value, read.rule))
            continue
        disposals.extend(_noted(read.notes, Property.NAME))
        value.normalised = read.name
        if kept.setdefault(read.name, value) is value:
            _add_parts(mention, value, read, stated)
    _put(mention, Property.NAME, kept.values())
    for prop in stated:
        _validate(mention, prop, lambda text, prop=prop: _name_part(prop, text, language), disposals)  # type: ignore[misc]


def _add_parts(mention: Mention, value: Value, read: PersonName, stated: set[Property]) -> None:
    for prop, text in zip(_PARTS, (read.given, read.family, read.prefix, read.suffix), strict=True):
        if text and prop not in stated:
            part = Value(text, value.method, value.locator, value.confidence, normalised=text)
            mention.add(prop, part)


def _name_part(prop: Property, text: str, language: str) -> Clean | Rejected:
    """Read a part of a name that the source states itself; honorifics are read beside a stand-in name."""
    if prop in (Property.GIVEN_NAME, Property.FAMILY_NAME):
        read = person_name(text, language)
        return read if isinstance(read, Rejected) else Clean(read.name, read.notes)
    stand_in = "Anna Muster"
    written = tidy(text)
    read = person_name(
        f"{written} {stand_in}" if prop is Property.HONORIFIC_PREFIX else f"{stand_in}, {written}", language
    )
    if isinstance(read, Rejected) or read.name != stand_in:
        return Rejected("honorific-unknown")
    kept = read.prefix if prop is Property.HONORIFIC_PREFIX else read.suffix
    return Clean(kept, read.notes) if kept else Rejected(read.notes[0] if read.notes else "honorific-unknown")


def _noted(notes: Iterable[str], prop: Property) -> list[Disposal]:
    return [Disposal(STAGE, _CATEGORY.get(note, "unknown-remark"), prop.value, note, "transform") for note in notes]


def _put(mention: Mention, prop: Property, values: Iterable[Value]) -> None:
    kept = list(values)
    if kept:
        mention.values[prop] = kept
    else:
        mention.values.pop(prop, None)
