"""Record mining: which lines of a page belong to which person.

Anchors are the parts that read as names. Whatever lies in the largest block that holds one anchor only belongs to it;
what lies between anchors of a flat sequence goes to the one before or after, as the sequence as a whole suggests; a
heading belongs to all that follows it. Siblings of one template confirm names that no lexicon knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from crawler.extraction.lines import Line, common
from crawler.extraction.parts import Part

#: People that are read from one page; the largest directories have some hundreds.
MAX_PEOPLE = 3_000
_WINDOW = 12  # lines that a record may reach from its name where the page gives no block
_WRAPPERS = 5  # the line, its element, and three wrappers


@dataclass(slots=True)
class Row:
    """A line with its parts; `owned` once a record has taken it, `headings` those above it, nearest first.

    `telling` is running text with an address that says itself who does what: no record beside it takes that.
    """

    line: Line
    parts: list[Part]
    prose: bool = False
    owned: bool = False
    telling: bool = False
    headings: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """One person's part of a page: the anchor, the parts beside it in order, and the headings above it."""

    row: Row
    part: Part
    own: list[tuple[Row, Part]] = field(default_factory=list)
    headings: list[Row] = field(default_factory=list)
    group: tuple[int, ...] = ()
    depth: int = 0
    size: int = 1
    carded: bool = False
    closed: bool = False
    label: Row | None = None
    ended: bool = False


def anchors(rows: list[Row]) -> list[Record]:
    """Return a record for every name of the page's body, without its neighbours yet."""
    found = []
    for row in rows:
        if row.line.zone in {"nav", "comments"} or row.prose:
            continue
        found += [Record(row, part) for part in row.parts if part.kind == "name"]
    return found[:MAX_PEOPLE]


def _levels(records: list[Record]) -> None:
    """Set how deep the block is that an anchor shares with the nearest one on another line."""
    places = list(dict.fromkeys(record.row.line.path for record in records))
    number = {place: at for at, place in enumerate(places)}
    for record in records:
        place = record.row.line.path
        at = number[place]
        near = [places[other] for other in (at - 1, at + 1) if 0 <= other < len(places)]
        record.depth = max((common(place, other) for other in near), default=0)
        record.group = place[: record.depth]


_Forward = dict[tuple[tuple[int, ...], bool], bool]
Columns = Callable[[list["Row"], dict[int, list["Record"]]], None]


def attach(rows: list[Row], records: list[Record], columns: Columns) -> None:
    """Give every line to the record that it belongs to, and every record the headings above it.

    `columns` gives the cells of tables with one person a column to their records first.
    """
    _levels(records)
    by_line: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        by_line[record.row.line.index].append(record)
    for group in by_line.values():
        _same_line(group)
    sizes = Counter(record.group for record in records)
    for record in records:
        record.size = sizes[record.group]
    order = sorted(by_line)
    columns(rows, by_line)
    for record in records:
        near = (rows[at] for at in (record.row.line.index - 1, record.row.line.index + 1) if 0 <= at < len(rows))
        inside = (row for row in near if row.parts and row.line.index not in by_line)
        record.carded = any(common(row.line.path, record.row.line.path) > record.depth for row in inside)
    _announced(rows, records)
    forward = _directions(rows, records, by_line)
    _other_lines(rows, by_line, order, forward)
    continue_columns(records, rows)
    _headings(rows, by_line)


def _title_first(parts: list[Part]) -> bool:
    """Tell whether a line of several people sets each title before its name: "Chair: Jane Roe, Treasurer: John Doe"."""
    kinds = "".join("n" if part.kind == "name" else "t" for part in parts if part.kind in {"name", "title"})
    return kinds.count("n") > 1 and kinds.startswith("t") and kinds.endswith("n") and "nn" not in kinds


def _same_line(group: list[Record]) -> None:
    row = group[0].row
    before = _title_first(row.parts)
    for part in row.parts:
        if part.kind == "name":
            continue
        owners = [record for record in group if record.part.start <= part.start]
        later = [record for record in group if record.part.start > part.start]
        if before and part.kind == "title" and later:
            later[0].own.append((row, part))
        elif owners:
            owners[-1].own.append((row, part))
        else:
            for record in group:
                record.own.append((row, part))


