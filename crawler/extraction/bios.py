"""What a short biography below a name says about the work: "She is Professor of Law at the University of Westmark"."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.extraction.clauses import NO_JOB, Job, after
from crawler.extraction.meaning import title_score
from crawler.extraction.records import Record, Row

#: Lines below the name, and characters of each, in which a biography is looked for.
_REACH = 6
_MAX_CHARS = 600
_PRONOUNS = "he|she|they|er|sie|il|elle|él|ella|lui|lei|ele|ela|hij|zij|ze|han|hon|on|ona|он|она"
_HONORIFICS = r"(?:(?:dr|prof|professor|mr|mrs|ms|frau|herr|mme|m|sra?|dott(?:\.ssa)?)\.?\s+){0,2}"
# What somebody was or did before is no present job.
_PAST = re.compile(r"^\s*(?:was|were|war|était|fue|era|foi|był|była|had|has been a member|hatte)\s", re.IGNORECASE)
# Up to six words before a first comma or full stop: "Head of Mooring, tides and currents, chart work and …".
_OPENING = re.compile(r"([^\s,.;:–—|()]+(?: [^\s,.;:–—|()]+){0,5})(?:[,.;]| [–—-]) ")
_SURE = 0.85


@lru_cache(maxsize=1024)
def _subject(name: str) -> re.Pattern[str]:
    called = [re.escape(word) for word in name.split() if len(word) > 2]
    return re.compile(
        rf"(?:^|[.!?:]\s+){_HONORIFICS}(?:{re.escape(name)}|{'|'.join([*called, _PRONOUNS])})(?=[\s,])", re.IGNORECASE
    )


def told_job(record: Record, rows: list[Row], ends: int) -> tuple[Job, Row | None]:
    """Return the job that the running text below a name opens with or states, and its row.

    `ends` is the index of the line that the next person begins in.
    """
    name = record.part.name.text or record.part.text
    at = record.row.line.index
    for row in rows[at + 1 : min(at + 1 + _REACH, ends)]:
        if not row.prose or row.line.zone != record.row.line.zone:
            continue
        text = row.line.text[:_MAX_CHARS]
        opening = _OPENING.match(text)
        if opening is not None and row.line.index == at + 1 and title_score(opening[1]) >= _SURE:
            return (opening[1], ""), row
        for found in _subject(name).finditer(text):
            tail = text[found.end() : found.end() + 300]
            job = NO_JOB if _PAST.match(tail) else after(tail)
            if job[0]:
                return job, row
    return NO_JOB, None
