"""Where people contradict each other: A is B, B is C, and A is not C.

The rule is that "different" outranks "same": a "same" that would bring two together that a person holds apart is left
undone, the others having been followed in the order of their ids. So the master is the same whatever the order of the
decisions, and the contradiction is shown until a person withdraws one of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from pipelines.resolution.judgements import DIFFERENT, SAME, Human, of_people


@dataclass(frozen=True, slots=True)
class Conflict:
    """A decision that two mentions are different, and the decisions by which they would be the same."""

    different: Human
    same: tuple[Human, ...]


def conflicts(connection: Connection) -> list[Conflict]:
    """Return the contradictions among the decisions that hold, oldest first."""
    return contradictions(of_people(connection))


def contradictions(decisions: Sequence[Human]) -> list[Conflict]:
    """Return each decision "different" whose two sides a chain of decisions "same" ties together; pure."""
    ties: dict[str, list[tuple[str, Human]]] = defaultdict(list)
    for one in decisions:
        if one.verdict == SAME:
            ties[one.pair[0]].append((one.pair[1], one))
            ties[one.pair[1]].append((one.pair[0], one))
    return [
        Conflict(one, chain) for one in decisions if one.verdict == DIFFERENT and (chain := _chain(ties, *one.pair))
    ]


def _chain(ties: Mapping[str, Sequence[tuple[str, Human]]], start: str, end: str) -> tuple[Human, ...]:
    """Return the shortest chain from one mention to another, () when there is none."""
    reached: dict[str, tuple[Human, ...]] = {start: ()}
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        if place == end:
            return reached[place]
        for other, decision in ties.get(place, ()):
            if other not in reached:
                reached[other] = (*reached[place], decision)
                waiting.append(other)
    return ()
