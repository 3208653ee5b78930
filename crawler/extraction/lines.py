"""From a page's tree to its lines: what a reader sees, in order, each with its place in the structure.

A line is a run of text between block boundaries or `<br>`. Its `path` is the chain of child numbers from the root, so
the length of the path two lines share says how closely the page groups them; all record mining rests on that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.extraction.spans import Spans
from crawler.remembering import REPEATS

#: More lines than this are not read: a page for people has fewer, and every later step is linear in them.
MAX_LINES = 20_000
#: Deeper nesting than this says nothing more about what belongs together.
MAX_DEPTH = 120
#: Characters and text nodes of one line; what comes behind them is not read. The longest paragraph measured had 4,000.
_MAX_LINE_CHARS, _MAX_ATOMS = 6_000, 2_000
#: Characters of elements called "menu" and the like that are compared with the text of their links, for a whole page.
_MAX_COMPARED = 2_000_000

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset "
        "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol "
        "optgroup p pre section summary table tbody td tfoot th thead tr ul",
    )
)
_SKIPPED = frozenset(
    re.findall(
        r"\w+",
        "script style noscript template title svg canvas iframe object select textarea input datalist audio video map "
        "noframes math",
    )
)
_HEADINGS = {
    "h1": 1,
    "h2": 2,
    "h3": 3,
    "h4": 4,
    "h5": 5,
    "h6": 6,
    "caption": 5,
    "th": 7,
    "dt": 7,
    "legend": 5,
    "summary": 6,
}
#: What no navigation holds: one that does was never closed, and the rest of the page stands in it.
_CONTENT = ("main", "article", "footer")
_NAV = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|breadcrumbs?|sidebar-nav|pagination|cookies?|consent|tags?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|respond|commentlist|testimonials?|reviews?)(?:$|[\s_-])", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_GLUE = re.compile(r"[\u00ad\u200b\u200c\u200d\u2060\ufeff]")  # where a word may break, which is still one word
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
#: What a reader sees as a gap, not as the space between two words: "Jane Roe &nbsp; John Doe" are two people.
_GAP = re.compile(r"[ \t\r\n]+\u00a0\s+|\u00a0\s*\u00a0\s+")
_SPACE = re.compile(r"[\s\u00a0\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]+")


@dataclass(slots=True)
class Atom:
    """One text node of a line: its text, where it starts in the line, and the element that holds it."""

    text: str
    start: int
    element: HtmlElement | None
    tag: str = ""
    href: str = ""


@dataclass(slots=True)
class Line:
    """A line as a reader sees it.

    `level` is 1 to 6 for a heading, 7 for a header cell or a term, 8 for a line that is bold as a whole, 0 otherwise.
    `sign` names the markup on the way to the line, so that siblings of one template have the same. `zone` is "nav",
    "header", "footer", "comments" or empty for the body of the page.
    """

    index: int
    text: str
    path: tuple[int, ...]
    sign: str = ""
    tag: str = ""
    level: int = 0
    zone: str = ""
    atoms: list[Atom] = field(default_factory=list)
    element: HtmlElement | None = None
    locator: str = ""

    def where(self) -> str:
        """Return the XPath of the line's element, or its page for a PDF."""
        if self.element is not None and not self.locator:
            self.locator = str(self.element.getroottree().getpath(self.element))
        return self.locator


def squeeze(text: str) -> str:
    """Return text with every run of white space as one space."""
    return _SPACE.sub(" ", _GLUE.sub("", text)).strip()


def _one_space(text: str) -> str:
    """Return text with every run of white space as one space, also at its ends, and every gap as a tab."""
    if "\u00a0" in text and len(apart := _GAP.split(text)) > 1:
        return "\t".join(_one_space(one) for one in apart)
    if not text.isascii() and _UNSEEN.search(text):
        return _SPACE.sub(" ", _GLUE.sub("", text))
    inner = " ".join(text.split())
    if len(inner) == len(text):
        return inner
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if inner and text[-1:].isspace() else ''}"


