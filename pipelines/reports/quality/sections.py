"""What each section of the report is called, what its figures mean, and what to do about them: data, no figures."""

from __future__ import annotations

from typing import NamedTuple


class About(NamedTuple):
    """A section's id, its title, one plain sentence or two on what it counts, and the next step."""

    id: str
    title: str
    lead: str
    next: str


SECTIONS = {
    one.id: one
    for one in (
        About(
            "steps",
            "What to do next",
            "What the figures below ask of somebody: first what only a person can decide, then source by source what"
            " concerns most people.",
            "",
        ),
        About(
            "holdings",
            "What we hold",
            "How many have each property at all, and how many of those values a second independent source says in the"
            " same words. Near-copies of one text are one voice; a title in another language is another value. What"
            " nobody else says need not be wrong, and two numbers of one person need not contradict each other.",
            "`scrapy why NAME` shows who says what of one person.",
        ),
        About(
            "sources",
            "Source by source",
            "Of the people that a source speaks of, the share for which it states each property; the strong part is"
            " said in the same words by another independent source. Below, how long ago it last showed them. Shares of"
            " fewer than five people are not drawn.",
            "`scrapy extract URL` shows what is read of one of its pages, and how.",
        ),
        About(
            "methods",
            "How sure the readings are",
            "Values by the way in which they were read, and the probability of being right that their reader gave them"
            " when it read them. It is the reader's own claim; what bears it out is a second source.",
            "`scrapy extract URL` shows method and confidence of each value of a page.",
        ),
        About(
            "decisions",
            "Who is who",
            "What the rules merged, what they leave to people, and how often people who looked agreed with them. People"
            " look at doubtful pairs first, so what they found in these is no measure of all pairs.",
            "`scrapy review` asks; `scrapy unmerge` undoes one merge exactly.",
        ),
        About(
            "rejected",
            "Read, and no good",
            "What looked like a value and failed its check, over all runs; only the rule is counted. Every e-mail"
            " address that is held has passed the standard for addresses (RFC 5322, IDNA), and every telephone number"
            " is valid in its country's numbering plan. Whether a mailbox takes mail is not known: none is probed.",
            "`scrapy report compliance` counts what the law or the house leaves out.",
        ),
        About(
            "corrected",
            "Set right by people",
            "Values that the person concerned or an operator has set right (Article 16 GDPR). They outrank every"
            " source, and what they replace stays out wherever it is read again.",
            "`scrapy rectify` records one.",
        ),
    )
}
