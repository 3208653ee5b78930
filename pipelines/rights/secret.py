"""The keys of the keyed hashes: one that makes them, and those before it while a rotation lasts."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from scrapy.settings import BaseSettings

from pipelines.errors import StoreError, UsageError

#: Fewer characters could be guessed, and with the key every suppressed address could be guessed too.
LEAST_LENGTH = 32


def key_id(key: bytes) -> str:
    """Return the name of a key, from which nothing about the key follows: 16 hex digits of an HMAC of a constant."""
    return hmac.new(key, b"cardfile key id", hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The live keys: `current` makes new hashes; `previous`, newest first, only recognise what they made before."""

    current: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, key: bytes | Keyring) -> Keyring:
        """Return a keyring for a key that stands alone, or the keyring itself."""
        return key if isinstance(key, Keyring) else cls(key)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Every live key, the current one first."""
        return self.current, *self.previous

    @property
    def id(self) -> str:
        """The id of the current key."""
        return key_id(self.current)


def keyring(settings: BaseSettings) -> Keyring:
    """Return the keys that the settings name: `CARDFILE_SECRET` and, separated by commas, `CARDFILE_SECRET_PREVIOUS`.

    Raises UsageError for a key that is missing in production, too short, or named twice.
    """
    production = settings.getbool("CARDFILE_PRODUCTION")
    current = secret_key(settings["CARDFILE_SECRET"], settings["CARDFILE_HOME"], production=production)
    previous = tuple(part.strip().encode() for part in settings.getlist("CARDFILE_SECRET_PREVIOUS") if part.strip())
    if any(len(key) < LEAST_LENGTH for key in previous):
        raise UsageError(f"CARDFILE_SECRET_PREVIOUS holds a key shorter than {LEAST_LENGTH} characters.")
    if len({current, *previous}) != 1 + len(previous):
        raise UsageError("CARDFILE_SECRET_PREVIOUS repeats a key; it holds the keys before CARDFILE_SECRET, each once.")
    return Keyring(current, previous)


def secret_key(configured: str, home: str | Path, *, production: bool) -> bytes:
    """Return the key for HMAC: `CARDFILE_SECRET`, or outside production a key file in the data folder, made once.

    Losing the key makes every suppression useless, so production must hold it where the operator backs it up. Raises
    UsageError when it is missing there or too short, StoreError when the key file cannot be made.
    """
    if configured:
        if len(configured) < LEAST_LENGTH:
            raise UsageError(
                f"CARDFILE_SECRET is shorter than {LEAST_LENGTH} characters; make one with `openssl rand -hex 32`."
            )
        return configured.encode()
    if production:
        raise UsageError("CARDFILE_SECRET is not set; production needs it for suppressions (`openssl rand -hex 32`).")
    path = Path(home) / "secret.key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_hex(32).encode())
        return path.read_bytes().strip()
    except OSError as error:
        raise StoreError(f"The key file {path} cannot be used ({error.strerror}); check CARDFILE_HOME.") from None


def _write_once(path: Path, key: bytes) -> None:
    """Make the key file whole or not at all; the first of two processes wins."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(key)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
