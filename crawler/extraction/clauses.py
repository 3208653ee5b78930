"""What a clause beside a name says about the person's work: the title, and the employer where it is stated."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler.extraction.fields import split_job
from crawler.extraction.meaning import full_stop, organisation_score, title_score, tokens, word_class
from crawler.lexicon import fold, words
from crawler.remembering import REPEATS

_EDGES = "\"“”„«»‘’'([–—.,;:!?)] "
_STOP = re.compile(r"[.;!?…]\s+(?=[\"“„«]?[A-ZÀ-ÝА-Я0-9])|[;:]\s|\s[–—-]\s|[\"”»“]\s")
_ARTICLES = (
    "an? the der die das den ein eine de het een le la les un une el los las il lo o a os um uma und and et y e i al "
    "currently as deren dessen its su seine ihre przez par by por da"
)
ARTICLE = re.compile(rf"^(?:(?:{'|'.join(_ARTICLES.split())})\s+|l['’])+", re.IGNORECASE)
_COPULA = (
    "is|was|ist|war|est|es|è|é|jest|has been|serves as|currently serves as|works as|joined|wurde|arbeitet als|leads|"
    "is currently|was appointed|является|becomes|became|will become|wordt|werd|wird|devient|será|sera|sarà|zostanie|"
    "został|została|is de|is the|currently is|est actuellement|es actualmente|é atualmente|è attualmente|ist derzeit"
)
_IS = re.compile(rf"^,?\s*(?:who\s+)?(?:{_COPULA})\s+", re.IGNORECASE)
_WITH_US = "bij ons|bei uns|with us|for us|chez nous|con nosotros|connosco|da noi|con noi|u nas|hos oss|hos os|meille"
_AS = re.compile(
    rf"^\s+(?:(?:{_WITH_US})\s+)?(?:as|als|comme|como|come|jako|tot|zum|zur)\s+(?:its\s+|their\s+|new\s+|neuen?\s+|nuevo\s+)*",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\s(?:who|which|where|der|die|welche[rs]?|qui|que|die|che|która|który|and (?:is|was|has))\s(?=[a-z])"
)
_LED = re.compile(
    r"^(?:according to|volgens|laut|selon|según|secondo|segundo|zdaniem|według|по словам|dazu|so|nommée?|élue?|"
    r"nombrad[oa]|nominat[oa]|nomead[oa]|mianowan[ay]|appointed|named|elected|benannt|ernannt|"
    r"benoemd(?: tot)?|назначен\w*)\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s(?:with|during|on|after|when|since|while|während|seit|lors|durante|podczas|tijdens|pendant|depuis|dopo|nach|ab)\s(?=[a-z])"
)
_AND_SO_ON = re.compile(r"\s(?:and|und|et|y|e|ed|en|i|и|och|og)\s(?=[a-zà-ÿа-я])")
# "The vice-president will be Jane Roe": the verb that ends a clause before a name.
_LINKED = re.compile(
    r"\s(?:is|was|will be|becomes|became|remains|ist|war|wird|wurde|bleibt|est|sera|devient|reste|es|será|fue|era|è|"
    r"sarà|diventa|é|foi|jest|będzie|został|została|wordt|werd|blijft|стал|стала)$"
)
_BELONGS = re.compile(
    r"^,?\s+(?:of|from|at|with|vom|von der|von|beim|bei|van|bij|de l['’]|de la|des|del|de|du|da|do|dello|della|"
    r"dell['’]|dei|di|ze|z|из|от)\s*(?:the\s+|der\s+|het\s+)?"
    r"(?P<organisation>[A-ZÀ-ÞА-Я«][^,.;:!?()]{2,80}?)(?=[,.;:!?)]|\s[a-zà-ÿа-я]{4,}|$)"
)
# "portavoz de la asociación vecinal Ría Limpia": the kind of organisation in small letters before its name.
_OF_A_KIND = re.compile(
    r"^(?P<title>.{3,80}?)\s+(?:of the|of|at the|at|der|des|beim|bei|vom|de la|del|de|du|da|do|dello|della|di|van het|"
    r"van de|van|bij)\s+(?P<kind>(?:[a-zà-ÿ'’-]+\s+){1,4})(?P<organisation>[A-ZÀ-Þ«\"“„].{1,80})$"
)
# "directeur technique de Noordlicht Energie": in sentences of these languages a field of work is written small.
_OF_NAMED = re.compile(
    r"^(?P<title>.{3,80}?)\s+(?:of|von|vom|bei|beim|van|bij|chez|de|d['’]|du|del|di|da|do|della|dell['’]|dello|z|из)\s*"
    r"(?P<organisation>[A-ZÀ-ÞА-Я«][^,;:()]{1,60})$"
)
# "prezes zarządu firmy Bałtyk Cargo Rail", "capo officina dei Cantieri Falesia": the kind stands in the genitive before
# the name, or is its first word behind an article.
_OF_KIND = re.compile(
    r"^(?P<title>.{3,80}?)\s+(?:(?:dei|degli|delle|dos|das|des|der)|(?P<kind>[^\W\dA-ZÀ-ÞА-Я]{3,}))\s+"
    r"(?P<organisation>[A-ZÀ-ÞА-Я«][^,;:()]{1,60})$"
)
_WITH_NAME = re.compile(
    r"(?P<title>[^.;!?()«»\"“”„]{3,90}?)\s+(?P<organisation>(?:[A-ZА-ЯÀ-Þ]{2,5}\s+)?[«\"“„][^«»\"“”„]{2,60}[»\"”“])\s*$"
)

_ELIDED = re.compile(r"\b([^\W\d_]{1,5}['’])(?=\w{3})")  # "dall'avvocato", "l'architecte"

# "…, whose director Jane Roe": the employer stands before the comma.
_WHOSE = frozenset(
    "whose deren dessen której którego których cuyo cuya cujo cuja wiens wier dont чей чья".split()  # noqa: SIM905
)
_SMALL_FORMS = frozenset({"sp", "z", "o.o", "&", "und", "and", "et", "en", "i", "y", "e", "de", "der", "van"})

Job = tuple[str, str]
NO_JOB: Job = ("", "")


@cache
def speech() -> re.Pattern[str]:
    """Return the verbs and phrases that stand beside a quoted person, as a pattern."""
    found = sorted((re.escape(word) for word in words("cues", "speech")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=REPEATS)
def _is_field(text: str) -> bool:
    """Tell whether what follows "of" is a place, a unit or a field of work rather than an employer."""
    found = tokens(text)
    places, units = words("ordinary", "place"), word_class("roles", "unit") | word_class("roles", "body")
    return not found or all(word in places or word in units or len(word) < 3 for word in found)


def _public(title: str) -> bool:
    return not word_class("roles", "public").isdisjoint(tokens(title))


def _employed(phrase: str) -> Job:
    """Return title and employer of a phrase of a sentence, where names are capitals and fields of work are not."""
    title, organisation = split_job(phrase)
    if organisation:
        return _office(title, organisation), organisation
    office, comma, employer = phrase.rpartition(", ")
    named = comma and employer[0].isupper() and len(employer.split()) <= 6 and not _is_field(employer)
    if named and title_score(office) >= 0.75 and title_score(employer) < 0.5:
        return office, employer
    found = _OF_A_KIND.match(phrase)
    if found and title_score(found["title"]) >= 0.75:
        kind = tokens(found["kind"])
        if any(word in word_class("cues", "organisation_word") for word in kind):
            return found["title"], found["organisation"].strip(_EDGES)
    found = _OF_NAMED.match(phrase)
    if found and title_score(found["title"]) >= 0.75 and not _public(found["title"]):
        organisation = found["organisation"].strip(_EDGES)
        if not _is_field(organisation) and title_score(organisation) < 0.5:
            return found["title"], organisation
    found = _OF_KIND.match(phrase)
    if found and title_score(found["title"]) >= 0.75 and not _public(found["title"]):
        called = fold(found["kind"] or found["organisation"].split()[0])
        if called in word_class("cues", "organisation_word"):
            return found["title"], found["organisation"].strip(_EDGES)
    return phrase, ""


def _office(title: str, organisation: str) -> str:
    """Return a title without the employer that it ends in, and without the word that says what kind of one it is."""
    words_before = title.removesuffix(organisation).rstrip(_EDGES).split()
    if title.endswith(organisation) and words_before:
        if fold(words_before[-1]) in word_class("cues", "organisation_word"):
            words_before.pop()
        office = " ".join(words_before)
        if title_score(office) >= 0.75:
            return office
    return title


def read_job(phrase: str) -> Job:
    """Return title and employer of a phrase; both empty where it is no job."""
    phrase = ARTICLE.sub("", _LED.sub("", ARTICLE.sub("", phrase.strip(' ,.;:()"“”»«–—-'))))
    if not 2 < len(phrase) <= 140:
        return NO_JOB
    title, organisation = _employed(phrase)
    title = _TAIL.split(_LINKED.sub("", title))[0]
    if title_score(title) < 0.75 or len(title.split()) > 14:
        return NO_JOB
    organisation = _AND_SO_ON.split(_TAIL.split(organisation)[0])[0]
    return title.strip(" ,"), full_stop(organisation.strip(" ,."))


def after(tail: str, head: str = "") -> Job:
    """Return what stands behind a name: an apposition, brackets, "is …", "as …", or ", of Example NV".

    Where `head`, the text before the name, ends in a verb ("from May wordt Jane Roe directeur van …"), the job follows
    at once.
    """
    stop = _STOP.search(tail)
    if _LINKED.search(head.rstrip()) and tail[:1] == " " and tail[1:2].islower():
        found = _shorter(tail[1 : stop.start() if stop else len(tail)])
        if found[0]:
            return found
    if tail.startswith((" (", "(")):
        inside = tail.lstrip(" (").split(")")[0]
        found = read_job(inside)
        return found if found[0] or organisation_score(inside) < 0.5 else ("", inside)
    dashed = re.match(r"\s*[–—-]\s+", tail)
    sentence = tail[: stop.start()] if stop and stop.start() > 3 else tail
    said = _IS.match(tail) or _AS.match(tail)
    if said:
        return _shorter(tail[said.end() : stop.start() if stop else len(tail)])
    if sentence.startswith((",", "，")) or dashed:
        found = _shorter(sentence.lstrip(" ,–—-"))
        if found[0]:
            return found
    belongs = _BELONGS.match(tail)
    if belongs and organisation_score(belongs["organisation"]) >= 0.8:
        return "", full_stop(belongs["organisation"].strip(_EDGES))
    return NO_JOB


def _shorter(phrase: str) -> Job:
    """Read the longest beginning of a phrase, cut at commas and verbs of speech, that is a job."""
    spoken = speech().search(phrase)
    if spoken:
        phrase = phrase[: spoken.start()]
    phrase = _RELATIVE.split(phrase)[0]
    first, *rest = phrase.split(",")
    opening = " ".join(ARTICLE.sub("", first.strip()).split()[:5])
    if title_score(split_job(opening)[0]) < 0.75:
        return NO_JOB
    for piece in rest[:2]:
        apart = piece.strip()
        employer = apart[:1].isupper() and len(apart.split()) <= 6
        if not (employer or organisation_score(apart) >= 0.5):
            break
        first = f"{first},{piece}"
    return read_job(first)


def _from_head(found: list[str]) -> int:
    """Return where the title at the end of a clause begins; -1 when the clause does not end in one."""
    starts = {at for at in range(len(found)) if title_score(" ".join(found[at:])) >= 0.75}
    if not starts:
        return -1
    at = max(starts)
    while at and at - 1 in starts and (found[at - 1][0].isupper() or title_score(found[at - 1]) >= 0.75):
        at -= 1
    return at


def _names_organisation(phrase: str) -> bool:
    """Tell whether a clause runs into an organisation, whose name then is the name that follows: "of the firm Roe"."""
    last = [fold(word).strip(".") for word in phrase.split()[-2:]]
    if not last or last[-1] in word_class("cues", "of") or last[-1] in word_class("prose", "link") or last[-1] == "and":
        return True
    return title_score(last[-1]) < 0.5 and any(word in word_class("cues", "organisation_word") for word in last)


def _last_name(text: str) -> str:
    """Return the run of capitals that a text ends in: the firm in "…, the firm Example Ltd, whose director …"."""
    found = text.split()
    at = len(found)
    while at and (found[at - 1][0].isupper() or fold(found[at - 1]).strip(".") in _SMALL_FORMS):
        at -= 1
    while at < len(found) and not found[at][0].isupper():
        at += 1
    return " ".join(found[at:]).strip(_EDGES)


def before(head: str) -> Job:
    """Return what stands before a name: "finance director Jane Roe", "the firm's director, Jane Roe"."""
    named = _WITH_NAME.search(head[-200:])
    if named:
        said = named["title"].split()
        at = _from_head(said[-7:])
        if at >= 0:
            title, _ = read_job(" ".join(said[-7:][at:]))
            if title:
                return title, named["organisation"].strip()
    cut = list(re.finditer(r"(?<![oz])[.](?!o)\s*|[;:!?(\"“„«»]\s*|\s[–—]\s", head))
    clause = _ELIDED.sub(r"\1 ", head[cut[-1].end() :] if cut else head).rstrip()
    apart = clause.endswith(",")
    near = clause.rstrip(" ,").rsplit(",", 1)[-1].split()
    near = near[-12:] if apart else near[-7:]
    if apart:
        heads = [at for at, word in enumerate(near) if title_score(word) >= 0.75]
        found = read_job(" ".join(near[heads[0] :])) if heads else NO_JOB
        return found if found[0] else read_job(" ".join(near))
    if near and near[0].casefold() in _WHOSE:
        title, _ = read_job(" ".join(near[1:]))
        return (title, _last_name(clause.rpartition(",")[0])) if title else NO_JOB
    at = _from_head(near)
    if at < 0 or _names_organisation(" ".join(near)):
        return NO_JOB
    title, organisation = read_job(" ".join(near[at:]))
    return title, organisation or (_in_front(near[:at], len(near) < len(clause.split())) if title else "")


def _in_front(words_before: list[str], within: bool) -> str:
    """Return an employer written before the title: "…, said Acme Corp chief executive Jane Roe"."""
    taken: list[str] = []
    for word in reversed(words_before):
        if not word[:1].isupper() or title_score(word) >= 0.5:
            break
        taken.insert(0, word)
    name = re.sub(r"['’]s?$", "", " ".join(taken))
    opens = len(taken) == len(words_before) and not within  # a capital at the start of a sentence says nothing
    sure = organisation_score(name) >= 0.5
    return name if taken and len(name) > 2 and (sure or not opens) and len(taken) < 5 and not _is_field(name) else ""
