"""What stands around a printed address, and what that says about whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import unquote, urlsplit

from crawler.extraction import postal
from crawler.extraction.address_blocks import Printed, around
from crawler.extraction.contacts import EMAIL, FAX, TELEPHONE, label_kind
from crawler.extraction.meaning import legal_forms, organisation_score, title_score, word_class
from crawler.extraction.names import read_name
from crawler.extraction.organisation import fits_host, host_name, plausible
from crawler.extraction.records import Row
from crawler.lexicon import fold
from crawler.page import Page
from crawler.remembering import REPEATS

_LONGEST_LABEL = 60
_SHARED = 0.5  # of the words that tell an owner from others, those that a line must have to name it
_ORGANISATION = 0.8  # score from which a line is the name of an organisation
_PERSON = 0.7  # score from which a text is somebody's name
_SPREAD = 3  # lines that the name of an organisation is spread over
_UNIT, _OFFICE = 0.5, 0.75  # what `title_score` gives a department or body, and somebody's office
_TOP_LEVEL = {"uk": "gb"}
_REACHED = frozenset({EMAIL, TELEPHONE, FAX})
_BRACKETED = re.compile(r"\([^()]*")
_WORDS = re.compile(r"\w+")


@dataclass(slots=True, frozen=True)
class Setting:
    """What a page says about all of its addresses: its owner, and whether it is about an event, contacts or privacy."""

    owner: str
    host: str
    event: bool
    contact: bool
    privacy: bool


def setting_of(page: Page, rows: Sequence[Row], owner: str, *, event: bool) -> Setting:
    """Return what the title, the address and the first heading of a page say about its addresses."""
    title = page.root.find(".//title") if page.root is not None else None
    path = unquote(urlsplit(page.url).path).rstrip("/").rpartition("/")[2]
    claims = [row.line.text for row in rows if row.line.level == 1][:2]
    claims += re.split(r"\s[|–—-]\s", title.text or "")[:3] if title is not None else []
    claims.append(re.sub(r"\.\w+$|[-_+%]", " ", path))
    short = [claim for claim in claims if claim and len(claim) < _LONGEST_LABEL]
    contact = any(heads_contact(claim) or postal.said(claim, "imprint") for claim in short)
    owner = "" if _is_person(owner) else owner  # where somebody's own page gives an address, it may be a home
    return Setting(owner, host_name(page), event, contact, any(postal.said(claim, "privacy") for claim in short))


def countries(page: Page) -> frozenset[str]:
    """Return the countries that a page speaks of: its source's, its top-level domain's, those of its language."""
    last = page.host.rpartition(".")[2]
    language, _, region = page.read_in.lower().partition("-")
    said = {page.country.lower(), _TOP_LEVEL.get(last, last), region} | postal.spoken_in(language)
    return frozenset(one for one in said if len(one) == 2)


def heads_contact(text: str) -> bool:
    """Tell whether a heading says that contacts follow: "Contact us", "Impressum"."""
    if len(text) > _LONGEST_LABEL:
        return False
    return fold(text).strip(" :：.!?") in word_class("cues", "contact") or postal.said(text, "contact")


@lru_cache(maxsize=REPEATS)
def _telling(name: str) -> frozenset[str]:
    """Return the words of a name that tell it from others: long ones, and no legal form."""
    found = [word for word in _WORDS.findall(fold(name)) if word not in legal_forms()]
    return frozenset(word for word in found if len(word) > 3) or frozenset(word for word in found if len(word) > 1)


def _is_person(text: str) -> bool:
    return read_name(text).score >= _PERSON and organisation_score(text) < _UNIT


def _names_part(text: str) -> bool:
    """Tell whether a line is a part of an address, or the label of one."""
    return postal.is_unit(text) or postal.is_part(text) or postal.country(text)


def _is_organisation(text: str) -> bool:
    found = fold(text).replace(".", "").split()
    formed = 1 < len(found) < 9 and found[-1] in legal_forms()
    return formed or (organisation_score(text) >= _ORGANISATION and title_score(text) < _UNIT)


def _is_bare_name(row: Row) -> bool:
    return len(row.parts) == 1 and row.parts[0].kind == "name"


class Surroundings:
    """The lines around one address, `above` nearest first, and what they say."""

    def __init__(self, rows: Sequence[Row], address: Printed, setting: Setting) -> None:
        self.address = address
        self.rows = rows
        self.setting = setting
        self.above, self.below = around(rows, address)

    @cached_property
    def _own_words(self) -> frozenset[str]:
        return frozenset(_WORDS.findall(fold(self.address.text)))

    @cached_property
    def texts(self) -> list[str]:
        """What stands before the address, nearest first."""
        texts = (self.address.before, self.address.label, *(row.line.text.strip() for row in self.above))
        return [text for text in texts if text]

    @property
    def context(self) -> str:
        """The lines that tell whether an address is a home, for the minimising stage."""
        lines = [row.line.text for row in reversed(self.above[:3]) if len(row.line.text) <= 120]
        lines += [self.rows[at].line.text for at in range(self.address.first, self.address.last + 1)]
        return "\n".join(lines)[:600]

    def _names_owner(self, text: str) -> bool:
        """Tell whether a text names the page's owner: by half of its telling words, or as the host does.

        The name of the town tells nothing: a theatre of Westmark is not the council of Westmark.
        """
        telling, said = _telling(self.setting.owner) - self._own_words, _telling(text) - self._own_words
        shared = len(telling & said)
        if shared and (shared >= _SHARED * len(telling) or shared == len(said)):
            return True
        return bool(said) and fits_host(self.setting.owner, self.setting.host) and self._fits_host(text)

    def _fits_host(self, text: str) -> bool:
        """Tell whether a text is what the host is called by: "Roe House" at `www.roe-house.example`."""
        if not 4 <= len(text) <= _LONGEST_LABEL or any(char.isdigit() for char in text) or self._announces(text):
            return False
        return fits_host(text, self.setting.host)

    @cached_property
    def name_owner(self) -> bool:
        """Whether the owner is named before the address, with nothing between that speaks of anybody else."""
        if self.address.before:
            return self._names_owner(self.address.before) or (self._introduced and self._named_above)
        return self._named_above

    @property
    def _named_above(self) -> bool:
        """Whether the owner is named above; its name may be spread over lines of one element.

        Between the two may stand labels, departments, and a name by itself, as of who receives the letters.
        """
        spread: list[str] = []
        for row in self.above:
            text = row.line.text.strip()
            spread = [text, *spread][:_SPREAD]
            if self._names_owner(text) or self._names_owner(" ".join(spread)):
                return True
            piece = bool(_telling(text) & _telling(self.setting.owner) - self._own_words)
            if not (piece or self._innocent(row) or _is_bare_name(row)):
                return False
        return False

    @cached_property
    def name_others(self) -> bool:
        """Whether a line or heading says that the address is a home, somebody else's, or where an event is held."""
        short = [text for text in self.texts if len(text) <= _LONGEST_LABEL]
        if self._private or any(label_kind(text) == "private" for text in short):
            return True
        headings = [row.line.text for row in self.above if row.line.level or row.line.text.endswith((":", "："))]
        announcing = {self.address.label, *(text for text in headings if not self._announces(text))}
        return any(self._says_other(text, announcing=text in announcing) for text in short)

    @property
    def _private(self) -> bool:
        """Whether the lines of the address say that it is private: "(Seestr. 12, 12345 Westmark, privat)"."""
        after = self.rows[self.address.last].line.text[self.address.end :]
        return any(map(postal.is_private, (self.address.before, after, *_BRACKETED.findall(self.address.text))))

    def _says_other(self, text: str, *, announcing: bool) -> bool:
        if self._names_owner(text):
            return False
        told = announcing and any(postal.said(text, kind) for kind in ("other", "venue"))
        return told or (not self._announces(text) and postal.names_other(text))

    def _announces(self, text: str) -> bool:
        """Tell whether a text announces an address of the page's owner: "Address", "Office Westmark"."""
        return len(text) <= _LONGEST_LABEL and (
            postal.said(text, "label") or postal.is_said(text, "office", self._own_words)
        )

    @property
    def name_nobody(self) -> bool:
        """Whether nothing above is a name: labels, contacts, departments, parts of a building, the town itself."""
        return self._introduced and all(self._innocent(row) for row in self.above)

    @property
    def _introduced(self) -> bool:
        """Whether what stands before the address in its line names nobody: "Registered in Wales. Office: …"."""
        if not self.address.before:
            return True
        before = self.address.before
        pieces = [before[start:end] for start, end in postal.segments(before)]
        firm = not legal_forms().isdisjoint(_WORDS.findall(fold(before)))
        named = firm or any(_is_organisation(piece) or _is_person(piece) for piece in pieces)
        return bool(self.address.label) and not named

    def _innocent(self, row: Row) -> bool:
        text = row.line.text.strip()
        if not text or any(part.contact is not None for part in row.parts):
            return True
        if postal.is_said(text, "office", self._own_words) or postal.is_said(text, "label"):
            return True
        if self._announces(text) or _names_part(text) or label_kind(text):
            return not _is_organisation(text)
        if any(part.kind == "name" for part in row.parts) or self._fits_host(text):
            return False
        if heads_contact(text) or (0 < row.line.level < 7 and not plausible(text)):  # "Team", "Opening hours"
            return not _is_organisation(text)
        return _UNIT <= title_score(text) < _OFFICE or set(_WORDS.findall(fold(text))) <= self._own_words

    @property
    def labelled(self) -> bool:
        """Whether a label announces the address: "Anschrift:" before it or above it."""
        nearest = [row.line.text for row in self.above if row.line.text][:1]
        return any(self._announces(text) for text in (self.address.label, *nearest))

    @property
    def in_footer(self) -> bool:
        """Whether the address stands in the page's footer."""
        return self.rows[self.address.first].line.zone == "footer"

    @property
    def placed(self) -> bool:
        """Whether the address stands where a page states its own contacts, beside an e-mail address or a number."""
        place = self.address.marked or self.in_footer or self.setting.contact
        place = place or any(heads_contact(row.line.text) for row in self.above)
        return place and self._reaches()

    def _reaches(self) -> bool:
        near = (*self.above, *(self.rows[at] for at in range(self.address.first, self.address.last + 1)), *self.below)
        return any(part.contact is not None and part.contact.kind in _REACHED for row in near for part in row.parts)

    @property
    def addressee(self) -> str:
        """The organisation that is named before the address, the outermost first; empty where a person is, or none.

        A heading names one only where the host is called so: others are of the page. Between it and the address stands
        nobody else.
        """
        before = self.address.before
        if before:
            named = len(before) <= _LONGEST_LABEL and _is_organisation(before) and not _is_person(before)
            return before if named else ""
        found = ""
        for row in self.above:
            if any(part.kind == "name" for part in row.parts):
                return ""
            if not row.prose and self._is_addressee(row):
                found = row.line.text
            elif not self._innocent(row):
                break
        return found

    @property
    def at_host(self) -> bool:
        """Whether the site is called like the organisation named before the address: no venue of an event is.

        The event itself is none, even where it is called like the site.
        """
        named = self.addressee
        return (
            bool(named)
            and _WORDS.findall(fold(named)) != _WORDS.findall(fold(self.setting.owner))
            and self._fits_host(named)
        )

    @property
    def elsewhere(self) -> bool:
        """Whether the organisation named above the address is another one than the page's owner."""
        return not self.address.before and bool(self.addressee) and not self._names_owner(self.addressee)

    def _is_addressee(self, row: Row) -> bool:
        if any(part.contact is not None for part in row.parts):
            return False
        named = not 0 < row.line.level < 7 and _is_organisation(row.line.text)
        return named or self._fits_host(row.line.text)
