"""The names of organisations in a business text, and the runs of words that they are read from."""

from __future__ import annotations

import re

from crawler import lexicon
from pipelines.sensitive.words import Token, belonging, is_legal_form, known, personal, revealing

MOST_ORGANISATION = 7
AND = frozenset({"and", "&", "und", "et", "e", "y", "i", "en", "oraz"})
_CLAUSE = ("copula", "pronoun", "family", "membership")


class Firms:
    """Reads names of organisations from a place in a list of tokens; a method answers with a length or yes or no."""

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
        run = self.capitals(place + kind, MOST_ORGANISATION + 2, self.of | self.article | AND)
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
        """Length of a name with words written small, or 0: "Université catholique de Lille", "Městský úřad Písek"."""
        small = self.words("glue", "glue") | self.of | self.link
        kinds = self.words("cues", "organisation_word") - small  # "mit" is no university in a German sentence
        behind = self.tokens[place + 1 : place + 2]
        if self.tokens[place].capital and behind and behind[0].word in kinds and behind[0].text.islower():
            run = self.capitals(place + 2, 3, self.of) if place + 2 < len(self.tokens) else 0
            return 2 + run if run and not personal(self.tokens[place].word, self.language) else 0
        if not self.tokens[place].capital or self.tokens[place].word not in kinds:
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
        """Length of the name with a legal form behind it that goes on in small letters: "gGmbH", "Sp. z o.o."."""
        behind = self.tokens[place + run].kind if place + run < len(self.tokens) else ""
        # The first word of a form may be a capital of the name; a full stop behind it is no part of a form.
        starts = (place + run, place + max(run - 1, 1)) if behind == "word" else (place + run,)
        for more in range(4, 0, -1):
            end = place + run + more
            if end <= len(self.tokens) and any(is_legal_form(self.written(start, end)) for start in starts):
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

    def _closes(self, place: int) -> bool:
        """Whether a phrase can end before this place."""
        if place >= len(self.tokens) or self.tokens[place].kind != "word":
            return True
        token = self.tokens[place]
        if token.word in self.link or token.word in AND or (self.clause(token) and token.text.islower()):
            return True
        # "dyrektor zakupów Corvid SA": the employer stands in the genitive, without a word between
        run = self.capitals(place, 3) if token.capital and self.tokens[place - 1].text.islower() else 0
        return run > 0 and self.enterprise(place, self._legal_form(place, run))

    def clause(self, token: Token) -> bool:
        """Whether a word makes a clause of a phrase: a verb, a pronoun, a word of family or of membership."""
        return token.word in self.words("private", *_CLAUSE) or token.word in self.words("prose", "work")
