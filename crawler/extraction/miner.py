"""From the records of a page to mentions: titles, organisation, contacts, and whether this is a business contact."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import islice

from crawler.extraction.address_blocks import without_numbers
from crawler.extraction.addresses import printed
from crawler.extraction.affiliations import attach_affiliations
from crawler.extraction.bios import told_job
from crawler.extraction.confirm import confirm
from crawler.extraction.contacts import EMAIL, FAX, TELEPHONE, contacts, label_kind
from crawler.extraction.decode_elements import elements
from crawler.extraction.fields import job, profiles
from crawler.extraction.gate import excluded, in_business, is_people_page, speaks_of_the_dead, under_others
from crawler.extraction.lines import Line, lines, squeeze
from crawler.extraction.matching import drop_strangers, match_addresses
from crawler.extraction.meaning import is_listing, title_score
from crawler.extraction.merge import unite
from crawler.extraction.names import read_name
from crawler.extraction.organisation import employer_of, is_event, page_organisation
from crawler.extraction.parties import leave_to_others
from crawler.extraction.parts import Part, parts
from crawler.extraction.prose import Sighting, is_prose, sightings
from crawler.extraction.records import Record, Row, anchors, attach
from crawler.extraction.surroundings import countries, setting_of
from crawler.extraction.tables import attach_columns, cell, column_kind, unread_entries
from crawler.extraction.workplaces import locate, workplaces
from crawler.items import Disposal, Mention, MentionType, Method, Property, Value
from crawler.lexicon import fold
from crawler.page import Kind, Page

_SPELT = re.compile(r"[\[({<]\s*(?:at|dot|punkt)|https?:|www\.|\sAT\s")
_LOWER = re.compile(r"(?<![\w.@/-])[^\W\d_A-Z]{4,}(?![\w@/]|\.\w)")
_REMARK = re.compile(r"(?<=\S)\s*[(（][^()（）]*[)）]\s*$")
_PLACE_OF = {TELEPHONE: Property.TELEPHONE, FAX: Property.FAX_NUMBER, EMAIL: Property.EMAIL}
_MAX_LINE = 400
_MAX_PICTURES = 3_000
_SURE = 0.7  # score of a name that needs no other to vouch for it


def _lower_words(read: list[Line]) -> frozenset[str]:
    prose = (line.text for line in read if line.zone != "nav" and "@" not in line.text and len(line.text) > 30)
    return frozenset(
        word for text in prose if not _SPELT.search(text) for word in _LOWER.findall(text) if word.islower()
    )


def mine(page: Page, disposals: list[Disposal], explicit: list[Mention]) -> list[Mention]:
    """Return the mentions of a page's visible text, united with what more explicit readers found: people first."""
    read = _read(page, disposals)
    rows = [_row(line) for line in read]
    _listed(rows)
    confirm(rows, _lower_words(read))
    records = anchors(rows)
    if not records and page.root is not None:  # cards whose names stand in the pictures' alternative texts only
        read, rows, records = _from_pictures(page, read, rows)
    addresses = printed(rows, countries(page))
    without_numbers(rows, addresses)
    attach(rows, records, _columns)
    leave_to_others(rows, records)
    owner, where, sure = page_organisation(page, read)
    event = is_event(page, owner, read)
    titles = _title_headings(records)
    places = sorted({record.row.line.index for record in records})
    found: list[tuple[Record, Mention]] = []
    for record in records:
        rule = excluded(record, rows, owner)
        if rule:
            disposals.append(Disposal("extraction", "not-a-contact", "name", rule))
            continue
        found.append((record, _mention(page, record, titles)))
        _of_the_owner(found[-1][1], record, owner)
        _from_bio(found[-1][1], record, rows, _after(places, record.row.line.index, len(rows)))
    match_addresses(rows, found)
    for _, mention in found:
        drop_strangers(mention)
    setting = setting_of(page, rows, owner, event=event) if addresses else None
    offices = workplaces(rows, addresses, found, setting, disposals) if setting else []
    groups = Counter(record.group for record, mention in found if in_business(mention))
    listed = is_people_page(page, read)
    kept = []
    for record, mention in found:
        sibling = groups[record.group] * 2 > record.size or (listed and record.size > 2 and record.part.score >= 0.6)
        sibling = sibling or (listed and record.size == 2 and record.part.score >= 0.9)
        if in_business(mention) or sibling:
            kept.append(mention)
        else:
            disposals.append(Disposal("extraction", "no-business-context", "name", "people-gate"))
    kept += _from_prose(page, rows, owner)
    kept = unite([*explicit, *kept])
    for mention in kept:
        if mention.type is MentionType.PERSON and not mention.all(Property.WORKS_FOR):
            _employ(page, mention, read, owner)
    if owner and not event:
        for mention in kept:
            if mention.type is MentionType.PERSON and not mention.all(Property.WORKS_FOR):
                mention.add(Property.WORKS_FOR, Value(owner, Method.META, where, round(sure * 0.8, 2)))
    organisation = _organisation(page, rows, kept, (owner, where, sure))
    kept += locate(organisation, offices, kept, page)
    return unite([*kept, organisation]) if organisation is not None else kept


