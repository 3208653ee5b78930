"""Find what may pass in a running text: names, job titles, organisations and work contacts, by position and grammar.

Nothing here looks for sensitive statements. A capitalised word passes only where a business text puts a name, a title
or an organisation; a statement about a person stands elsewhere, in whatever words it is made.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler import lexicon
from crawler.extraction.names import read_name
from crawler.remembering import REPEATS
from pipelines.sensitive.contacts import cue
from pipelines.sensitive.grammar import Grammar
from pipelines.sensitive.identifiers import identifiers
from pipelines.sensitive.persons import mistaken
from pipelines.sensitive.words import Token, is_head, personal, tokens

Place = tuple[int, int]
_BORN = re.compile(r"19[2-9]\d|200[0-6]")
MOST_NAME, FULL_NAME = 6, 2
#: Languages of countries whose numbers are dialled without a 0 in front, so that "91 555 12 34" is one.
_NO_TRUNK = frozenset({"es", "pt", "pl", "cs", "da", "no", "nb"})
_STOPS = frozenset(".;:!?")
_OPEN = frozenset(',;:.!?()–—-|•·"“”„')
_LIST = frozenset(",–—-|•·()")
_HONORIFICS = ("courtesy", "academic", "professional", "nobility")
_YEARS = frozenset({"years", "year", "jaar", "jahre", "jahren", "ans", "años", "anni", "anos", "lat", "lata"})


def pieces(text: str, language: str = "") -> list[Place]:
    """Return the places of everything that may pass, in order and without overlap; `language` is a primary tag."""
    return _Reader(text, language).read()


@lru_cache(maxsize=REPEATS)
def business_value(text: str, language: str = "") -> bool:
    """Return whether a short text is by itself a job, a department, an organisation, its mailbox or its page."""
    words = tokens(text)
    grammar = Grammar(text, words, language)
    if not words or any(personal(token.word, "") for token in words) or identifiers(text):
        return False
    if len(words) == 1 and words[0].kind == "email":
        return words[0].text.lower().partition("@")[0].replace("-", "") in lexicon.words("team_mailboxes", "local")
    if len(words) == 1 and words[0].kind == "url":
        return True
    named = any(is_head(token.word, language) for token in words)
    capital = words[0].capital and grammar.company(0, len(words))
    return named or bool(capital) or grammar.unit(0) == len(words)


class _Reader:
    """Reads a text from left to right; `last` is the kind of the piece before, `since` the token behind it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.tokens = tokens(text)
        self.grammar = Grammar(text, self.tokens, language)
        self.barred = [*identifiers(text), *mistaken(text)]
        self.found: list[Place] = []
        self.names: set[str] = set()
        self.last = ""
        self.since = 0

    def read(self) -> list[Place]:
        place = 0
        while place < len(self.tokens):
            kind, end = self._piece(place)
            if end > place and not self._barred(place, end):
                self.found.append((self.tokens[place].start, self.tokens[end - 1].end))
                self.last, self.since = kind, end
                place = end
            else:
                place += 1
        return self.found

    def _piece(self, place: int) -> tuple[str, int]:
        token = self.tokens[place]
        if token.kind == "mark":
            return "", place
        if token.kind != "word":
            return "contact", place + self._work_contact(place)
        for kind, reader in (
            ("name", self._name),
            ("title", self._title),
            ("organisation", self._organisation),
            ("years", self._years),
        ):
            end = reader(place)
            if end > place:
                return kind, end
        return "", place

    def _barred(self, place: int, end: int) -> bool:
        first, last = self.tokens[place].start, self.tokens[end - 1].end
        return any(start < last and first < stop for start, stop in self.barred)

    def _work_contact(self, place: int) -> bool:
        """A contact is for work unless the label before it, in the same list item, is a private one."""
        token = self.tokens[place]
        if token.kind == "local" and self.language not in _NO_TRUNK:
            return False
        before = self.text[max(token.start - 60, self.found[-1][1] if self.found else 0) : token.start]
        # The label of ", on a private line, +44 …" stands before the last comma, where nothing but space follows it.
        before = before.rstrip(", ")
        before = before[max(before.rfind(mark) for mark in ".,;\n|") + 1 :]
        private = [found.start() for found in cue("private", self.language).finditer(before)]
        work = [found.start() for found in cue("work", self.language).finditer(before)]
        if private and max(private) > max(work, default=-1):
            return False
        free = lexicon.words("mailboxes", "free")
        return token.kind != "email" or token.text.lower().rpartition("@")[2] not in free

    def _name(self, place: int) -> int:
        if self.grammar.addressed(self.tokens[place]):
            return place
        run = self.grammar.capitals(place, MOST_NAME, lexicon.words("honorifics", "particle"))
        if self.found and run and self.grammar.enterprise(place, self.grammar.organisation(place)):
            return place  # "Szabó Fa Kft."
        for end in range(place + run, place + 1, -1):
            words = self.tokens[place:end]
            written = self.grammar.written(place, end)
            if written.casefold() in self.names:
                return end
            if not words[-1].capital or any(self._no_name(word, surname=word is words[-1]) for word in words):
                continue
            reading = read_name(written)
            enough = 0.3 if self._named_here(place) else 0.5
            known = reading.known >= min(2, reading.words - 1)
            if reading.score > enough and known and self._name_may_stand(place, end):
                self.names.add(written.casefold())
                return end
        if self._introduced(place, run):
            self.names.add(self.grammar.written(place, place + run).casefold())
            return place + run
        return place

    def _introduced(self, place: int, run: int) -> bool:
        """Whether a given name at the head of the text has a word behind it that says something, and then a title.

        A family may be called anything: "Tony Widower, Registration Officer".
        """
        behind = self.tokens[run : run + 2]
        if place or run != FULL_NAME or len(behind) < FULL_NAME or behind[0].text not in _LIST:
            return False
        first = self.tokens[0].word
        given = lexicon.name_class(lexicon.fold(first)) & lexicon.GIVEN and not personal(first, "")
        return bool(given) and self.grammar.head(run + 1, capitals=True) >= 0

    def _named_here(self, place: int) -> bool:
        """Whether a name is due: at the head of the text, behind a form of address or behind a word of contact."""
        before = [token.word for token in self.tokens[max(0, place - 2) : place] if token.kind == "word"]
        spoken = before[-1].replace(".", "") if before else ""
        titled = any(spoken in lexicon.words("honorifics", kind) for kind in _HONORIFICS)
        given = lexicon.name_class(lexicon.fold(self.tokens[place].word)) & lexicon.GIVEN
        return (
            bool(place == 0 and given)
            or titled
            or (not self.names and spoken in self.grammar.words("prose", "contact"))
        )

    def _no_name(self, token: Token, *, surname: bool) -> bool:
        """A job, a verb or a word of family is no part of a name, although "Hija de …" is shaped like one.

        The last word may be any that some family is called: "Casado", "Bishop".
        """
        if surname and lexicon.name_class(lexicon.fold(token.word)) & (lexicon.FAMILY | lexicon.RARE):
            return False
        return is_head(token.word, self.language) or (
            self.grammar.clause(token) and not lexicon.name_class(lexicon.fold(token.word)) & lexicon.GIVEN
        )

    def _name_may_stand(self, place: int, end: int) -> bool:
        """A name opens a sentence or a list item, or follows a title, a form of address or a word of contact.

        A number may precede it too: of "the 40-year-old Anna Example" the age goes and the name stays.
        """
        opening = self.tokens[place : end - 1]
        given = lexicon.name_class(lexicon.fold(opening[0].word)) & lexicon.GIVEN
        if self._at_home(place) or (not given and any(personal(one.word, self.language) for one in opening)):
            return False
        if place == 0 or self.tokens[place - 1].text in _OPEN or self.grammar.new_line(place):
            return True
        spoken = self.tokens[place - 1].word
        if spoken[:1].isdigit() or any(spoken in lexicon.words("honorifics", kind) for kind in _HONORIFICS):
            return True
        if self.last == "title" and self.since == place:
            return True
        return not self.names and (place == 1 or spoken in self.grammar.words("prose", "contact"))

    def _title(self, place: int) -> int:
        """A job title, a seat on a board, or a department as an item behind a name."""
        seat = self.grammar.membership(place)
        if seat > place or self.grammar.called_after_people(place):
            return seat
        if place and self.tokens[place - 1].word in lexicon.words("prose", "born"):
            return place
        head = self.grammar.head(place, capitals=bool(self.found) or self.language in ("", "en", "de"))
        if head >= 0 and self.grammar.sent(head, place):
            return place
        if head >= 0:
            return self.grammar.title(head)
        listed = self.last in ("name", "title", "organisation") and self._listed(place)
        end = self.grammar.unit(place) if listed else place
        return end if end == len(self.tokens) or self.tokens[end].text in _OPEN else place

    def _listed(self, place: int) -> bool:
        between = self.tokens[self.since : place]
        return bool(self.found and between) and all(token.text in _LIST for token in between)

    def _organisation(self, place: int) -> int:
        run = self.grammar.organisation(place)
        told = run and not self.grammar.company(place, run) and (self._at_home(place) or self._dated(place + run))
        return place + run if run and not told and self._organisation_may_stand(place, run) else place

    def _at_home(self, place: int) -> bool:
        """Whether a word for somebody's home stands before, in what was left out: a house has a name as people do."""
        if not self.found or self.tokens[place - 1].text != ",":
            return False
        return bool(cue("home", self.language).search(self.text[self.found[-1][1] : self.tokens[place].start]))

    def _dated(self, place: int) -> bool:
        """Whether nothing but a year in which people were born stands behind: "Zamora, 1958"."""
        behind = self.tokens[place : place + 3]
        dated = len(behind) > 1 and behind[0].text == "," and bool(_BORN.fullmatch(behind[1].text))
        return dated and (behind[-1] is behind[1] or behind[-1].kind == "mark")

    def _organisation_may_stand(self, place: int, run: int) -> bool:
        """An organisation follows a title or a verb of work, with small words between, or stands in a list.

        One with the legal form of an enterprise may stand anywhere.
        """
        if self.grammar.enterprise(place, run):
            return True
        small = self.grammar.link | self.grammar.article
        between = self.tokens[self.since : place]
        if self.last == "title" and all(token.word in small or token.text == "," for token in between):
            return not self._state(place, run)
        if self._listed(place):
            return self.last in ("title", "organisation") or run > 1
        if self._own_item(place, run) and self.grammar.company(place, run):
            return True
        if self._follows_work(place, small):
            return True
        first = not self.found or self.grammar.company(place, run)
        return first and self._opens_sentence(place) and self.grammar.firm(place, run)

    def _state(self, place: int, run: int) -> bool:
        """Whether one noun behind a preposition may be a state as well as a firm: "Referentin, in Elternzeit"."""
        within = self.language in ("", "de") and self.tokens[place - 1].word in lexicon.words("prose", "state", "de")
        return within and run == 1 and not self.grammar.company(place, run)

    def _own_item(self, place: int, run: int) -> bool:
        """Whether a phrase is a list item of its own behind something that passed."""
        after = self.tokens[place + run : place + run + 1]
        return bool(self.found) and self.tokens[place - 1].text in _LIST and (not after or after[0].text in _OPEN)

    def _follows_work(self, place: int, small: frozenset[str]) -> bool:
        back = place - 1
        while back >= 0 and self.tokens[back].word in small and place - back < 4:
            back -= 1
        if back < 0 or self.tokens[back].word in self.grammar.words("prose", "work", "doing"):
            return back >= 0
        taught = {token.word for token in self.tokens[max(0, back - 2) : back]}
        return back < place - 1 and bool(taught & self.grammar.words("prose", "teach"))

    def _opens_sentence(self, place: int) -> bool:
        if place == 0 or self.tokens[place - 1].text in _STOPS or self.grammar.new_line(place):
            return True
        return self.tokens[place - 1].word in self.grammar.article and self._opens_sentence(place - 1)

    def _years(self, place: int) -> int:
        """The age of an organisation, in a sentence that begins with it and speaks of an enterprise."""
        token, end = self.tokens[place], place + 2
        if self.last != "organisation" or not token.text.isdigit() or end > len(self.tokens) or place - self.since > 7:
            return place
        if self.tokens[place + 1].word not in _YEARS:
            return place
        enterprise = self.grammar.words("prose", "enterprise")
        if self.tokens[end : end + 1] and self.tokens[end].word in self.grammar.of:
            active = self.tokens[end + 1 : end + 2]
            return end + 2 if active and active[0].word in enterprise else place
        return end if enterprise & {word.word for word in self.tokens[self.since : place]} else place
