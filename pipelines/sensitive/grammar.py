"""The phrases of a business text: runs of capitals, job titles with their field, names of organisations."""

from __future__ import annotations

import re

from crawler import lexicon
from pipelines.sensitive.words import Token, belonging, demonym, is_head, is_legal_form, known, personal, revealing

MOST_BEFORE_HEAD, MOST_FIELD, MOST_ORGANISATION = 4, 5, 7
_AND = frozenset({"and", "&", "und", "et", "e", "y", "i", "en", "oraz"})
_CLAUSE = ("copula", "pronoun", "family", "membership")


class Grammar:
    """Reads phrases from a place in a list of tokens; every method answers with a length, a place or yes or no."""

    def __init__(self, text: str, tokens: list[Token], language: str) -> None:
        self.text = text
        self.tokens = tokens
        self.language = language
        self.of = self.words("prose", "of")
        self.article = self.words("prose", "article")
        self.link = self.words("prose", "link")

    def words(self, topic: str, *kinds: str) -> frozenset[str]:
        """Return the words of some classes in the text's language."""
        return frozenset().union(*(known(topic, kind, self.language) for kind in kinds))

    def written(self, start: int, end: int) -> str:
        """Return the text of the tokens from start up to end."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def capitals(self, place: int, most: int, inside: frozenset[str] = frozenset()) -> int:
        """Length of the run of capitalised words from here; words of `inside` may stand within it."""
        count = 0
        for token in self.tokens[place : place + most]:
            if count and self.new_line(place + count):
                break
            if token.code or not (token.capital or (count and (token.word in inside or token.text == "&"))):
                break
            count += 1
        while count and not self.tokens[place + count - 1].capital:
            count -= 1
        return count

    def new_line(self, place: int) -> bool:
        """Whether a line ends before the token here."""
        return place > 0 and "\n" in self.text[self.tokens[place - 1].end : self.tokens[place].start]

    def organisation(self, place: int) -> int:
        """Length of a name like "Universidad Católica de Murcia", 0 where no organisation can be named."""
        kind = self.tokens[place].word in self.words("cues", "organisation_word") and not self.tokens[place].capital
        run = self.capitals(place + kind, MOST_ORGANISATION + 2, self.of | self.article | _AND)
        run = max(run, self._institution(place))
        run = self._legal_form(place, run + kind) if run else 0
        words = self.tokens[place : place + run]
        alone = run == 1 and personal(words[0].word, "")
        if run and self._belonging(place + run):
            return 0
        if not run or alone or revealing(self.written(place, place + run)) or any(map(self.addressed, words)):
            return 0
        if words[0].word in self.words("prose", "saint") and not self.company(place, run):
            return 0  # a church
        if run == 1 and not self.closed(place + 1):
            return 0  # an adjective: "of Turkish descent"
        return 0 if all(personal(token.word, self.language) for token in words) else run

    def _belonging(self, place: int) -> bool:
        """Whether the word here makes an origin of the capitals before it: "Irish citizen"."""
        return place < len(self.tokens) and belonging(self.tokens[place].word)

    def _institution(self, place: int) -> int:
        """Length of a name with an adjective written small: "Université catholique de Lille"; 0 when it is none."""
        if not self.tokens[place].capital or self.tokens[place].word not in self.words("cues", "organisation_word"):
            return 0
        for at in range(place + 2, min(place + 4, len(self.tokens))):
            if self.tokens[at].word in self.of:
                following = at + 1 + (at + 1 < len(self.tokens) and self.tokens[at + 1].word in self.article)
                run = self.capitals(following, 3) if following < len(self.tokens) else 0
                return following + run - place if run else 0
        return 0

    def closed(self, place: int) -> bool:
        """Whether the word here can follow a name: no word, a word of grammar, a number or a verb that is known."""
        if self._closes(place):
            return True
        token = self.tokens[place]
        return token.capital or token.text[0].isdigit() or token.word in self.words("glue", "glue") | self.article

    def _legal_form(self, place: int, run: int) -> int:
        """Length of the name with a legal form behind it that begins with a small letter: "gGmbH", "sp. z o.o."."""
        for more in range(4, 0, -1):
            end = place + run + more
            if end <= len(self.tokens) and is_legal_form(self.written(place + run, end)):
                return run + more
        return run

    def company(self, place: int, run: int) -> bool:
        """Whether a name says itself that it is an organisation's: by a legal form or a word like "University"."""
        words = {token.word for token in self.tokens[place : place + run]}
        form = any(is_legal_form(self.written(at, place + run)) for at in range(place + 1, place + run))
        return form or bool(words & self.words("cues", "organisation_word"))

    def enterprise(self, place: int, run: int) -> bool:
        """Whether a name ends in the legal form of an enterprise: to work there, or to own it, tells no belief.

        It is read without small words in it, for a noun may stand before them: "Witwe der Corvid GmbH".
        """
        small = self.of | self.article
        if any(one.word in small or personal(one.word, self.language) for one in self.tokens[place : place + run]):
            return False
        forms = (self.written(at, place + run) for at in range(place + 1, place + run))
        form = next((one for one in forms if is_legal_form(one)), "")
        return bool(form) and re.sub(r"\W", "", form.casefold()) not in lexicon.words("prose", "association")

    @staticmethod
    def addressed(token: Token) -> bool:
        """Whether a word is a form of address or the name of a personal number: no name begins or holds it."""
        bare = token.word.replace(".", "")
        return bare in lexicon.words("honorifics", "courtesy") or bare in lexicon.words("private", "identifier")

    def firm(self, place: int, run: int) -> bool:
        """At the head of a sentence every word is a capital: two of them must be there, and none a word of grammar."""
        words = self.tokens[place : place + run]
        grammar = self.words("glue", "glue") | self.article
        told = any(self.clause(token) for token in words) or words[0].word in self.words("private", "birth", "home")
        said = any(personal(token.word, self.language) for token in words) and not self.company(place, run)
        if said:  # "Practising Catholic, sales manager"
            return False
        return sum(token.capital for token in words) > 1 and words[0].word not in grammar and not told

    def head(self, place: int, *, capitals: bool) -> int:
        """Place of the head of a job title that begins here, or -1.

        Known modifiers may precede it, and any capitalised word where `capitals` says that titles are written so.
        """
        modifiers = self.words("prose", "modifier") | self.words("roles", "unit")
        for at in range(place, min(place + MOST_BEFORE_HEAD + 1, len(self.tokens))):
            token = self.tokens[at]
            if is_head(token.word, self.language):
                return at
            fits = token.word in modifiers or (token.capital and capitals)
            if token.word in self.words("prose", "subject") and self.language in ("", "en"):
                continue  # "cancer researcher": it says what is researched
            if token.kind != "word" or not fits or personal(token.word, self.language):
                return -1
        return -1

    def title(self, head: int) -> int:
        """End of a job title with this head, over its field: "of Religion", "inkoop", "ds. równości płci"."""
        end = head + 1
        while end < len(self.tokens) and is_head(self.tokens[end].word, self.language):
            end += 1
        direct = self.nouns(end, self._most_nouns(end)) if self.language not in ("", "en") else end
        end = direct if direct > end and not revealing(self.written(end, direct)) else self._capital_field(end)
        while end < len(self.tokens) and self.tokens[end].word in self.of:
            start = end + 1
            while start < len(self.tokens) and self.tokens[start].word in self.article:
                start += 1
            stop = self.nouns(start, MOST_FIELD)
            saint = stop > start and self.tokens[start].word in self.words("prose", "saint")
            if stop <= start or saint or self._somebody(start, stop) or revealing(self.written(start, stop)):
                break
            end = stop
        return end

    def membership(self, place: int) -> int:
        """End of a seat on a board ("membre du conseil", "yönetim kurulu üyesi"), or its start where none begins here.

        What somebody is a member of is a belief often enough; a board is none, and neither is a membership of nothing.
        """
        members, token = self.words("prose", "member"), self.tokens[place]
        if token.word not in members:
            at = self._seat(place)
            seated = place < at < len(self.tokens) and self.tokens[at].word in members
            return at + 1 if seated and not self._goes_on(at + 1) else place
        end = self._seat(place + 1)
        if end > place + 1:
            return end if not self._goes_on(end) else place
        alone = token.word in self.words("prose", "alone") and (place == 0 or self.tokens[place - 1].kind == "mark")
        return place + 1 if alone and (end >= len(self.tokens) or self.tokens[end].kind == "mark") else place

    def _seat(self, place: int) -> int:
        """End of the name of a board that begins here, with what it is for, or its start where none does."""
        small = self.of | self.article
        known, end, board = self.words("prose", "boards", "governing"), place, False
        for at in range(place, min(place + MOST_ORGANISATION, len(self.tokens))):
            token = self.tokens[at]
            if token.word in known:
                board, end = board or token.word in self.words("prose", "boards"), at + 1
            elif token.kind != "elided" and token.word not in small:
                break
        return end if board else place

    def _goes_on(self, place: int) -> bool:
        """Whether a word written small, and no word of grammar, goes on with the phrase: "conseil paroissial"."""
        small = self.of | self.article | self.link | _AND | self.words("glue", "glue")
        behind = self.tokens[place : place + 1]
        following = next((token for token in self.tokens[place:] if token.word not in small), None)
        elided = bool(behind) and behind[0].kind == "elided"
        if not behind or behind[0].kind == "mark" or following is None:
            return False
        return elided or (following.kind == "word" and not following.capital and not following.text[0].isdigit())

    def _most_nouns(self, start: int) -> int:
        """How many nouns may follow the head of a title: a department is named in more than a field of work."""
        departments = self.words("roles", "unit") | self.words("prose", "unit", "unit_of")
        named = start < len(self.tokens) and self.tokens[start].word in departments
        return MOST_FIELD if named else 2

    def called_after_people(self, place: int) -> bool:
        """Whether a firm called after people begins here, whose name may be a job as well: "Bishop & Partners"."""
        run = self.organisation(place)
        words = [token.word or token.text for token in self.tokens[place : place + run]]
        return run > 2 and words[-2] in _AND and words[-1] in self.words("prose", "firm")

    def sent(self, head: int) -> bool:
        """Whether an office is held for somebody whom a capital names: "delegata della UIL"."""
        if self.tokens[head].word not in self.words("prose", "delegate"):
            return False
        small = self.of | self.article | self.link
        behind = (token for token in self.tokens[head + 1 : head + 4] if token.word not in small)
        return next((token.capital for token in behind), False)

    def _somebody(self, start: int, stop: int) -> bool:
        """Whether a single given name stands where a job has its field: "partner of Steven"."""
        kind = lexicon.name_class(lexicon.fold(self.tokens[start].word))
        alone = stop == start + 1 and self.tokens[start].capital
        return alone and bool(kind & lexicon.GIVEN) and not kind & lexicon.ORDINARY

    def _capital_field(self, end: int) -> int:
        run = self.capitals(end, 3)
        plain = not any(personal(token.word, self.language) for token in self.tokens[end : end + run])
        return end + run if plain else end

    def nouns(self, start: int, most: int) -> int:
        """End of a run of up to `most` words that a boundary closes; a run that runs on is a clause, so none."""
        best, place = start, start
        if start < len(self.tokens) and self.tokens[start].word in self.of | self.link | _AND:
            return start
        while place < len(self.tokens) and place - start < most:
            token = self.tokens[place]
            if token.kind != "word" or token.text[0].isdigit() or token.code or self.clause(token):
                break
            if token.word in _AND and most < MOST_FIELD:  # without "of", "and" opens another phrase
                break
            if self._tells(place):
                break
            place += 1
            if token.word not in self.of and self._closes(place):
                best = place
        return best

    def _tells(self, place: int) -> bool:
        """Whether a word in a field of work says what somebody is; behind a word of learning it is what is learnt."""
        token = self.tokens[place]
        if place and self.tokens[place - 1].word in self.words("prose", "study"):
            return False
        said = (token.text.islower() or self.language == "de") and personal(token.word, self.language)
        return said or (token.text.islower() and demonym(token.word, self.language))

    def _closes(self, place: int) -> bool:
        """Whether a phrase can end before this place."""
        if place >= len(self.tokens) or self.tokens[place].kind != "word":
            return True
        token = self.tokens[place]
        if token.word in self.link or token.word in _AND or (self.clause(token) and token.text.islower()):
            return True
        # "dyrektor zakupów Corvid SA": the employer stands in the genitive, without a word between
        run = self.capitals(place, 3) if token.capital and self.tokens[place - 1].text.islower() else 0
        return run > 0 and self.enterprise(place, self._legal_form(place, run))

    def clause(self, token: Token) -> bool:
        """Whether a word makes a clause of a phrase: a verb, a pronoun, a word of family or of membership."""
        return token.word in self.words("private", *_CLAUSE) or token.word in self.words("prose", "work")

    @staticmethod
    def _names_unit(token: Token, units: frozenset[str], endings: tuple[str, ...]) -> bool:
        parts = (token.word, *token.word.split("-"))
        return any(part in units or part.endswith(endings) for part in parts)

    def unit(self, place: int) -> int:
        """End of a list item that names a department ("private banking"), or its start where it names none."""
        end = place
        while end < len(self.tokens) and self.tokens[end].kind == "word" and end - place < MOST_ORGANISATION:
            end += 1
        item = self.tokens[place:end]
        units = self.words("roles", "unit", "body") | self.words("cues", "organisation_word")
        units |= self.words("prose", "unit")
        endings = tuple(self.words("prose", "unit_end")) if self.language in ("de", "nl") else ()
        # "sprzedaż krajowa" begins with its department, "private banking" and "law team at …" have it behind
        # plain words; "… aan de bond" is a clause.
        small = self.article | self.of | self.link | self.words("glue", "glue")
        units -= small  # "mit" is no university in a German sentence
        places = [at for at, token in enumerate(item) if self._names_unit(token, units, endings)]
        named = any(not at or not {token.word for token in item[:at]} & small for at in places)
        members = self.words("prose", "member")
        told = any(self.clause(one) or one.code or one.text[0].isdigit() or one.word in members for one in item)
        if not named or told:
            return place
        return place if revealing(self.written(place, end)) else end
