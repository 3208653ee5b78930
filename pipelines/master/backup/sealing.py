"""A stream under AES-256-GCM, in chunks, so that a large backup needs little memory and no byte of it can be changed.

Each chunk is sealed with a nonce of its own that also says which chunk it is and whether it is the last one (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): chunks cannot be swapped, dropped or cut off unseen.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipelines.errors import BackupError, UsageError

MAGIC = b"CARDFILE-SEALED-1\n"
CHUNK = 1 << 16
_TAG, _SALT, _PREFIX = 16, 16, 7
#: What `openssl rand -hex 32` gives, or 32 random bytes.
_LEAST_KEY = 32


def read_key(path: Path) -> bytes:
    """Return the content of a key file without white space around it.

    Raises UsageError when it is too short to be a key or when others than its owner can read it, OSError when it cannot
    be read.
    """
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"The key file {path} can be read by others; `chmod 600 {path}`.")
    key = path.read_bytes().strip()
    if len(key) < _LEAST_KEY:
        raise UsageError(f"The key file {path} holds no key of 32 bytes or more; `openssl rand -hex 32 > {path}`.")
    return key


class _Cipher:
    """One key and its nonces; the key of a file comes from the operator's key and the file's own salt."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        derived = HKDF(SHA256(), 32 + _PREFIX, salt, b"cardfile backup 1").derive(key)
        self._cipher, self._prefix, self._count = AESGCM(derived[:32]), derived[32:], 0

    def nonce(self, *, last: bool) -> bytes:
        """Return the next nonce: prefix, number of the chunk, and 1 for the last one."""
        self._count += 1
        return self._prefix + self._count.to_bytes(4, "big") + bytes([last])

    def seal(self, data: bytes, *, last: bool) -> bytes:
        """Encrypt the next chunk."""
        return self._cipher.encrypt(self.nonce(last=last), data, MAGIC)

    def open(self, data: bytes, *, last: bool) -> bytes:
        """Decrypt the next chunk; raises BackupError when it is not what was sealed."""
        try:
            return self._cipher.decrypt(self.nonce(last=last), data, MAGIC)
        except InvalidTag:
            raise BackupError("the key file is another one, or the backup was changed or cut off") from None


class SealingWriter(io.RawIOBase):
    """Seals what is written to it into a file; `close` writes the last chunk and leaves the file open."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._waiting = file, bytearray()
        salt = os.urandom(_SALT)
        self._cipher = _Cipher(key, salt)
        file.write(MAGIC + salt)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object) -> int:
        """Take some bytes; whole chunks go to the file, always keeping one back that may be the last."""
        taken = bytes(memoryview(data))  # type: ignore[arg-type]
        self._waiting += taken
        while len(self._waiting) > CHUNK:
            self._file.write(self._cipher.seal(bytes(self._waiting[:CHUNK]), last=False))
            del self._waiting[:CHUNK]
        return len(taken)

    def close(self) -> None:
        """Seal what is left as the last chunk."""
        if not self.closed:
            self._file.write(self._cipher.seal(bytes(self._waiting), last=True))
        super().close()


class SealedReader(io.RawIOBase):
    """Reads what was sealed; BackupError where it was tampered with."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._open = file, b""
        head = file.read(len(MAGIC) + _SALT)
        self._cipher = _Cipher(key, head[len(MAGIC) :])
        self._next = file.read(CHUNK + _TAG)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer with opened bytes."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._open and self._next:
            sealed, self._next = self._next, self._file.read(CHUNK + _TAG)
            self._open = self._cipher.open(sealed, last=not self._next)
        size = min(len(view), len(self._open))
        view[:size], self._open = self._open[:size], self._open[size:]
        return size
