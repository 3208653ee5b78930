"""`scrapy why`: where one person or organisation comes from."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.errors import RefusedError, UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from pipelines.reports.allowed import Receipt
    from pipelines.reports.entities import Entity
    from pipelines.reports.lookup import Found
    from pipelines.reports.restricted import Veil
    from pipelines.review.pairs import Explanation


class Command(StoreCommand):
    """Say where an entry's values come from, when and how they were read, and why mentions were merged.

    WHO is an id or its beginning (the id of a merged mention works too), an e-mail address, a telephone number, or a
    name. With OTHER, say why the two are one or are not: each piece of evidence in bits, and what would change the
    verdict. `--picture` draws that as SVG, or as a page of HTML.

    With `--allowed`, WHO is a value or the URL of a page, and what is printed is by what right it was read: the
    robots.txt that was asked, the line that decided, the signals, who we said we were, and when.
    """

    summary = "Say where one person's values come from and why mentions were merged"
    arguments = "WHO [OTHER] [options]"
    example: ClassVar[str] = """
        scrapy why "Jane Roe"
        scrapy why jane.roe@example.nl --json
        scrapy why 3f2a9c1e 77b0d4aa --language nl --picture why.svg
        scrapy why --allowed jane.roe@example.nl
        scrapy why --allowed https://www.example.nl/team --json
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare whom to explain."""
        from pipelines.review.texts import LANGUAGES  # noqa: PLC0415  the base says why

        parser.add_argument("who", metavar="WHO", help="id, e-mail address, telephone number or name")
        parser.add_argument("other", nargs="?", metavar="OTHER", help="why are the two one, or not?")
        parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the reasons")
        parser.add_argument("--picture", type=Path, metavar="FILE", help="with OTHER: draw the bits to a .svg or .html")
        parser.add_argument(
            "--allowed", action="store_true", help="WHO is a value or a URL: by what right was it read?"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print one explanation; ask for more when the name is not enough."""
        if opts.allowed and opts.other:
            raise UsageError("--allowed is about one value or page.")
        if opts.picture and (not opts.other or opts.picture.suffix not in {".svg", ".html"}):
            raise UsageError("--picture wants OTHER, and a FILE that ends in .svg or .html.")
        with self.reading() as connection:
            if opts.allowed:
                self._require_values()
                from pipelines.reports.allowed import receipts  # noqa: PLC0415
                from pipelines.reports.restricted import require_free  # noqa: PLC0415

                if not self.role.sees_restricted:
                    require_free(connection, opts.who)
                return self._show_receipts(receipts(connection, opts.who), opts.json)
            return self._pair(connection, opts) if opts.other else self._entry(connection, opts)

    def _entry(self, connection: Connection, opts: argparse.Namespace) -> int:
        from pipelines.reports import masks  # noqa: PLC0415
        from pipelines.reports.lookup import find  # noqa: PLC0415
        from pipelines.reports.provenance import entities  # noqa: PLC0415
        from pipelines.resolution import redirects  # noqa: PLC0415
        from pipelines.review.entry import show_entry, show_holding  # noqa: PLC0415
        from pipelines.review.texts import say  # noqa: PLC0415

        found = find(connection, opts.who)
        veil = self._veil(connection)
        if not found:
            raise UsageError(_nobody(connection))
        if len(found) != 1:
            return self._choose(found, veil, as_json=opts.json)
        veil.require_open([found[0].id])
        entity = veil.entity(next(entities(connection, found[0].id)))
        entity = masks.entity(entity) if self.role.masked else entity
        moved = redirects.leading_to(connection, opts.who, entity.id)
        if opts.json:
            return self._entry_as_json(connection, entity, moved, opts.language)
        if moved:
            self.write(say("redirected", opts.language, old=moved, new=entity.id))
        show_entry(self.console, entity, opts.language)
        if entity.merges:
            sys.stdout.flush()  # what was learnt from a large store takes a while to read
            show_holding(self.console, _holding(connection, entity), opts.language)
        return 0

    def _entry_as_json(self, connection: Connection, entity: Entity, moved: str, language: str) -> int:
        from pipelines.review.events import employer_changes  # noqa: PLC0415
        from pipelines.review.verdicts import holding_sentences  # noqa: PLC0415

        extra = {
            "redirected_from": moved,
            "employer_changes": [asdict(change) for change in employer_changes(entity.jobs)],
            "holding": holding_sentences(_holding(connection, entity), language) if entity.merges else [],
        }
        self.write_json({**asdict(entity), **extra})
        return 0

    def _pair(self, connection: Connection, opts: argparse.Namespace) -> int:
        from pipelines.review.pairs import explain  # noqa: PLC0415
        from pipelines.review.people import mention_of  # noqa: PLC0415
        from pipelines.review.show import explanation_facts, explanation_sentences, show_explanation  # noqa: PLC0415

        pair = [mention_of(connection, *named) for named in ((opts.who, "WHO"), (opts.other, "OTHER"))]
        found = explain(connection, *pair)
        self._veil(connection).require_open(found.entities)
        if opts.picture:
            self._draw(found, opts, explanation_sentences(found, opts.language))
        if opts.json:
            self.write_json(explanation_facts(found, opts.language))
        else:
            show_explanation(self, found, opts.language)
        return 0

    def _draw(self, found: Explanation, opts: argparse.Namespace, sentences: list[str]) -> None:
        from pipelines.review import picture  # noqa: PLC0415

        steps = found.reason.steps
        drawn = (
            picture.svg(steps, opts.language)
            if opts.picture.suffix == ".svg"
            else picture.html(steps, opts.language, sentences)
        )
        opts.picture.write_text(drawn, "utf-8")

    def _veil(self, connection: Connection) -> Veil:
        from pipelines.reports.restricted import Veil  # noqa: PLC0415

        return Veil() if self.role.sees_restricted else Veil.of(connection)

    def _choose(self, found: Sequence[Found], veil: Veil, *, as_json: bool) -> int:
        from pipelines.reports.lookup import MOST  # noqa: PLC0415
        from pipelines.reports.masks import name  # noqa: PLC0415

        many = f"{MOST} entries or more" if len(found) >= MOST else f"{len(found)} entries"
        self.warn(f"{many} answer to that; name one by its id:")
        for row in found:
            shown = veil.name(row.id, name(row.name) if self.role.masked else row.name)
            if as_json:
                self.write_json({"id": row.id, "type": row.type, "name": shown})
            else:
                self.write(f"{row.id}  {row.type:<12}  {shown}")
        return 2

    def _require_values(self) -> None:
        """Refuse what shows values and pages whole to somebody who sees them masked."""
        if self.role.masked:
            raise RefusedError("--allowed quotes values and pages; it is not for the role 'analyst'.")

    def _show_receipts(self, found: Sequence[Receipt], as_json: bool) -> int:
        if as_json:
            self.write_json([asdict(receipt) for receipt in found])
            return 0
        for receipt in found:
            self.write(receipt.subject)
            for sentence in receipt.sentences():
                self.write(f"  {sentence}")
        return 0


def _nobody(connection: Connection) -> str:
    """Return why nobody was found."""
    from pipelines.master.check import is_empty  # noqa: PLC0415  the base says why
    from pipelines.master.faults import shown  # noqa: PLC0415

    if not is_empty(connection):
        return "nobody in the store answers to that; try a part of the name"
    return f"the store {shown(connection.engine.url)} is empty; check DATABASE_URL and CARDFILE_HOME, or crawl first"


def _holding(connection: Connection, entity: Entity) -> dict[str, int] | None:
    from pipelines.resolution import frozen  # noqa: PLC0415
    from pipelines.review.pairs import hold  # noqa: PLC0415

    return hold(connection, entity.id, frozen.current(connection))