def is_label(line: Line) -> bool:
    """Tell whether a line announces what follows it: "Contact:", "Suplentes:"."""
    return line.text.endswith((":", "：")) and len(line.text) < 60


def _useful(row: Row) -> bool:
    return any(part.kind in {"title", "organisation", "contact"} for part in row.parts) and len(row.line.text) < 400


def _says_title(row: Row) -> bool:
    return any(part.kind == "title" for part in row.parts)


def _directions(rows: list[Row], records: list[Record], by_line: dict[int, list[Record]]) -> _Forward:
    """Return for each group whether what describes a person follows the name (True) or comes before it.

    Titles (True in the key) and what else there is go the same way, unless the ends of the list say otherwise: where
    a title opens it and an employer closes it, each title stands above its name and each employer below.
    """
    votes: dict[tuple[int, ...], int] = defaultdict(int)
    opens: dict[tuple[int, ...], bool | None] = {}
    closes: dict[tuple[int, ...], bool | None] = {}
    for number, record in enumerate(records):
        opens.setdefault(record.group, None)
        closes[record.group] = None
        first = record.group not in votes
        votes[record.group] += 0
        for step, vote in ((1, 1), (-1, -1)):
            row = _describing(rows, records, by_line, number, step)
            if row is None:
                continue
            votes[record.group] += vote
            if step > 0:
                closes[record.group] = _says_title(row)
            elif first:
                opens[record.group] = _says_title(row)
    found: _Forward = {}
    for group, sum_of in votes.items():
        one, other = opens[group], closes[group]
        parted = one is not None and other is not None and one != other
        for titled in (True, False):
            found[group, titled] = titled is other if parted else sum_of >= 0
    return found


def _describing(
    rows: list[Row], records: list[Record], by_line: dict[int, list[Record]], number: int, step: int
) -> Row | None:
    """Return the line at once above (-1) or below (1) a name that may describe it or its neighbour, None for none."""
    record = records[number]
    near = record.row.line.index + step
    row = rows[near] if 0 <= near < len(rows) else None
    if row is None or near in by_line or not _useful(row) or is_label(row.line):
        return None
    beside = records[number + step] if 0 <= number + step < len(records) else None
    taken = beside is not None and common(row.line.path, beside.row.line.path) > beside.depth
    if taken or common(row.line.path, record.row.line.path) != record.depth:
        return None
    heading = 0 < row.line.level < 8 and not 0 < record.row.line.level <= row.line.level
    term = row.line.level == 7 and step == -1  # <dt>Treasurer</dt><dd>Jane Roe</dd>
    return row if term or not heading else None


def _other_lines(rows: list[Row], by_line: dict[int, list[Record]], order: list[int], forward: _Forward) -> None:
    position = 0
    flat: Counter[tuple[int, ...]] = Counter()
    for row in rows:
        index = row.line.index
        while position < len(order) and order[position] <= index:
            position += 1
        if index in by_line or row.line.zone == "nav" or not row.parts or row.owned or row.telling:
            continue
        before = by_line[order[position - 1]][-1] if position else None
        after = by_line[order[position]][0] if position < len(order) else None
        if before is not None and 0 < row.line.level < 8 and row.line.level <= before.row.line.level:
            before.closed = True  # a heading as high as the name's ends what belongs to it
        if before is not None and _new_party(row, rows[index + 1 : index + 2], before):
            before.ended = True
        before = None if before is not None and before.ended else before
        owner = _owner(row, before, after, forward)
        if owner is not None and owner is before and _trails(row, owner, after, flat):
            owner = None
        if owner is not None:
            flat[owner.group] += common(row.line.path, owner.row.line.path) <= owner.depth
            row.owned = True
            crowd = by_line[owner.row.line.index]
            for record in crowd:
                record.own += [(row, part) for part in row.parts if len(crowd) == 1 or part.contact is None]


def _announced(rows: list[Row], records: list[Record]) -> None:
    """Remember the bold label at once above a name: "Publisher:" in an imprint."""
    for record in records:
        above = rows[record.row.line.index - 1 : record.row.line.index]
        if above and is_label(above[0].line) and above[0].line.level in {7, 8}:
            record.label = above[0]


