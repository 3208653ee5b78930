"""What a folder of sites answers to a request; files in, bytes out, no socket.

A site is a sub-folder named as its host. A path is looked up as a file, as a folder's `index.html`, and with `.html`
added. A file `_headers` beside the pages may add headers, or change the status, for paths that match a pattern:

    /robots.txt
      :status: 503
      Retry-After: 3600
    /board*
      X-Robots-Tag: noindex
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.errors import UsageError

_STATUS = ":status"
_HEADERS_FILE = "_headers"
#: Types that the machine's own table may not know, or may name in several ways.
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".rss": "application/rss+xml",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".vcf": "text/vcard",
    ".xml": "application/xml",
}
#: Text whose files say their encoding themselves, so that the header must not contradict them.
_SELF_DECLARED = frozenset({".html", ".htm", ".xhtml", ".xml", ".rss"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status code, headers in order, body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites of one folder, by host name in lower case; a name with and without `www.` is one site."""

    hosts: Mapping[str, Path]

    @classmethod
    def in_folder(cls, folder: Path) -> Sites:
        """Take each sub-folder that holds a file for a site; raises UsageError when there is none."""
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder; name one that holds a sub-folder for each site.")
        found = {entry.name.lower(): entry.resolve() for entry in sorted(folder.iterdir()) if _is_site(entry)}
        if not found:
            raise UsageError(
                f"{folder} holds no site; a site is a sub-folder named as its host, with an index.html or robots.txt."
            )
        return cls(found)

    @property
    def names(self) -> frozenset[str]:
        """Every host name that is answered."""
        bare = {name.removeprefix("www.") for name in self.hosts}
        return frozenset(bare | {f"www.{name}" for name in bare})

    def _root(self, host: str) -> Path | None:
        bare = host.removeprefix("www.")
        return self.hosts.get(host) or self.hosts.get(bare) or self.hosts.get(f"www.{bare}")

    def reply(self, host: str, target: str, headers: Mapping[str, str]) -> Reply:
        """Answer a GET. `host` is the Host header, `target` the request target, `headers` the other request headers."""
        root = self._root(host.partition(":")[0].lower())
        if root is None:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, "This server does not serve that host.")
        path = unquote(urlsplit(target).path) or "/"
        extra = dict(_extra_headers(root, path))
        file = _find(root, path)
        if isinstance(file, str):
            return Reply(HTTPStatus.MOVED_PERMANENTLY, {"Location": file, **_without_status(extra)})
        if file is None:
            return _plain(HTTPStatus.NOT_FOUND, "There is no such page.")
        status = int(extra.get(_STATUS, HTTPStatus.OK))
        return _serve(file, status, _without_status(extra), headers)


def _is_site(entry: Path) -> bool:
    if not entry.is_dir() or entry.name.startswith((".", "_")):
        return False
    return any((entry / name).is_file() for name in ("robots.txt", _HEADERS_FILE)) or any(entry.rglob("*.htm*"))


def _find(root: Path, path: str) -> Path | str | None:
    """Return the file for a path, the path to redirect to, or None; nothing outside the root, no hidden file."""
    parts = [part for part in path.split("/") if part]
    if "\x00" in path or any(part.startswith(".") or part == _HEADERS_FILE for part in parts):
        return None
    wanted = root.joinpath(*parts)
    if wanted.is_dir():
        if not path.endswith("/"):
            return f"{path}/"
        wanted /= "index.html"
    elif not wanted.is_file():
        wanted = wanted.with_name(f"{wanted.name}.html")
    inside = wanted.is_file() and wanted.resolve().is_relative_to(root)
    return wanted if inside else None


def _serve(file: Path, status: int, extra: dict[str, str], request: Mapping[str, str]) -> Reply:
    body = file.read_bytes()
    changed = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    headers = {
        "Content-Type": _content_type(file),
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "no-cache",
    } | extra
    if status == HTTPStatus.OK and _is_fresh(headers["ETag"], changed, request):
        return Reply(HTTPStatus.NOT_MODIFIED, headers)
    return Reply(status, headers, body)


def _is_fresh(etag: str, changed: datetime, request: Mapping[str, str]) -> bool:
    """Tell whether the asker's copy still holds; If-None-Match outranks If-Modified-Since (RFC 9110, 13.2.2)."""
    if tags := request.get("If-None-Match"):
        return tags.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    try:
        return changed <= parsedate_to_datetime(request.get("If-Modified-Since", "")).astimezone(UTC)
    except ValueError:
        return False


def _content_type(file: Path) -> str:
    suffix = file.suffix.lower()
    kind = _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if suffix in _SELF_DECLARED or not (kind.startswith("text/") or kind.endswith("json")):
        return kind
    return f"{kind}; charset=utf-8"


def _extra_headers(root: Path, path: str) -> Iterator[tuple[str, str]]:
    """Yield the headers of `_headers` whose pattern matches the path; later ones win."""
    file = root / _HEADERS_FILE
    if not file.is_file():
        return
    matches = False
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        if not line[0].isspace():
            matches = fnmatchcase(path, line.strip())
            continue
        name, colon, value = line.strip().partition(": ")
        if not colon or (name == _STATUS and not value.strip().isdecimal()):
            raise UsageError(f"{file}, line {number}: expected an indented 'Name: value', or ':status: 503'.")
        if matches:
            yield name, value.strip()


def _without_status(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != _STATUS}


def _plain(status: HTTPStatus, sentence: str) -> Reply:
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{sentence}\n".encode())