def common(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """Return the length of the path that two places share."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


@lru_cache(maxsize=REPEATS)
def _mark_zone(mark: str) -> str:
    if _COMMENTS.search(mark):
        return "comments"
    return "nav" if _NAV.search(mark) else "footer" if "footer" in mark.lower() else ""


def _zone(element: HtmlElement, tag: str, zone: str, builder: _Builder) -> str:
    if zone in {"nav", "comments"} or tag in {"body", "html"}:
        return zone
    if tag in {"nav", "menu"} and (next(element.iter(*_CONTENT), None) is None or builder.mostly_links(element)):
        return "nav"
    marked = [mark for name in ("class", "id", "role") if (mark := element.get(name))]
    called = _mark_zone(" ".join(marked)) if marked and tag != "main" else ""
    if called == "comments" or (called == "nav" and builder.mostly_links(element)):
        return called
    if tag == "footer" or called == "footer":
        return "footer"
    return "header" if tag == "header" and zone == "" else zone


def _hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    hidden = element.get("hidden") is not None or bool(style and _HIDDEN.search(style))
    return hidden and not _alone_in_main(element)


def _alone_in_main(element: HtmlElement) -> bool:
    """Tell whether an element is all that a <main> holds: a page that hides that shows it by a script."""
    parent = element.getparent()
    return parent is not None and parent.tag == "main" and len(parent) == 1


def _apart(last: HtmlElement | None, element: HtmlElement | None) -> bool:
    """Tell whether two text nodes stand apart on the screen although no space parts them: styled spans side by side."""
    if last is None or element is None or last is element:
        return False
    styled = last.tag == element.tag == "span" and (last.get("class") or element.get("class"))
    return bool(styled) and last.getparent() is element.getparent()


class _Frame:
    """An element on the way to the current one, and what the text in it inherits.

    Where it stands (`path`, `sign`, `zone`) is worked out for those elements only that a line is closed in.
    """

    __slots__ = (
        *("element", "tag", "parent", "number", "level", "block", "bold", "href", "pre", "children", "count"),
        *("shown", "settled", "path", "sign", "zone"),
    )

    def __init__(self, element: HtmlElement, tag: str, parent: _Frame | None, number: int, shown: int) -> None:
        self.element = element
        self.tag = tag
        self.parent = parent
        self.number = number
        self.shown = shown
        self.count = 0
        self.children: Iterator[HtmlElement] = iter(element)
        self.settled = False
        self.path: tuple[int, ...] = ()
        self.sign = self.zone = self.href = ""
        if parent is None:
            self.block, self.level, self.bold, self.pre = True, 0, False, False
        else:
            self.block = tag in _BLOCKS or "-" in tag
            self.level = _HEADINGS.get(tag, parent.level)
            self.bold = parent.bold or tag in {"b", "strong"}
            self.pre = parent.pre or tag == "pre"
            self.href = element.get("href") or "" if tag == "a" else parent.href

    def settle(self, builder: _Builder) -> None:
        """Work out where the element stands, from the outermost ancestor that has not been yet."""
        unsettled: list[_Frame] = []
        frame: _Frame | None = self
        while frame is not None and not frame.settled:
            unsettled.append(frame)
            frame = frame.parent
        for one in reversed(unsettled):
            one._settle(builder)

    def _settle(self, builder: _Builder) -> None:
        self.settled = True
        parent, element = self.parent, self.element
        if parent is None:
            self.path, self.sign = (self.number,), _name(element, self.tag)
            return
        self.path = (*parent.path, self.number) if len(parent.path) < MAX_DEPTH else parent.path
        self.sign = f"{parent.sign}/{_name(element, self.tag)}"[-120:] if self.block else parent.sign
        self.zone = _zone(element, self.tag, parent.zone, builder)


def _name(element: HtmlElement, tag: str) -> str:
    return f"{tag}.{(element.get('class') or '').split(' ', 1)[0]}"


class _Builder:
    """Collects the text nodes of the current line and closes it at every block boundary."""

    def __init__(self, hidden: dict[HtmlElement, str], *, alts: bool) -> None:
        self.alts = alts
        self.hidden = hidden
        self.spans = Spans()
        self.lines: list[Line] = []
        self.atoms: list[Atom] = []
        self.size = 0
        self.shown = 0
        self.breaks = 0
        self.bold = True
        self.block: _Frame | None = None
        self._compared = 0

    def mostly_links(self, element: HtmlElement) -> bool:
        """Tell whether most of an element's text is links; a wrapper of the whole page may be called "menu" too."""
        if self._compared > _MAX_COMPARED:
            return False
        text = element.text_content()
        self._compared += len(text)
        size = len(squeeze(text))
        return size < 8000 and 2 * sum(len(squeeze(link.text_content())) for link in element.iter("a")) >= size

    def text(self, text: str, frame: _Frame, element: HtmlElement) -> None:
        """Add a text node that belongs to `element`."""
        blank = text.isspace()
        self.shown += not blank
        if blank and not self.atoms and not frame.href:  # white space between blocks
            return
        if self.size >= _MAX_LINE_CHARS or len(self.atoms) >= _MAX_ATOMS:
            return
        if frame.pre and "\n" in text:
            self._preformatted(text, frame, element)
            return
        text = text[: _MAX_LINE_CHARS - self.size]
        if text.strip():
            self.bold = self.bold and frame.bold
        self.atoms.append(Atom(text, 0, element, element.tag, frame.href))
        self.size += len(text)

    def _preformatted(self, text: str, frame: _Frame, element: HtmlElement) -> None:
        first, *rest = text.split("\n", MAX_LINES)
        self.text(first, frame, element)
        for one in rest[: MAX_LINES - len(self.lines)]:
            self.close(self.block or frame)
            self.text(one, frame, element)

    def link(self, frame: _Frame) -> None:
        """Remember a link that shows no text: an icon or a picture."""
        self.reveal(frame.element, frame.href)

    def reveal(self, element: HtmlElement, href: str) -> None:
        """Remember where an element leads that shows nothing of it."""
        if len(self.atoms) < _MAX_ATOMS:
            self.atoms.append(Atom("", 0, element, "a", href))

    def close(self, frame: _Frame) -> None:
        """End the line: normalise its white space, and remember where in it each text node starts."""
        if not self.atoms:
            return
        atoms, built = [], ""
        last: HtmlElement | None = None
        for atom in self.atoms:
            text = _one_space(atom.text)
            if not built or built.endswith(" "):
                text = text.lstrip()
            elif text and ((built[-1].islower() and text[0].isupper()) or _apart(last, atom.element)):
                built += " "
            last = atom.element
            if text or atom.href:
                atom.text, atom.start = text, len(built)
                atoms.append(atom)
                built += text
        bold, self.atoms, self.size, self.bold = self.bold, [], 0, True
        text = built.strip()
        if not text and not any(atom.href for atom in atoms):
            return
        self.breaks += 1
        if not frame.settled:
            frame.settle(self)
        level = frame.level or (8 if bold else 0)
        place = ((*frame.path, self.breaks), frame.sign, frame.tag, level, frame.zone)
        self.lines.append(Line(len(self.lines), text, *place, atoms, frame.element))


def lines(root: HtmlElement | None, hidden: dict[HtmlElement, str] | None = None, *, alts: bool = False) -> list[Line]:
    """Return the lines of a tree in document order; navigation and footers are kept and marked by zone.

    `hidden` are e-mail addresses that elements keep from harvesters; each becomes a link where its element stands.
    `alts` reads the alternative texts of pictures as lines of their own.
    """
    if root is None:
        return []
    builder = _Builder(hidden or {}, alts=alts)
    body = root.find("body")
    whole = body is None or (not len(body) and not body.text) or _strayed(root)
    start = root if whole or body is None else body
    stack = [_Frame(start, start.tag, None, 0, 0)]
    if start.text:
        builder.text(start.text, stack[0], start)
    blocks = [stack[0]]
    while stack and len(builder.lines) < MAX_LINES:
        frame = stack[-1]
        child = next(frame.children, None)
        if child is None:
            _leave(builder, stack, blocks)
            continue
        frame.count += 1
        _enter(builder, stack, blocks, child)
    if stack:
        builder.close(blocks[-1])
    return builder.lines


def _strayed(root: HtmlElement) -> bool:
    """Tell whether content stands in the head: libxml2 leaves it there where a page has no <body> tag."""
    head = root.find("head")
    return head is not None and any(isinstance(one.tag, str) and one.tag in _BLOCKS for one in head)


def _enter(builder: _Builder, stack: list[_Frame], blocks: list[_Frame], child: HtmlElement) -> None:
    parent = stack[-1]
    tag = child.tag
    if builder.hidden and child in builder.hidden:
        builder.reveal(child, f"mailto:{builder.hidden[child]}")
    if tag == "br" or tag in _SKIPPED or not isinstance(tag, str) or _hidden(child):
        if tag == "br" and not _hidden(child):
            builder.close(blocks[-1])
        if tail := child.tail:
            builder.text(tail, parent, parent.element)
        return
    if builder.alts and tag == "img" and (alt := child.get("alt")):
        builder.close(blocks[-1])
        shown = builder.shown
        builder.text(alt, parent, child)
        builder.shown = shown  # the link around a picture leads somewhere all the same
        builder.close(blocks[-1])
    if tag in {"td", "th"} and len(stack) > 1:
        parent.count = builder.spans.column(child, parent.element, stack[-2].element, parent.count)
    frame = _Frame(child, tag, parent, parent.count, builder.shown)
    stack.append(frame)
    if frame.block:
        if builder.atoms:
            builder.close(blocks[-1])
        blocks.append(frame)
        builder.block = frame
        builder.breaks = 0
    if text := child.text:
        builder.text(text, frame, child)


def _leave(builder: _Builder, stack: list[_Frame], blocks: list[_Frame]) -> None:
    frame = stack.pop()
    if frame.tag == "a" and frame.href and builder.shown == frame.shown:
        builder.link(frame)
    if frame.block:
        if builder.atoms:
            builder.close(frame)
        blocks.pop()
        builder.block = blocks[-1] if blocks else None
        builder.breaks = frame.count + 1000
    if stack and (tail := frame.element.tail):
        builder.text(tail, stack[-1], stack[-1].element)
