"""The text form of an age file, for mail and other places that take only text.

Source: C2SP age specification, section "ASCII armor": a strict subset of PEM (RFC 7468).

Rules kept here: one text for one file, but for white space around it (at most 1 KiB on either
side) and the choice of CRLF or LF. No headers, no empty, short or long line inside, canonical
base64 only, and nothing but white space before or after.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator

from intake.crypto.stream import ByteReader, regroup
from intake.errors import ArmorError

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"

# RFC 7468, strict: 64 characters a line, which carry 48 bytes.
_COLUMNS = 64
_LINE_BYTES = 48
# How much white space around the armor is let pass, as in the reference implementation:
# a mail program adds some, an endless stream of it is an attack.
_MAX_WHITESPACE = 1024
# How much is encoded at once: a whole number of lines, of about a chunk's size.
_BATCH = _LINE_BYTES * 1024


def looks_armored(start: bytes) -> bool:
    """Return whether a file that starts with the line `start` means to be armored."""
    return not start.strip() or start.lstrip().startswith(b"-----BEGIN")


def encode_stream(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the armor around the file in `pieces`, which may have any sizes."""
    yield BEGIN + b"\n"
    for batch in regroup(pieces, _BATCH):
        text = base64.b64encode(batch)
        lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
        yield b"\n".join((*lines, b""))
    yield END + b"\n"


def decode_stream(reader: ByteReader, start: bytes = b"") -> ByteReader:
    """Return a reader of the file inside the armor.

    `start` is what was already read of the first line, with its end. The reader raises
    ArmorError where the armor breaks its rules.
    """
    return _Decoder(_decoded(reader, start))


class _Decoder:
    """Gives the decoded lines the form of a binary file."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._ready = bytearray()

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        while len(self._ready) < size and self._advance():
            pass
        return self._take(size)

    def readline(self, size: int, /) -> bytes:
        """Return a line with its end, or its first `size` bytes."""
        while (end := self._ready.find(b"\n", 0, size)) < 0 and len(self._ready) < size:
            if not self._advance():
                break
        return self._take(size if end < 0 else end + 1)

    def _advance(self) -> bool:
        line = next(self._lines, b"")
        self._ready += line
        return bool(line)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken


def _decoded(reader: ByteReader, start: bytes) -> Iterator[bytes]:
    """Yield the bytes of each line between BEGIN and END."""
    _skip_to_begin(reader, start)
    short = False
    while (line := _line(reader)) != END:
        if short or not line:
            raise ArmorError("the armor has a short or empty line inside, get the file again")
        data = _decode_line(line)
        short = len(data) < _LINE_BYTES
        yield data
    _check_trailing(reader)


def _skip_to_begin(reader: ByteReader, start: bytes) -> None:
    size = _MAX_WHITESPACE + len(BEGIN + b"\r\n")
    raw = start or reader.readline(size)
    skipped = len(raw) - len(raw.lstrip())
    while raw and not raw.strip() and skipped <= _MAX_WHITESPACE:
        raw = reader.readline(size)
        skipped += len(raw) - len(raw.lstrip())
    if not raw or skipped > _MAX_WHITESPACE:
        raise ArmorError("the armor has no beginning, get the file again")
    if _without_eol(raw.lstrip()) != BEGIN:
        raise ArmorError("the armor does not begin as an age file does, get the file again")


def _line(reader: ByteReader) -> bytes:
    """Return the next line without its end."""
    raw = reader.readline(_COLUMNS + len(b"\r\n"))
    if not raw:
        raise ArmorError("the armor has no end, the file was cut off, get it again")
    if raw.startswith(END) and not raw[len(END) :].strip():
        return END
    return _without_eol(raw)


def _without_eol(raw: bytes) -> bytes:
    return raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw


def _decode_line(line: bytes) -> bytes:
    if len(line) > _COLUMNS:
        raise ArmorError("the armor has a line that is too long, get the file again")
    try:
        data = binascii.a2b_base64(line, strict_mode=True)
    except binascii.Error as error:
        raise ArmorError("the armor holds what is not base64, get the file again") from error
    # Left-over bits that are not zero decode, but to bytes that are spelt otherwise.
    if binascii.b2a_base64(data, newline=False) != line:
        raise ArmorError("the armor is not canonical base64, get the file again")
    return data


def _check_trailing(reader: ByteReader) -> None:
    seen = 0
    while raw := reader.readline(_MAX_WHITESPACE):
        seen += len(raw)
        if raw.strip() or seen > _MAX_WHITESPACE:
            raise ArmorError("something follows the end of the armor, get the file again")
