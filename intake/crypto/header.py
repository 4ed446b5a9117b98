"""The header of an age file: which stanzas it has, and the MAC over them.

Source: C2SP age specification, section "Header".

Rule kept here: a header has one spelling. What is parsed and encoded again is the same bytes, so
the MAC may be taken over the encoding. All of it is public: `age` makes the stanzas, `unseal`
opens them.
"""

import base64
import binascii
import hashlib
import hmac
import io
import re
from dataclasses import dataclass
from typing import Self

from intake.crypto.stream import ByteReader, derive_key
from intake.errors import HeaderError

# Section "Header".
VERSION_LINE = b"age-encryption.org/v1\n"
_STANZA_START = b"-> "
_MAC_START = b"---"
_COLUMNS = 64
_LINE_BYTES = 48
_MAC_SIZE = 32
_MAC_INFO = b"header"
_ARGUMENTS = re.compile(rb"[!-~]+(?: [!-~]+)*")

# Ours: the specification sets no limit. One hybrid stanza takes 1.6 kB; a file has some tens of
# readers at most, and a hostile header must not fill the memory.
MAX_HEADER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapping of the file key: its kind, its arguments and the wrapped key."""

    type: str
    args: tuple[str, ...]
    body: bytes

    def encode(self) -> bytes:
        """Return the stanza as it stands in a header; its last line is always a short one."""
        text = b64(self.body).encode("ascii")
        lines = [text[at : at + _COLUMNS] for at in range(0, len(text) + 1, _COLUMNS)]
        first = " ".join((self.type, *self.args)).encode("ascii")
        return b"\n".join((_STANZA_START + first, *lines, b""))


@dataclass(frozen=True, slots=True)
class Header:
    """The stanzas of a file and the MAC over them, 32 bytes."""

    stanzas: tuple[Stanza, ...]
    mac: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the header that is exactly `data`. Raises HeaderError."""
        reader = io.BytesIO(data)
        header = _HeaderParser(reader).parse(reader.readline(len(VERSION_LINE)))
        if reader.read(1):
            raise HeaderError("something follows the header, keep header and payload apart")
        return cls(header.stanzas, header.mac)

    def encode(self) -> bytes:
        """Return the header's only spelling."""
        return b"".join((self.unauthenticated(), b" ", b64(self.mac).encode("ascii"), b"\n"))

    def unauthenticated(self) -> bytes:
        """Return what the MAC is taken over: all up to and with the three dashes."""
        return b"".join((VERSION_LINE, *(s.encode() for s in self.stanzas), _MAC_START))

    def expected_mac(self, file_key: bytes) -> bytes:
        """Return the MAC these stanzas have under `file_key`, 32 bytes."""
        key = derive_key(file_key, b"", _MAC_INFO)
        return hmac.digest(key, self.unauthenticated(), hashlib.sha256)


def parse_header(reader: ByteReader, start: bytes = b"") -> Header:
    """Read a header from `reader`, and not a byte of what follows it.

    `start` is the first line, where it was already read. Raises HeaderError.
    """
    return _HeaderParser(reader).parse(start or reader.readline(len(VERSION_LINE)))


class _HeaderParser:
    """Reads the lines of one header, and counts them against the limit."""

    def __init__(self, reader: ByteReader) -> None:
        self._reader = reader
        self._left = MAX_HEADER

    def parse(self, start: bytes) -> Header:
        """Return the header whose first line is `start`."""
        if start != VERSION_LINE:
            raise HeaderError("this is not an age file of version 1")
        stanzas: list[Stanza] = []
        while (line := self._line()).startswith(_STANZA_START):
            stanzas.append(self._stanza(line.removeprefix(_STANZA_START)))
        if not line.startswith(_MAC_START + b" "):
            raise HeaderError("the header has a line that no age file has, get the file again")
        mac = unb64(line.removeprefix(_MAC_START + b" "), _MAC_SIZE)
        if not stanzas:
            raise HeaderError("the header names no recipient, get the file again")
        return Header(tuple(stanzas), mac)

    def _line(self) -> bytes:
        """Return the next line without its end."""
        line = self._reader.readline(self._left)
        self._left -= len(line)
        if not line.endswith(b"\n"):
            raise HeaderError("the header was cut off or is too long, get the file again")
        return line[:-1]

    def _stanza(self, arguments: bytes) -> Stanza:
        if not _ARGUMENTS.fullmatch(arguments):
            raise HeaderError("the header has a malformed recipient, get the file again")
        kind, *args = arguments.decode("ascii").split(" ")
        body: list[bytes] = []
        while not body or len(body[-1]) == _LINE_BYTES:
            line = self._line()
            if len(line) > _COLUMNS:
                raise HeaderError("the header has a line that is too long, get the file again")
            body.append(unb64(line))
        return Stanza(kind, tuple(args), b"".join(body))


def b64(data: bytes) -> str:
    """Return standard base64 without padding, as headers use it."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: bytes, size: int | None = None) -> bytes:
    """Return the bytes of canonical base64 without padding, `size` of them.

    Raises HeaderError.
    """
    try:
        data = binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error as error:
        raise HeaderError("the header holds what is not base64, get the file again") from error
    if b64(data).encode("ascii") != text or size not in (None, len(data)):
        raise HeaderError("the header holds a value of a wrong length or spelling")
    return data
