"""URLs without end: calendars, facets, sessions, paths that repeat. Pure."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, unquote, urlsplit

#: Parameters of one document; a search form with all its filters has more.
MOST_PARAMETERS = 3
#: Segments of a path and characters of a URL. Relative links that pile up pass both; documents do not come near.
MOST_SEGMENTS, LONGEST = 12, 600
#: The same segment so many times in one path is a relative link that was resolved against itself.
MOST_REPEATS = 2
#: A list is turned over at most so many times in a run, whatever the page budget.
MOST_TURNS = 250

#: Ways to show the same list or document: its order, its filters, its look. `f[0]`, `filter[x]`, `facet.y` count too.
_FACETS = re.compile(
    r"(?:f|filters?|facets?|refine|sort(?:ing)?|order_?by|orderdir|sort_?(?:by|order|dir)|per_?page|page_?size|"
    r"replytocom|share|print|amp|redirect(?:_to)?|return_?(?:to|url)|add-to-cart|q|query|search|keywords?)(?:[\[.:].*)?",
    re.IGNORECASE,
)
_LOOKS = frozenset({"asc", "desc", "grid", "list", "table", "map", "print", "compact", "thumbnails"})
#: A day, week or month that a calendar shows: it has as many pages as there are days.
_CALENDAR = re.compile(
    r"(?:tribe-bar-date|event-?date|ical|outlook-ical|eventdisplay|cal(?:endar)?_?\w*|mc_?\w+|(?:start|end|from|to)?_?-?"
    r"(?:date|day|month|week)|yr|dt)",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:19|20)\d\d(?:[-/]?(?:0?[1-9]|1[0-2])(?:[-/]?\d{1,2})?|-?w\d{1,2})?", re.IGNORECASE)
#: A path that ends in a day, in a month as blogs archive them, or in a date below a calendar. An issue may be named
#: by its month (`/issue/2026-03/`).
_DATED_END = re.compile(
    r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2])[/-]\d{1,2}/?$|/(?:19|20)\d\d/(?:0[1-9]|1[0-2])/?$|"
    r"/(?:calendar|kalender|calendrier|calendario|calend[aá]rio|kalendarz|agenda|events?)/(?:.*/)?(?:19|20)\d\d[/-]?\d{0,2}/?$",
    re.IGNORECASE,
)
_SESSION = re.compile(r";[a-z]*sess(?:ion)?_?id=|/\(S\([a-z0-9]{20,}\)\)/", re.IGNORECASE)


def trap(url: str) -> str:
    """Return why a URL belongs to an endless set, as one word, or an empty string when it looks like a document.

    The words: "long", "repeats", "session", "parameters", "facet", "calendar". What is refused here would show the
    same people in another order, on another day, or under another name.
    """
    parts = urlsplit(url)
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    query = parse_qsl(parts.query, keep_blank_values=True)
    if len(url) > LONGEST or len(segments) > MOST_SEGMENTS:
        return "long"
    if segments and Counter(segments).most_common(1)[0][1] > MOST_REPEATS:
        return "repeats"
    if _SESSION.search(url):
        return "session"
    if len(query) > MOST_PARAMETERS:
        return "parameters"
    if any(_FACETS.fullmatch(key) or value.casefold() in _LOOKS for key, value in query):
        return "facet"
    dated = any(
        _CALENDAR.fullmatch(key) and (not value or _DAY.match(value) or value.isdigit()) for key, value in query
    )
    return "calendar" if dated or _DATED_END.search(parts.path) else ""
