"""A history as a small picture: numbers in, shapes of an SVG out. Drawn without script, so that it can be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: The coordinates of a picture; the page stretches it.
WIDTH, HEIGHT = 240.0, 60.0
#: Runs that one picture shows; more would be thinner than a line.
MOST = 40
#: Height that is kept for a bar of nothing, so that an empty run is seen.
_FOOT = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: where it stands, how high it is, and what a person reads when they point at it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars over time, and the band (`band_y`, `band_height`) in which they usually end; a height of 0 means no band."""

    bars: tuple[Bar, ...]
    band_y: float
    band_height: float
    most: int


def bars(values: Sequence[tuple[int, str, str]], usual: tuple[float, float, float] | None = None) -> Picture:
    """Draw values (number, kind, title), oldest first; the newest stands at the right edge."""
    shown = values[-MOST:]
    top = max([number for number, _, _ in shown] + [usual[2] if usual else 0, 1])
    step = WIDTH / max(len(shown), 12)
    left = WIDTH - step * len(shown)
    drawn = []
    for index, (number, kind, title) in enumerate(shown):
        height = max(_FOOT, _scaled(number, top))
        drawn.append(Bar(_r(left + index * step), _r(HEIGHT - height), _r(step * 0.74), _r(height), kind, title))
    if usual is None:
        return Picture(tuple(drawn), 0.0, 0.0, int(top))
    low, high = max(0.0, usual[0]), usual[2]
    return Picture(tuple(drawn), _r(HEIGHT - _scaled(high, top)), _r(_scaled(high, top) - _scaled(low, top)), int(top))


def line(shares: Sequence[float], width: float = 90.0, height: float = 16.0) -> str:
    """Return the points of a polyline through shares between 0 and 1, oldest first."""
    shown = shares[-MOST:]
    step = width / max(len(shown) - 1, 1)
    points = [(index * step, height - 1 - share * (height - 2)) for index, share in enumerate(shown)]
    if len(points) == 1:
        points.append((width, points[0][1]))
    return " ".join(f"{_r(x):g},{_r(y):g}" for x, y in points)


def _scaled(number: float, top: float) -> float:
    return number / top * (HEIGHT - _FOOT)


def _r(number: float) -> float:
    return round(number, 1)
