"""Work contacts only: a person's private address, number or mailbox is not kept."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import urlsplit

from crawler import lexicon
from crawler.items import MentionType, Property, Value
from crawler.remembering import REPEATS
from pipelines.sensitive.categories import Category

#: Hosts on which people present themselves at work; another profile tells of their private life.
PROFESSIONAL_HOSTS = (
    "linkedin.com",
    "xing.com",
    "orcid.org",
    "github.com",
    "gitlab.com",
    "researchgate.net",
    "academia.edu",
    "viadeo.com",
    "crunchbase.com",
    "wikidata.org",
    "stackoverflow.com",
    "behance.net",
    "dribbble.com",
    "muckrack.com",
    "theorg.com",
)
#: A host in one of these networks is somebody's private page unless it is listed above.
_SOCIAL = (
    "facebook.com",
    "fb.com",
    "instagram.com",
    "tiktok.com",
    "snapchat.com",
    "pinterest.com",
    "tumblr.com",
    "reddit.com",
    "vk.com",
    "ok.ru",
    "myspace.com",
    "flickr.com",
    "last.fm",
    "strava.com",
    "goodreads.com",
    "twitch.tv",
    "onlyfans.com",
    "t.me",
    "wa.me",
    "whatsapp.com",
    "telegram.me",
    "bereal.com",
    "tinder.com",
    "grindr.com",
    "ancestry.com",
    "myheritage.com",
    "geneanet.org",
    "letterboxd.com",
    "soundcloud.com",
    "spotify.com",
)
_HOME = re.compile(
    r"(?i)\b(?:home address|private? address|privatadresse|privatanschrift|priv[ée]|domicile|domicilio|abitazione)\b"
)
_CONTACTS = {Property.EMAIL, Property.TELEPHONE, Property.FAX_NUMBER, Property.URL, Property.SAME_AS}


@cache
def cue(kind: str, language: str = "") -> re.Pattern[str]:
    """Return one pattern for a class of the lexicon `private`."""
    words = sorted(lexicon.words("private", kind, language), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _within(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


@lru_cache(maxsize=REPEATS)
def _cued(context: str, kind: str) -> bool:
    """A private cue counts unless a cue for work stands nearer: the last word before the value decides."""
    private = [match.start() for match in cue(kind).finditer(context)]
    work = [match.start() for match in cue("work").finditer(context)]
    return bool(private) and max(private) > max(work, default=-1)


def private_contact(mention_type: MentionType, prop: Property, value: Value) -> tuple[Category, str] | None:
    """Return the category and the rule by which a contact is private, or None when it may be kept.

    The rules look at the host of an address, at the label beside the value and at the kind of network; never at the
    person.
    """
    if prop is Property.WORK_LOCATION:
        return (Category.HOME, "home-cue") if _cued(value.context, "home") else None
    if prop not in _CONTACTS:
        return None
    if _cued(value.context, "private"):
        return Category.PRIVATE_CONTACT, "private-cue"
    rule = _private_host(prop, value.normalised or value.text) if mention_type is MentionType.PERSON else ""
    return (Category.PRIVATE_CONTACT, rule) if rule else None


def _private_host(prop: Property, text: str) -> str:
    if prop is Property.EMAIL:
        return "free-mail" if text.rpartition("@")[2] in lexicon.words("mailboxes", "free") else ""
    if prop is Property.SAME_AS:
        return "" if _within(_host(text), PROFESSIONAL_HOSTS) else "private-profile"
    return "private-profile" if prop is Property.URL and _within(_host(text), _SOCIAL) else ""


def private_place(text: str) -> bool:
    """Return whether an address says itself that it is a home ("home address: …", "privé")."""
    return bool(_HOME.search(text))
