"""`scrapy review`: the questions that only a person can answer."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from pipelines.review.queue import Question

_KEYS = {"s": "same", "d": "different"}


class Command(StoreCommand):
    """Decide, pair by pair, what the rules leave open; the answers that matter most are asked for first.

    Both sides are shown with the evidence in bits and what would change the verdict. Answer s (same), d (different),
    k (skip) or q (quit), each followed by Enter. A decision is stored at once and can be undone with `scrapy unmerge`.
    `--list` prints the queue, `--json` prints it for a script (which answers with `scrapy judge`), `--conflicts` prints
    where people contradict each other, and `--judged` what `make weights` learns from: the rules that held for each
    pair that people decided, and no value of anybody. None of the four needs a terminal.
    """

    summary = "Decide what the rules leave open"
    example: ClassVar[str] = """
        scrapy review --by "A. Reviewer"
        scrapy review --list --limit 20
        scrapy review --conflicts
        scrapy review --judged > judged.jsonl
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what to show and who decides."""
        from pipelines.review.texts import LANGUAGES, reasons  # noqa: PLC0415

        shown = parser.add_mutually_exclusive_group()
        shown.add_argument("--list", action="store_true", help="print the questions, one a line, and ask nothing")
        shown.add_argument("--conflicts", action="store_true", help="print where people contradict each other")
        shown.add_argument("--judged", action="store_true", help="print what people decided, for learning weights")
        parser.add_argument("--limit", type=int, default=100, metavar="N", help="questions at most (100)")
        parser.add_argument("--by", metavar="NAME", default="", help="who decides: CARDFILE_REVIEWER or you by default")
        parser.add_argument("--reason", choices=reasons(), default="pages", help="why; no free text is stored")
        parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the sentences")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Show the queue, or ask."""
        from pipelines.review.queue import count, questions  # noqa: PLC0415  the base says why
        from pipelines.review.show import question_facts, question_line  # noqa: PLC0415
        from pipelines.review.texts import say  # noqa: PLC0415

        if opts.limit < 1:
            raise UsageError("--limit is a number of questions, at least 1.")
        if opts.conflicts:
            return self._conflicts(opts)
        if opts.judged:
            return self._judged()
        if not (opts.list or opts.json):
            return self._ask(opts)
        with self.reading() as connection:
            found, whole = [self._seen(one) for one in questions(connection, opts.limit)], count(connection)
        for one in found:
            if opts.json:
                self.write_json(question_facts(one, opts.language))
            else:
                self.write(question_line(one))
        if not opts.json:
            self.write(say("open_one" if whole == 1 else "open_many", opts.language, count=whole))
            self._tell_of_namesakes(opts.language)
        return 0

    def _tell_of_namesakes(self, language: str) -> None:
        """Say that mentions wait which have the name of somebody who was put out; another command decides these."""
        from pipelines.review.texts import say  # noqa: PLC0415
        from pipelines.rights import apart  # noqa: PLC0415

        with self.reading() as connection:
            namesakes = apart.counts(connection)[apart.NAMESAKE]
        if namesakes:
            self.write(say("namesakes", language, count=namesakes))

    def _seen(self, question: Question) -> Question:
        from pipelines.review.queue import masked  # noqa: PLC0415

        return masked(question) if self.role.masked else question

    def _conflicts(self, opts: argparse.Namespace) -> int:
        from pipelines.review.conflicts import conflicts  # noqa: PLC0415
        from pipelines.review.show import conflict_facts, conflict_sentence  # noqa: PLC0415
        from pipelines.review.texts import say  # noqa: PLC0415

        with self.reading() as connection:
            found = conflicts(connection)
        for one in found:
            if opts.json:
                self.write_json(conflict_facts(one))
            else:
                self.write(conflict_sentence(one, opts.language))
        if not found and not opts.json:
            self.write(say("agreed", opts.language))
        return 0

    def _judged(self) -> int:
        from pipelines.review.judged import lessons  # noqa: PLC0415

        left_out = 0
        with self.reading() as connection:
            for lesson in lessons(connection):
                if lesson is None:
                    left_out += 1
                else:
                    self.write_json(lesson)
        if left_out:
            self.warn(f"{left_out} left out: a reading is gone, restricted, or of another kind than the other one.")
        return 0

    def _ask(self, opts: argparse.Namespace) -> int:
        from pipelines.review.people import reviewer  # noqa: PLC0415
        from pipelines.review.queue import questions  # noqa: PLC0415
        from pipelines.review.texts import say  # noqa: PLC0415

        if not sys.stdin.isatty():
            raise UsageError("scrapy review asks a person at a terminal, and this is none; use --list or --json.")
        assert self.settings is not None
        by = reviewer(opts.by or self.settings["CARDFILE_REVIEWER"])
        skipped: set[str] = set()
        decided = 0
        try:
            while decided + len(skipped) < opts.limit:
                with self.reading() as connection:
                    found = [self._seen(one) for one in questions(connection, 1, skipped)]
                if not found:
                    break
                answer = self._answer(found[0], opts.language)
                if answer == "q":
                    break
                if answer == "k":
                    skipped.add(found[0].judgement)
                else:
                    self._decide(found[0], _KEYS[answer], by, opts)
                    decided += 1
        finally:  # an interrupted round has decided something too
            self.write(say("round", opts.language, decided=decided, skipped=len(skipped)))
        return 0

    def _answer(self, question: Question, language: str) -> str:
        from pipelines.review.show import show_question  # noqa: PLC0415
        from pipelines.review.texts import say  # noqa: PLC0415

        show_question(self, question, language)
        while True:
            sys.stdout.write(say("prompt", language))
            sys.stdout.flush()
            try:
                line = sys.stdin.readline()
            except KeyboardInterrupt:
                self.write("")
                raise
            if not line:
                self.write("")
            answer = line.strip().lower() if line else "q"
            if answer in {*_KEYS, "k", "q"}:
                return answer

    def _decide(self, question: Question, verdict: str, by: str, opts: argparse.Namespace) -> None:
        from crawler import clock  # noqa: PLC0415
        from pipelines.review.people import judge  # noqa: PLC0415
        from pipelines.review.show import say_decided  # noqa: PLC0415

        pair = (question.left.mention, question.right.mention)
        with self.writing() as connection:
            found = judge(connection, *pair, verdict, by=by, reason=opts.reason, now=clock.now())
            self.record(connection, "judge", found.judgement, {"verdict": verdict}, by)
        say_decided(self, found, opts.language, as_json=False)