def _columns(rows: list[Row], by_line: dict[int, list[Record]]) -> None:
    attach_columns(rows, by_line)
    attach_affiliations(rows, by_line)


def _from_bio(mention: Mention, record: Record, rows: list[Row], ends: int) -> None:
    """Add the job that a biography below the name states, where the record itself states none."""
    if mention.all(Property.JOB_TITLE) and mention.all(Property.WORKS_FOR):
        return
    (title, organisation), row = told_job(record, rows, ends)
    if row is None:
        return
    if not mention.all(Property.JOB_TITLE):
        mention.add(Property.JOB_TITLE, _value(title, row, 0.7, "", Method.PROSE))
    if organisation and not mention.all(Property.WORKS_FOR):
        mention.add(Property.WORKS_FOR, _value(organisation, row, 0.7, "", Method.PROSE))


def _of_the_owner(mention: Mention, record: Record, owner: str) -> None:
    """Say whom somebody works for where the owner of the page stands below the name as a line of its own."""
    if mention.all(Property.WORKS_FOR) or not owner:
        return
    for row, part in record.own:
        if row.line.index >= record.row.line.index and fold(part.text) == fold(owner):
            mention.add(Property.WORKS_FOR, _value(owner, row, 0.8))
            return


def _after(places: list[int], place: int, end: int) -> int:
    """Return the first of some sorted places behind one, `end` where it is the last."""
    at = bisect_right(places, place)
    return places[at] if at < len(places) else end


def _from_pictures(page: Page, read: list[Line], rows: list[Row]) -> tuple[list[Line], list[Row], list[Record]]:
    alts = islice(page.root.iter("img"), _MAX_PICTURES) if page.root is not None else ()
    if sum(read_name(image.get("alt") or "").score >= _SURE for image in alts) < 2:
        return read, rows, []
    with_alts = lines(page.root, {}, alts=True)
    again = [_row(line) for line in with_alts]
    found = anchors(again)
    sure = Counter(record.row.line.sign for record in found if record.part.score >= _SURE)
    # Rarer names count as well beside pictures of the same markup that mostly show people.
    every = Counter(record.row.line.sign for record in found)
    records = [
        one for one in found if one.part.score >= _SURE or 2 * sure[one.row.line.sign] > every[one.row.line.sign]
    ]
    return (with_alts, again, records) if sure.total() > 1 else (read, rows, [])


def _read(page: Page, disposals: list[Disposal]) -> list[Line]:
    if page.kind is Kind.PDF:
        # PDFium takes its time to load, and few crawls meet a PDF.
        from crawler.extraction.document import document_lines  # noqa: PLC0415

        return document_lines(page, disposals)
    return lines(page.root, {hidden.element: hidden.address for hidden in elements(page)})


