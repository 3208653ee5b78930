"""The phrases of a business text: job titles with their field, seats on boards, departments."""

from __future__ import annotations

from crawler import lexicon
from pipelines.sensitive.firms import AND, MOST_ORGANISATION, Firms
from pipelines.sensitive.words import Token, demonym, is_head, personal, revealing

MOST_BEFORE_HEAD, MOST_FIELD = 4, 5


class Grammar(Firms):
    """Reads phrases from a place in a list of tokens; every method answers with a length, a place or yes or no."""

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
        headed = end < len(self.tokens) and end == place + 1 and is_head(self.tokens[end].word, self.language)
        if headed and token.word in self.words("prose", "alone"):
            return self.title(end)  # "socia directora"
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
        small = self.of | self.article | self.link | AND | self.words("glue", "glue")
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
        return run > 2 and words[-2] in AND and words[-1] in self.words("prose", "firm")

    def sent(self, head: int, start: int) -> bool:
        """Whether an office is held for somebody whom a capital names: "delegata della UIL", "the Unite rep"."""
        if self.tokens[head].word not in self.words("prose", "delegate"):
            return False
        known = self.words("prose", "modifier", "of") | self.words("roles", "unit")
        if any(one.capital and one.word not in known for one in self.tokens[start:head]):
            return self.tokens[head].text.islower()
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
        if run and self.enterprise(end, self._legal_form(end, run)):
            return end  # "jednatelka Kolář Sklo s.r.o."
        plain = not any(personal(token.word, self.language) for token in self.tokens[end : end + run])
        return end + run if plain else end

    def nouns(self, start: int, most: int) -> int:
        """End of a run of up to `most` words that a boundary closes; a run that runs on is a clause, so none."""
        best, place = start, start
        if start < len(self.tokens) and self.tokens[start].word in self.of | self.link | AND:
            return start
        while place < len(self.tokens) and place - start < most:
            token = self.tokens[place]
            if token.kind != "word" or token.text[0].isdigit() or token.code or self.clause(token):
                break
            if token.word in AND and most < MOST_FIELD:  # without "of", "and" opens another phrase
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
