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

#: More lines than this are not read: a page for people has fewer, and every later step is linear in them.
MAX_LINES = 20_000
#: Deeper nesting than this says nothing more about what belongs together.
MAX_DEPTH = 120
_MAX_LINE_CHARS = 6_000

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
_NAV = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|breadcrumbs?|sidebar-nav|pagination|cookies?|consent|tags?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|respond|commentlist|testimonials?|reviews?)(?:$|[\s_-])", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
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
    return _SPACE.sub(" ", text).strip()


def _one_space(text: str) -> str:
    """Return text with every run of white space as one space, the spaces at its ends kept."""
    if not text.isascii():
        return _SPACE.sub(" ", text)
    inner = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if inner and text[-1:].isspace() else ''}"


def common(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """Return the length of the path that two places share."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


@lru_cache(maxsize=4096)
def _mark_zone(mark: str) -> str:
    if _COMMENTS.search(mark):
        return "comments"
    return "nav" if _NAV.search(mark) else "footer" if "footer" in mark.lower() else ""


def _zone(element: HtmlElement, tag: str, zone: str) -> str:
    if zone in {"nav", "comments"} or tag in {"body", "html"}:
        return zone
    if tag in {"nav", "menu"}:
        return "nav"
    marked = [element.get("class"), element.get("id"), element.get("role")]
    called = _mark_zone(" ".join(mark for mark in marked if mark)) if any(marked) and tag != "main" else ""
    if called == "comments" or (called == "nav" and _mostly_links(element)):
        return called
    if tag == "footer" or called == "footer":
        return "footer"
    return "header" if tag == "header" and zone == "" else zone


def _mostly_links(element: HtmlElement) -> bool:
    """Tell whether most of an element's text is links; a wrapper of the whole page may be called "menu" as well."""
    size = len(squeeze(element.text_content()))
    return size < 8000 and 2 * sum(len(squeeze(link.text_content())) for link in element.iter("a")) >= size


def _hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _HIDDEN.search(style))


def _apart(last: HtmlElement | None, element: HtmlElement | None) -> bool:
    """Tell whether two text nodes stand apart on the screen although no space parts them: styled spans side by side."""
    if last is None or element is None or last is element:
        return False
    styled = last.tag == element.tag == "span" and (last.get("class") or element.get("class"))
    return bool(styled) and last.getparent() is element.getparent()


@dataclass(slots=True)
class _Frame:
    element: HtmlElement
    path: tuple[int, ...]
    sign: str
    zone: str
    level: int
    block: bool
    bold: bool
    href: str
    pre: bool
    children: Iterator[HtmlElement]
    count: int = 0


class _Builder:
    """Collects the text nodes of the current line and closes it at every block boundary."""

    def __init__(self, hidden: dict[HtmlElement, str], *, alts: bool) -> None:
        self.alts = alts
        self.hidden = hidden
        self.lines: list[Line] = []
        self.atoms: list[Atom] = []
        self.size = 0
        self.breaks = 0
        self.bold = True
        self.block: _Frame | None = None

    def text(self, text: str | None, frame: _Frame, element: HtmlElement) -> None:
        """Add a text node that belongs to `element`."""
        if not text or self.size > _MAX_LINE_CHARS:
            return
        if frame.pre and "\n" in text:
            first, *rest = text.split("\n")
            self.text(first, frame, element)
            for one in rest[: MAX_LINES - len(self.lines)]:
                self.close(self.block or frame)
                self.text(one, frame, element)
            return
        if text.strip():
            self.bold = self.bold and frame.bold
        self.atoms.append(Atom(text, 0, element, element.tag, frame.href))
        self.size += len(text)

    def link(self, frame: _Frame) -> None:
        """Remember a link that shows no text: an icon or a picture."""
        self.atoms.append(Atom("", 0, frame.element, "a", frame.href))

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
                atoms.append(Atom(text, len(built), atom.element, atom.tag, atom.href))
                built += text
        bold, self.atoms, self.size, self.bold = self.bold, [], 0, True
        text = built.strip()
        if not text and not any(atom.href for atom in atoms):
            return
        self.breaks += 1
        level = frame.level or (8 if bold else 0)
        element = frame.element
        line = Line(
            len(self.lines),
            text,
            (*frame.path, self.breaks),
            frame.sign,
            element.tag,
            level,
            frame.zone,
            atoms,
            element,
        )
        self.lines.append(line)


def _frame(element: HtmlElement, parent: _Frame | None, number: int) -> _Frame:
    tag = element.tag
    block = tag in _BLOCKS or "-" in tag or parent is None
    name = f"{tag}.{(element.get('class') or '').split(' ', 1)[0]}"
    if parent is None:
        return _Frame(element, (number,), name, "", 0, True, False, "", False, iter(element))
    return _Frame(
        element,
        (*parent.path, number) if len(parent.path) < MAX_DEPTH else parent.path,
        f"{parent.sign}/{name}"[-120:] if block else parent.sign,
        _zone(element, tag, parent.zone),
        _HEADINGS.get(tag, parent.level),
        block,
        parent.bold or tag in {"b", "strong"},
        element.get("href") or "" if tag == "a" else parent.href,
        parent.pre or tag == "pre",
        iter(element),
    )


def lines(root: HtmlElement | None, hidden: dict[HtmlElement, str] | None = None, *, alts: bool = False) -> list[Line]:
    """Return the lines of a tree in document order; navigation and footers are kept and marked by zone.

    `hidden` are e-mail addresses that elements keep from harvesters; each becomes a link where its element stands.
    `alts` reads the alternative texts of pictures as lines of their own.
    """
    if root is None:
        return []
    builder = _Builder(hidden or {}, alts=alts)
    body = root.find("body")
    whole = body is None or (not len(body) and not body.text)  # libxml2 puts a page without <body> tags into the head
    stack = [_frame(root if whole or body is None else body, None, 0)]
    builder.text(stack[0].element.text, stack[0], stack[0].element)
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


def _enter(builder: _Builder, stack: list[_Frame], blocks: list[_Frame], child: HtmlElement) -> None:
    parent = stack[-1]
    tag = child.tag
    if builder.hidden and child in builder.hidden:
        builder.atoms.append(Atom("", 0, child, "a", f"mailto:{builder.hidden[child]}"))
    if not isinstance(tag, str) or tag in _SKIPPED or _hidden(child):
        builder.text(child.tail, parent, parent.element)
        return
    if builder.alts and tag == "img" and child.get("alt"):
        builder.close(blocks[-1])
        builder.text(child.get("alt"), parent, child)
        builder.close(blocks[-1])
    if tag == "br":
        builder.close(blocks[-1])
        builder.text(child.tail, parent, parent.element)
        return
    frame = _frame(child, parent, parent.count)
    stack.append(frame)
    if frame.block:
        builder.close(blocks[-1])
        blocks.append(frame)
        builder.block = frame
        builder.breaks = 0
    builder.text(child.text, frame, child)


def _leave(builder: _Builder, stack: list[_Frame], blocks: list[_Frame]) -> None:
    frame = stack.pop()
    if frame.element.tag == "a" and frame.href and not frame.element.text_content().strip():
        builder.link(frame)
    if frame.block:
        builder.close(frame)
        blocks.pop()
        builder.block = blocks[-1] if blocks else None
        builder.breaks = frame.count + 1000
    if stack:
        builder.text(frame.element.tail, stack[-1], stack[-1].element)