def _row(line: Line) -> Row:
    if line.zone == "nav":
        return Row(line, [])
    prose = is_prose(line)
    if prose:
        found = [Part("contact", one.text, one.start, one.end, contact=one, score=0.95) for one in contacts(line)]
        return Row(line, found, True, telling=bool(found) and any(sight.title for sight in sightings(line.text)))
    return Row(line, parts(line) if len(line.text) <= _MAX_LINE else [])


def _listed(rows: list[Row]) -> None:
    """Read long items of a list that begin with a name as the others do: "Jane Roe, Northgate College. Tides"."""
    led = Counter(row.line.sign for row in rows if row.line.tag == "li" and row.parts and row.parts[0].kind == "name")
    for row in rows:
        line = row.line
        if row.prose and led[line.sign] > 1 and len(line.text) <= _MAX_LINE:
            name, comma, _ = line.text.partition(",")
            if comma and read_name(name).score >= _SURE:
                row.parts, row.prose = parts(line), False


def _from_prose(page: Page, rows: list[Row], owner: str) -> list[Mention]:
    found, own = [], set(fold(owner).split())
    for row in rows:
        if not row.prose or row.owned or row.line.zone in {"nav", "comments"} or under_others(row):
            continue
        told = [sight for sight in sightings(row.line.text) if sight.title or sight.organisation]
        told = [sight for sight in told if not set(fold(sight.name.text).split()) <= own]
        told = [sight for sight in told if not speaks_of_the_dead(row.line.text, sight.start, sight.end)]
        for sight in told:
            mention = _sighted(page, row, sight)
            if len(told) == 1:
                _add_contacts(mention, row, [part for part in row.parts if part.start >= sight.end])
            found.append(mention)
    return found


def _sighted(page: Page, row: Row, sight: Sighting) -> Mention:
    around = row.line.text[max(0, sight.start - 200) : sight.end + 300]
    mention = Mention(
        MentionType.PERSON,
        locator=row.line.where(),
        confidence=round(sight.name.score * 0.9, 2),
        language=page.language,
        country=page.country,
        around=around,
    )
    said = {
        Property.NAME: sight.name.text,
        Property.JOB_TITLE: sight.title,
        Property.WORKS_FOR: sight.organisation,
    }
    for prop, text in said.items():
        if text:
            mention.add(prop, _value(text, row, 0.8, around, Method.PROSE))
    return mention


def _title_headings(records: list[Record]) -> frozenset[str]:
    """Return the markup of headings that mostly say what the people below them do."""
    seen: dict[str, dict[int, bool]] = defaultdict(dict)
    for record in records:
        for heading in record.headings[:1]:
            score = max((title_score(part.text) for part in heading.parts), default=0.0)
            seen[heading.line.sign][heading.line.index] = score >= 0.5
    return frozenset(sign for sign, said in seen.items() if len(said) > 2 and 3 * sum(said.values()) >= len(said))


def _value(text: str, row: Row, confidence: float, around: str = "", method: Method = Method.CARD) -> Value:
    if row.line.element is None:
        method = Method.PDF
    method = Method.TABLE if row.line.tag in {"td", "th"} and method is Method.CARD else method
    return Value(text, method, row.line.where(), round(confidence, 2), around=around or row.line.text[:200])


