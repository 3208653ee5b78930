"""The key of the keyed hashes."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipelines.errors import StoreError, UsageError

#: Fewer characters could be guessed, and with the key every suppressed address could be guessed too.
LEAST_LENGTH = 32


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
