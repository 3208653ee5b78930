"""`scrapy suppress`: who stays out, in which scope; lists of them; and the questions about their namesakes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.errors import RefusedError, UsageError
from pipelines.review.command import StoreCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.rights.secret import Keyring
    from pipelines.upkeep.suppressing import Listed, Order, Outcome

_ACTIONS = ("add", "list", "lift", "waiting", "decide", "rotate")
_NAMES = ("email", "telephone", "url", "name", "organisation")
#: Lines of a list that are done in one transaction: a crawl waits for seconds at most.
_GROUP = 2_000


class Command(StoreCommand):
    """Keep people out: of everything, of a channel, of a purpose; one person or a list of many (CSV, JSON Lines, XLSX).

    The list holds keyed hashes and no value. With the scope "all", which is the default, what is held of the person
    goes at once, and one correction file is written for each recipient who has received any of it. `list` counts the
    entries, `lift` ends those that a person takes back. A mention with the name of somebody who was suppressed, and
    nothing else in common, waits for a decision: `waiting` shows it, `decide ID --same` or `--different` answers.
    `rotate` tells which keys made the hashes and whether an old one can go. Exit code 4 when an identifier is shared by
    several people, unless --everyone says that all of them are meant.
    """

    summary = "Keep people out for good, and decide about their namesakes"
    arguments = "[add|list|lift|waiting|decide|rotate] [ID] [options]"
    example: ClassVar[str] = """
        scrapy suppress --email jane@noord.example --reason objection --dry-run
        scrapy suppress --file opt-outs.csv --scope channel:email --reason opt-out-form
        scrapy suppress lift --email jane@noord.example --scope channel:email --reason own-wish
        scrapy suppress decide 4f0c2a --different
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare whom to keep out of what."""
        parser.add_argument("action", nargs="?", choices=_ACTIONS, default="add", help="what to do (add)")
        parser.add_argument("id", nargs="?", default="", metavar="ID", help="the question to decide")
        parser.add_argument("--email", default="", metavar="ADDRESS")
        parser.add_argument("--telephone", default="", metavar="NUMBER")
        parser.add_argument("--url", default="", metavar="URL", help="of a profile")
        parser.add_argument("--name", default="", metavar="NAME", help="with --organisation; alone it asks, see above")
        parser.add_argument("--organisation", default="", metavar="NAME")
        parser.add_argument("--file", type=Path, metavar="FILE", help="a list with a column for each of these")
        parser.add_argument("--country", default="", metavar="NL", help="where numbers without a code are dialled")
        parser.add_argument(
            "--scope", default="all", metavar="SCOPE", help="all, restriction, sale, channel:…, purpose:…"
        )
        parser.add_argument("--reason", default="", metavar="CODE", help="objection, opt-out-form, own-wish, …")
        parser.add_argument("--everyone", action="store_true", help="suppress all people who share an identifier")
        self.add_corrections(parser)
        verdict = parser.add_mutually_exclusive_group()
        verdict.add_argument("--same", action="store_true", help="it is the person who was suppressed")
        verdict.add_argument("--different", action="store_true", help="it is a namesake")
        parser.add_argument("--by", default="", metavar="NAME", help="who decides: CARDFILE_REVIEWER or you by default")
        parser.add_argument("--dry-run", action="store_true", help="count what would be done; change nothing")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do what was asked."""
        actions = {
            "add": self._add,
            "list": self._list,
            "lift": self._lift,
            "waiting": self._waiting,
            "decide": self._decide,
            "rotate": self._rotate,
        }
        if opts.id and opts.action != "decide":
            raise UsageError(f"unexpected argument {opts.id!r}")
        return actions[opts.action](opts)

    @property
    def _keys(self) -> Keyring:
        from pipelines.rights.secret import keyring  # noqa: PLC0415  the base says why

        assert self.settings is not None
        return keyring(self.settings)

    def _given(self, opts: argparse.Namespace) -> dict[str, str]:
        return {key: getattr(opts, key) for key in _NAMES}

    def _order(self, opts: argparse.Namespace) -> Order:
        import uuid  # noqa: PLC0415

        from crawler import clock  # noqa: PLC0415
        from pipelines.rights.suppression import require_scope  # noqa: PLC0415
        from pipelines.upkeep.suppressing import Order  # noqa: PLC0415

        if not opts.reason:
            raise UsageError("say --reason: a code such as objection, opt-out-form or do-not-call.")
        now, scope = clock.now(), require_scope(opts.scope)
        return Order(scope, opts.reason, now, now.date(), uuid.uuid4().hex, opts.everyone)

    # Adding.

    def _add(self, opts: argparse.Namespace) -> int:
        from pipelines.requests.naming import named  # noqa: PLC0415
        from pipelines.upkeep.suppressing import Listed, Outcome, reading  # noqa: PLC0415

        order, errors = self._order(opts), 0

        def told(sentence: str) -> None:
            nonlocal errors
            errors += 1
            self.warn(sentence)

        if opts.file:
            listed: Iterator[Listed] = reading(opts.file, opts.country, told)
        else:
            listed = iter([Listed("", named(self._given(opts), opts.country))])
        done = Outcome()
        for group in self.progress(_groups(listed), "Suppressing"):
            done.add(self._group(group, order, opts))
        if done.ambiguous and not opts.file:
            raise RefusedError("Several people share what you name; say more, or --everyone if all of them are meant.")
        if done.mentions and not opts.dry_run:
            self._clear_backups(order)
        for place in done.ambiguous:
            self.warn(f"{opts.file.name}, {place}: several people share it; nothing was done (see --everyone).")
        self._tell(done, order, opts, errors)
        return 1 if errors else 4 if done.ambiguous else 0

    def _group(self, group: list[Listed], order: Order, opts: argparse.Namespace) -> Outcome:
        from pipelines.requests.telling import write  # noqa: PLC0415
        from pipelines.upkeep import suppressing  # noqa: PLC0415

        if opts.dry_run:
            with self.reading() as connection:
                return suppressing.preview(connection, group, order)
        with self.writing() as connection:
            done = suppressing.apply(connection, self._keys, group, order)
            if done.lines:
                write(self.corrections(opts), done.lines, order.today)
            if done.new or done.mentions:
                told: dict[str, int | str | bool] = {**done.counts(), "reason": order.reason}
                self.record(connection, "suppress", order.reference, {**told, "scope": _code(order.scope)}, by=opts.by)
        return done

    def _tell(self, done: Outcome, order: Order, opts: argparse.Namespace, errors: int) -> None:
        counts = done.counts()
        if opts.json:
            receipt = "" if opts.dry_run else order.reference
            self.write_json({"receipt": receipt, "scope": order.scope, **counts, "errors": errors})
            return
        verb = "would be suppressed" if opts.dry_run else "are suppressed"
        new = "" if opts.dry_run else f" ({counts['new']} of them new)"
        self.write(
            f"{counts['given']} given: {counts['identifiers']} identifiers {verb}{new} in the scope {order.scope}; "
            f"{counts['people']} people are held, {counts['mentions']} readings and {counts['apart']} waiting ones "
            f"{'would go' if opts.dry_run else 'went'}."
        )
        if done.lines:
            where = "would be told" if opts.dry_run else f"are to be told: {self.corrections(opts)}"
            self.write(f"{len(done.lines)} recipients {where}.")
        if not opts.dry_run:
            self.write(f"Recorded as {order.reference[:12]}.")

    def _clear_backups(self, order: Order) -> None:
        """Take who went out of the backups that are known, too, and name those that could not be written anew."""
        from pipelines.master.database import database_url, open_store  # noqa: PLC0415
        from pipelines.upkeep.backups import Policy, purge  # noqa: PLC0415

        assert self.settings is not None
        home = Path(self.settings["CARDFILE_HOME"])
        engine = open_store(database_url(self.settings["CARDFILE_DATABASE_URL"], home))
        try:
            with self.status("Clearing backups"):
                purged = purge(engine, home, Policy.REWRITE, seal=None, secret=self._keys, now=order.now)
        finally:
            engine.dispose()
        for path in purged.left:
            self.warn(f"The backup {path} still holds what it held; a restore leaves these people out of it.")

    # Looking.

    def _list(self, opts: argparse.Namespace) -> int:
        from pipelines.upkeep.suppressing import by_scope  # noqa: PLC0415

        with self.reading() as connection:
            found = by_scope(connection)
        for (scope, kind, reason, lifted), count in sorted(found.items()):
            row = {"scope": scope, "kind": kind, "reason": reason, "lifted": lifted, "entries": count}
            if opts.json:
                self.write_json(row)
            else:
                self.write(f"{count:8}  {scope}  {kind}  {reason}{'  (lifted)' if lifted else ''}")
        if not found and not opts.json:
            self.write("Nobody is on the suppression list.")
        return 0

    def _waiting(self, opts: argparse.Namespace) -> int:
        from pipelines.rights import apart  # noqa: PLC0415

        with self.reading() as connection:
            found, counts = apart.waiting(connection), apart.counts(connection)
        for one in found:
            facts = _facts(one)
            if opts.json:
                self.write_json(facts)
            else:
                said = "; ".join(f"{key}: {', '.join(texts)}" for key, texts in facts["values"].items())
                self.write(f"{one.id[:12]}  {one.source_id}  {said}")
        if not opts.json:
            namesakes, uploads = counts[apart.NAMESAKE], counts[apart.UPLOAD]
            self.write(f"{namesakes} wait for a decision; {uploads} uploaded mentions are kept apart.")
        return 0

    # Deciding.

    def _decide(self, opts: argparse.Namespace) -> int:
        from crawler import clock  # noqa: PLC0415
        from pipelines.resolution.resolver import resolve_mentions  # noqa: PLC0415
        from pipelines.review.people import reviewer  # noqa: PLC0415
        from pipelines.rights import apart  # noqa: PLC0415
        from pipelines.upkeep.suppressing import decide  # noqa: PLC0415

        if opts.same == opts.different:
            raise UsageError("say --same or --different.")
        assert self.settings is not None
        by = reviewer(opts.by or self.settings["CARDFILE_REVIEWER"])
        with self.writing() as connection:
            ids = apart.matching(connection, opts.id) if opts.id else []
            if len(ids) != 1:
                raise UsageError(f"{len(ids)} questions have the id {opts.id!r}; `scrapy suppress waiting` lists them.")
            (question,) = apart.waiting(connection, ids)
            if not opts.dry_run:
                found = decide(connection, self._keys, question, same=opts.same, by=by, now=clock.now())
                resolve_mentions(connection, found)
                verdict = "same" if opts.same else "different"
                self.record(connection, "judge", question.id, {"verdict": verdict, "namesake": True}, by=by)
        said = "it stays out" if opts.same else "it is somebody else, and is in the master now"
        if opts.json:
            self.write_json({"id": question.id, "same": opts.same, "dry_run": opts.dry_run})
        else:
            self.write(f"{question.id[:12]}: {said}{' (dry run: nothing was done)' if opts.dry_run else ''}.")
        return 0

    def _lift(self, opts: argparse.Namespace) -> int:
        from pipelines.requests.finding import find  # noqa: PLC0415
        from pipelines.requests.naming import named  # noqa: PLC0415
        from pipelines.requests.people import gather  # noqa: PLC0415
        from pipelines.rights import suppression  # noqa: PLC0415

        order = self._order(opts)
        who = named(self._given(opts), opts.country)
        with self.writing() as connection:
            wanted = set(who.identifiers)
            if who.name:
                wanted.add(suppression.name_only(who.name))
            for person in gather(connection, [ids for ids in find(connection, [who]) if len(ids) == 1]):
                wanted |= person.identifiers
            standing = suppression.standings(connection, [suppression.keyed_hashes(self._keys, wanted)])
            if opts.scope not in standing[0].scopes | {scope for scope, _ in standing[0].names}:
                raise RefusedError(f"Nothing in the scope {opts.scope} stands against whom you name.")
            ended = 0
            if not opts.dry_run:
                ended = suppression.lift(connection, self._keys, wanted, order.now, scope=opts.scope)
                told: dict[str, int | str | bool] = {"scope": _code(opts.scope), "reason": order.reason, "ended": ended}
                self.record(connection, "release", order.reference, told, by=opts.by)
        if opts.json:
            self.write_json({"receipt": "" if opts.dry_run else order.reference, "scope": opts.scope, "ended": ended})
        elif opts.dry_run:
            self.write(f"An entry in the scope {opts.scope} would be lifted. Nothing was done.")
        else:
            self.write(f"{ended} entries in the scope {opts.scope} are lifted. Recorded as {order.reference[:12]}.")
        return 0

    def _rotate(self, opts: argparse.Namespace) -> int:
        from pipelines.rights import suppression  # noqa: PLC0415
        from pipelines.rights.secret import key_id  # noqa: PLC0415

        keys = self._keys
        with self.writing() as connection:
            adopted = 0 if opts.dry_run else suppression.adopt(connection, keys)
            found = suppression.by_key(connection)
            if adopted:
                self.record(connection, "rotate-key", details={"adopted": adopted}, by=opts.by)
        live = {key_id(key): "current" if number == 0 else "previous" for number, key in enumerate(keys.keys)}
        for key in [*live, *sorted(set(found) - set(live))]:
            row = {"key": key, "state": live.get(key, "unknown"), "entries": found.get(key, 0)}
            if opts.json:
                self.write_json(row)
            else:
                free = "  can go" if row["state"] == "previous" and not row["entries"] else ""
                self.write(f"{key or '(before ids)':16}  {row['state']:8}  {row['entries']:8} entries{free}")
        lost = sorted(set(found) - set(live) - {""})
        if lost:
            raise RefusedError(
                f"{len(lost)} keys made entries and are not live: these people would come back. Put the keys into "
                "CARDFILE_SECRET_PREVIOUS."
            )
        return 0


def _groups(listed: Iterator[Listed]) -> Iterator[list[Listed]]:
    from itertools import islice  # noqa: PLC0415

    while group := list(islice(listed, _GROUP)):
        yield group


def _facts(one: Any) -> dict[str, Any]:
    values: dict[str, list[str]] = {}
    for prop, value in one.mention:
        values.setdefault(prop.value, []).append(value.normalised or value.text)
    page = one.mention.capture.url if one.mention.capture else ""
    return {"id": one.id, "source": one.source_id, "page": page, "kept_at": one.kept_at.isoformat(), "values": values}


def _code(scope: str) -> str:
    """Return a scope as a code of the log, in which the name of a purpose may not be spelled with spaces."""
    return "-".join(scope.split())[:80]