def _mention(page: Page, record: Record, titles: frozenset[str]) -> Mention:
    rows = {id(row): row for row, _ in record.own}
    mention = Mention(
        MentionType.PERSON,
        locator=record.row.line.where(),
        confidence=round(record.part.score, 2),
        language=page.language,
        country=page.country,
        around="\n".join(row.line.text for row in [record.row, *rows.values()])[:4000],
    )
    mention.add(Property.NAME, _value(record.part.name.text or record.part.text, record.row, record.part.score))
    work = job(record)
    for title, row, score in work.titles[:3]:
        mention.add(Property.JOB_TITLE, _value(title, row, score))
    if not work.titles:
        _inherit(mention, record, titles)
    for organisation, row, score in sorted(work.organisations, key=lambda one: -one[2])[:1]:
        if score >= 0.5:
            mention.add(Property.WORKS_FOR, _value(organisation, row, score))
    for row, part in record.own:
        _add_contacts(mention, row, [part])
    for href, row, elsewhere in profiles(record):
        mention.add(
            Property.SAME_AS if elsewhere else Property.URL, _value(page.absolute(href), row, 0.7, "", Method.LINK)
        )
    return mention


def _sentence_like(text: str) -> bool:
    found = text.split()
    return len(found) > 4 and 2 * sum(word[0].islower() for word in found) > len(found)


def _employ(page: Page, mention: Mention, read: list[Line], owner: str) -> None:
    """Add the employer that a work address at another host than the page's names, where the page writes it out."""
    address = mention.text(Property.EMAIL)
    domain = address.rpartition("@")[2].casefold()
    if not domain or (page.host and page.host.removeprefix("www.").endswith(domain)):
        return
    found = employer_of(address, read)
    if found is not None and fold(found[0]).replace(" ", "") not in fold(owner).replace(" ", ""):
        name, line = found
        mention.add(Property.WORKS_FOR, Value(name, Method.CARD, line.where(), 0.6, around=line.text[:200]))


def _add_contacts(mention: Mention, row: Row, found: list[Part]) -> None:
    for contact in (part.contact for part in found):
        if contact is not None and contact.kind in _PLACE_OF and label_kind(contact.label) != "private":
            method = Method.LINK if contact.explicit else Method.CARD
            mention.add(_PLACE_OF[contact.kind], _value(contact.text, row, 0.9, contact.before, method))


def _inherit(mention: Mention, record: Record, titles: frozenset[str]) -> None:
    for heading in record.headings:
        if heading.line.level == 1 and len(heading.line.text.split()) > 5:
            continue  # a headline
        if heading.line.tag == "th" and column_kind(heading.line.text) in {"name", "organisation"}:
            continue
        if is_listing(heading.line.text):
            continue
        score = max((title_score(part.text) for part in heading.parts), default=0.0)
        text = _REMARK.sub("", squeeze(heading.line.text)).strip(" :：.")
        if heading.line.sign in titles:
            score = max(score, 0.6)
        if score >= 0.55 and len(text) <= 80 and not _sentence_like(text):
            mention.add(Property.JOB_TITLE, _value(text, heading, 0.8 * score))
            return


def _organisation(page: Page, rows: list[Row], people: list[Mention], owner: tuple[str, str, float]) -> Mention | None:
    """Return the page's own organisation with the mailboxes and switchboards that belong to nobody.

    What stands in a table of people beside a strange mailbox belongs to somebody who was not read.
    """
    taken = {value.text.casefold() for mention in people for prop in _PLACE_OF.values() for value in mention.all(prop)}
    name, where, sure = owner
    mention = Mention(
        MentionType.ORGANISATION, locator=where, confidence=round(sure, 2), language=page.language, country=page.country
    )
    if name:
        mention.add(Property.NAME, Value(name, Method.META, where, round(sure, 2)))
    free, unread = 0, unread_entries(rows, taken, page.host)
    for row in rows:
        if (place := cell(row)) and place[:2] in unread:
            continue
        for part in row.parts:
            contact = part.contact
            if contact is None or contact.kind not in _PLACE_OF or contact.text.casefold() in taken:
                continue
            free += 1
            method = Method.LINK if contact.explicit else Method.CARD
            mention.add(_PLACE_OF[contact.kind], _value(contact.text, row, 0.7, contact.before, method))
    if not name and page.host and free:
        mention.add(Property.URL, Value(f"https://{page.host}/", Method.META, "", 0.5))
    return mention if name or free else None