def _new_party(row: Row, below: list[Row], before: Record) -> bool:
    """Tell whether a label like the one above a name begins another party: "Hosting:" and a firm below "Publisher:"."""
    label = before.label
    if label is None or not is_label(row.line):
        return False
    if (row.line.tag, row.line.level, row.line.path[:-2]) != (label.line.tag, label.line.level, label.line.path[:-2]):
        return False
    known = any(part.kind == "label" for part in row.parts)
    return not known and any(part.kind == "organisation" for one in below for part in one.parts[:1])


def _trails(row: Row, owner: Record, after: Record | None, flat: Counter[tuple[int, ...]]) -> bool:
    """Tell whether a line stands behind the last of several people none of whom has such a line of their own.

    It belongs to the page then: the association's address below its board, a firm that made the site.
    """
    last = after is None or after.group != owner.group
    loose = common(row.line.path, owner.row.line.path) <= owner.depth
    said = any(part.kind in {"contact", "organisation"} for part in row.parts)
    return last and loose and said and owner.size > 2 and not flat[owner.group]


def _owner(row: Row, before: Record | None, after: Record | None, forward: _Forward) -> Record | None:
    path = row.line.path
    left = common(path, before.row.line.path) if before is not None and _near(row, before) else -1
    right = common(path, after.row.line.path) if after is not None and _near(row, after) else -1
    if before is not None and left > before.depth and (after is None or right <= after.depth or left >= right):
        return before
    if after is not None and right > after.depth:
        return after
    if is_label(row.line):
        return None
    if before is not None and left == before.depth and left >= right and not before.carded and not before.closed:
        if 0 < row.line.level < 8 and not 0 < before.row.line.level <= row.line.level:
            return None
        if forward.get((before.group, _says_title(row)), True):
            return before
    backward = (
        after is not None
        and right == after.depth
        and right >= left
        and not forward.get((after.group, _says_title(row)), True)
    )
    backward = backward and after is not None and not after.carded
    heads = after is not None and 0 < row.line.level < 7 and not 0 < after.row.line.level <= row.line.level
    return after if backward and not heads else None


def continue_columns(records: list[Record], rows: list[Row]) -> None:
    """Give a table row whose title cell is empty the title of the row above: one office, several holders."""
    filled = {row.line.path[:-1] for row in rows if row.line.tag in {"td", "th"} and row.line.text}
    for last, record in pairwise(records):
        place, above = record.row.line.path, last.row.line.path
        if (
            record.row.line.tag != "td"
            or place[:-3] != above[:-3]
            or any(part.kind == "title" for _, part in record.own)
        ):
            continue
        for row, part in last.own:
            cell = (*place[:-2], row.line.path[-2])
            same_table = row.line.path[:-3] == place[:-3] and row.line.path[-2] != above[-2]
            if part.kind == "title" and same_table and cell not in filled:
                record.own.append((row, part))


def _near(row: Row, record: Record) -> bool:
    reach = _WINDOW * 3 if row.prose else _WINDOW
    return abs(row.line.index - record.row.line.index) <= reach and row.line.zone == record.row.line.zone


def _headings(rows: list[Row], by_line: dict[int, list[Record]]) -> None:
    stack: list[Row] = []
    for row in rows:
        here = by_line.get(row.line.index, ())
        if here or row.prose:
            row.headings = [one for one in reversed(stack) if _covers(one.line, row.line)]
            for record in here:
                record.headings = row.headings
        if here or row.line.zone == "nav" or row.prose:
            continue
        announced = is_label(row.line) or (not row.owned and len(row.parts) == 1 and row.parts[0].kind == "title")
        level = row.line.level or (9 if announced else 0)
        if level and row.line.text and len(row.line.text) < 120:
            while stack and (stack[-1].line.level or 9) >= level and stack[-1].line.path[:-1] != row.line.path[:-1]:
                stack.pop()
            stack.append(row)


def _covers(heading: Line, line: Line) -> bool:
    """Tell whether a heading speaks for a line: a few wrappers around it (header, column, row) hold the line too."""
    return heading.zone == line.zone and common(heading.path, line.path) >= len(heading.path) - _WRAPPERS
