"""The pieces that names give to blocking keys, each made of something before the surname and something of it.

Names are nearly all different, their words are not: a batch (`key_pieces`) works both halves out once per distinct half
and joins them by numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from pipelines.resolution.folding import consonants, skeleton
from pipelines.resolution.names import PersonName, formals
from pipelines.resolution.remembering import remembered


class NamePieces(NamedTuple):
    """What names give to keys.

    `whole` are keys by themselves; `anywhere` are joined with every spot, `direct` with telephone numbers and
    addresses, and with employers and mail domains after a job title was put behind it, `marked` with these as it is.
    """

    whole: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    direct: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()


def name_pieces(names: tuple[PersonName, ...]) -> NamePieces:
    """Return what the names give, in every order that is likely; a piece may come twice."""
    listed = [halves(reading) for reading in readings(names)]
    return NamePieces(**{table: _joined(joins, listed) for table, joins in JOINS.items()})


def _joined(joins: Iterable[Join], listed: Collection[tuple[Front, Back]]) -> tuple[str, ...]:
    return tuple(text for join in joins for one, other in listed for text in join.texts(one, other))


def name_seconds(names: tuple[PersonName, ...]) -> list[str]:
    """Return initial and surname (g), and given names in full (u), as second facts."""
    return list(_joined(SECONDS, [halves(name) for name in names]))


def readings(names: Iterable[PersonName]) -> list[PersonName]:
    """Return the names in every order that is likely."""
    return [reading for name in names for reading in (name, *name.likely_turned())]


class Front(NamedTuple):
    """What the words before a surname give.

    `starts` are the first letters of the formal names that the given name may stand for, and of the middle names;
    `formals` these names, `sounds` how they sound, `four` the given name's first letters, `given` itself: none of an
    initial. `initial` is its first letter, or the empty text.
    """

    initial: tuple[str, ...]
    starts: tuple[str, ...]
    formals: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    four: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ("",)


class Back(NamedTuple):
    """What a surname gives.

    `sound` is how it sounds, `sounds` how its long parts do too; `twos`, `heads` and `tails` the first two, first three
    and last four letters of its parts, `ends` the first five of their sounds (a last middle name may be a part),
    `bones` their consonants; `letter` its first.
    """

    sound: tuple[str, ...]
    sounds: tuple[str, ...]
    twos: tuple[str, ...]
    ends: tuple[str, ...]
    bones: tuple[str, ...]
    tails: tuple[str, ...]
    heads: tuple[str, ...]
    letter: tuple[str, ...]
    nothing: tuple[str, ...] = ("",)


def halves(name: PersonName) -> tuple[Front, Back]:
    """Return what the two halves of a name give."""
    return front(name.given, name.middles[:2]), back(name.surname, name.middles[-1:])


@remembered(1 << 12)
def front(given: str, middles: tuple[str, ...]) -> Front:
    """Return what the given name and the first two middle names give."""
    listed = sorted(formals(given)) if given else []
    starts = {formal[0] for formal in listed} | {word[:1] for word in middles}
    if len(given) < 2:
        return Front((given,), tuple(starts))
    sounds = {skeleton(formal) for formal in listed}
    return Front((given[0],), tuple(starts), tuple(listed), tuple(sounds), (given[:4],), (given,))


@remembered(1 << 12)
def back(surname: tuple[str, ...], last: tuple[str, ...]) -> Back:
    """Return what a surname and the last middle name give."""
    family = "".join(surname)
    return Back(
        (skeleton(family),),
        tuple({skeleton(family), *(skeleton(part) for part in surname if len(part) > 2)}) if surname else (),
        tuple({f"+{part[:2]}" for part in surname}),
        tuple({skeleton(part)[:5] for part in (*surname, *last) if len(part) > 1}),
        tuple({left for part in surname if (left := consonants(part))}),
        tuple({part[-4:] for part in surname if len(part) > 4}),
        tuple({part[:3] for part in surname}),
        (family[:1],) if family else (),
    )


class Join(NamedTuple):
    """A kind of piece: every text of one field of `Front` with every text of one of `Back`, behind a prefix."""

    prefix: str
    front: str
    back: str

    def texts(self, one: Front, other: Back) -> list[str]:
        """Return the pieces of two halves of a name."""
        return [self.text(left, right) for left in getattr(one, self.front) for right in getattr(other, self.back)]

    def text(self, left: str, right: str) -> str:
        """Return one piece; a full name is the same in any order."""
        if self.prefix == _FULL:
            left, right = sorted((left, right))
            return f"{_FULL}{left}+{right}"
        return f"{self.prefix}{left}{right}"


_FULL = "n:"
#: How each field of `NamePieces` is made, and the second facts of a name.
JOINS: dict[str, tuple[Join, ...]] = {
    "whole": (
        Join(_FULL, "sounds", "sounds"),
        Join("v:", "formals", "twos"),
        Join("i:", "starts", "ends"),
        Join("c:", "starts", "bones"),
        Join("j:", "starts", "tails"),
    ),
    "anywhere": (Join("s:", "nothing", "ends"), Join("h:", "starts", "heads")),
    "direct": (Join("g:", "four", "nothing"),),
    "marked": (Join("g:", "four", "letter"),),
}
SECONDS = (Join("g", "initial", "sound"), Join("u", "given", "nothing"))
