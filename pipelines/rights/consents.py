"""The ledger of consent (Articles 4(11), 6(1)(a) and 7 GDPR): who agreed to what, to which text, and who took it back.

People stand in it as keyed hashes, and nothing in it is ever changed: a withdrawal is an act of its own, and the
latest act counts. A consent is to processing for a purpose ("processing", the legal basis itself) or to being contacted
for it ("email", "telephone"). Who withdraws processing has withdrawn everything for that purpose.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from pipelines.errors import UsageError
from pipelines.master.choices import ConsentRow
from pipelines.master.upsert import chunks
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import Identifier, keyed_hash, keyed_hashes

GIVEN, WITHDRAWN = "given", "withdrawn"
PROCESSING = "processing"
CHANNELS = (PROCESSING, "email", "telephone")
#: How an act of consent reached the operator.
COLLECTED = ("web-form", "double-opt-in", "paper", "telephone", "e-mail", "in-person", "import")


@dataclass(frozen=True, slots=True)
class Act:
    """One act of consent: what was said to which purpose and channel, when, and what proves it.

    `text` is the version of the text that the person saw, `text_hash` the SHA-256 of its bytes; a withdrawal needs
    none. `evidence` is a reference to the proof (a form's number), never the proof itself.
    """

    act: str
    purpose: str
    channel: str
    at: datetime
    text: str = ""
    text_hash: str = ""
    collected: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act as it stands in the ledger."""

    act: Act
    kind: str
    recorded_at: datetime
    by: str


def record(
    connection: Connection, keys: Keyring, person: Sequence[Identifier], act: Act, *, by: str, now: datetime
) -> str:
    """Append an act of a person, under each identifier that is given; return its id.

    Raises UsageError for a consent that nobody could prove: without its text, from the future, to no known channel.
    """
    check(act, now)
    entry = uuid.uuid4().hex
    connection.execute(
        insert(ConsentRow),
        [
            {
                "id": entry if number == 0 else uuid.uuid4().hex,
                "hash": keyed_hash(keys, one),
                "key_id": keys.id,
                "kind": one[0],
                "act": act.act,
                "purpose": act.purpose,
                "channel": act.channel,
                "text": act.text,
                "text_hash": act.text_hash,
                "collected": act.collected,
                "evidence": act.evidence,
                "at": act.at,
                "recorded_at": now,
                "by": by,
            }
            for number, one in enumerate(dict.fromkeys(person))
        ],
    )
    return entry


def check(act: Act, now: datetime) -> None:
    """Raise UsageError for an act that says too little to be proved."""
    if act.channel not in CHANNELS:
        raise UsageError(f"{act.channel!r} is no channel of consent; use one of {', '.join(CHANNELS)}.")
    if not act.purpose:
        raise UsageError("say --purpose: a consent is to one purpose (Article 6(1)(a) GDPR).")
    if act.at > now:
        raise UsageError("the consent is dated in the future; --at is when the person acted.")
    if act.act == GIVEN and not (act.text and act.text_hash and act.collected and act.evidence):
        raise UsageError(
            "a consent is proved by its text, by how it was collected and by a reference to the evidence (Article 7(1) "
            "GDPR); say --text, --collected and --evidence."
        )


def live(
    connection: Connection, groups: Sequence[Collection[str]], purpose: str, now: datetime
) -> list[frozenset[str]]:
    """Return for each group of keyed hashes (one group a person) what the person agrees to for a purpose by now."""
    acts: dict[str, list[tuple[datetime, bool, str]]] = defaultdict(list)
    columns = (ConsentRow.hash, ConsentRow.at, ConsentRow.act, ConsentRow.channel)
    for chunk in chunks(sorted({digest for group in groups for digest in group})):
        query = select(*columns).where(ConsentRow.hash.in_(chunk), ConsentRow.purpose == purpose, ConsentRow.at <= now)
        for digest, at, act, channel in connection.execute(query):
            acts[digest].append((at, act == WITHDRAWN, channel))
    return [standing(one for digest in group for one in acts.get(digest, ())) for group in groups]


def standing(acts: Iterable[tuple[datetime, bool, str]]) -> frozenset[str]:
    """Return what still holds after some acts (when, whether withdrawn, channel), the withdrawal last in a moment."""
    held: set[str] = set()
    for _, withdrawn, channel in sorted(acts):
        if not withdrawn:
            held.add(channel)
        elif channel == PROCESSING:
            held.clear()
        else:
            held.discard(channel)
    return frozenset(held)


def history(connection: Connection, keys: Keyring, person: Iterable[Identifier]) -> list[Recorded]:
    """Return every act of a person in the order of its time, each once although it stands under several identifiers."""
    found: dict[Act, Recorded] = {}
    for chunk in chunks(sorted(keyed_hashes(keys, person))):
        for row in connection.execute(select(ConsentRow.__table__).where(ConsentRow.hash.in_(chunk))):
            act = Act(row.act, row.purpose, row.channel, row.at, row.text, row.text_hash, row.collected, row.evidence)
            found.setdefault(act, Recorded(act, row.kind, row.recorded_at, row.by))
    return sorted(found.values(), key=lambda one: (one.act.at, one.act.act, one.act.channel))
