"""The parts of a multipart body, read as a stream: no byte of it stays here.

Sources: RFC 7578 (form-data), RFC 2046, section 5.1.1 (boundaries), and the HTML standard,
"Multipart form data" (how browsers write names).

Rules: a boundary is a line as browsers write it, ended by CRLF and without blanks, anything else
is data; a part whose head is broken is named and the next one is read; at most one piece and one
head are held; nothing here raises.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self
from urllib.parse import unquote_to_bytes

from intake.core import limits

MEDIA_TYPE = "multipart/form-data"
"""The media type of a form with files."""

_LINE_END = b"\r\n"
_HEAD_END = b"\r\n\r\n"
_FINAL = b"--"
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046: at most seventy characters, the last no blank."""

_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")
"""RFC 9110, section 5.1; no browser folds a line, and none ends it otherwise than by CRLF."""
_PARAMETER = re.compile(r';[ \t]*([^\s=;"]+)=(?:"(.*?)"(?=[ \t]*(?:;|$))|([^;"]*))[ \t]*')
"""A quoted value goes on over quotes that do not end it: old browsers left them as they were."""
_ESCAPED = re.compile(r'%(22|0D|0A)|\\"')
"""All that browsers escape in a name; a percent sign stays as it is."""
_KIND = re.compile(r"([\w!#$&^.+-]{1,64}/[\w!#$&^.+-]{1,64})[ \t]*(?:;|$)", re.ASCII)
"""A media type; RFC 6838, section 4.2, asks for no more than 64 characters on each side."""
_UNKNOWN_KIND = "application/octet-stream"
"""What browsers write for a file of which they know nothing."""
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Letters that turn the direction of writing: with them a program is shown as a picture."""


class Mark(Enum):
    """What is said between parts."""

    CLOSED = auto()
    """The part came whole."""
    WHOLE = auto()
    """The last boundary came, and nothing after it."""


@dataclass(frozen=True, repr=False)
class Head:
    """What stands before the bytes of a part.

    `problems` holds `not_a_form` where no form has such a part: its bytes mean nothing. It holds
    `not_text` where letters were broken, which are replaced.
    """

    name: str
    is_file: bool = False
    filename: str = ""
    media_type: str = _UNKNOWN_KIND
    problems: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Return the head in these lines, whatever they are."""
        text, problems = _decode(raw)
        headers = _headers(text)
        kind, named = _valued(headers.get("content-disposition", ""))
        media_type = headers.get("content-type", "")
        found = _KIND.match(media_type)
        is_file = "filename" in named or "filename*" in named
        nested = media_type.lower().startswith("multipart/") and not is_file
        if kind != "form-data" or not named.get("name") or nested:
            return cls("", problems=frozenset({"not_a_form"}))
        filename, broken = _filename(named) if is_file else ("", frozenset[str]())
        return cls(
            named["name"],
            is_file,
            filename,
            found[1].lower() if found else _UNKNOWN_KIND,
            problems | broken,
        )


_UNFIT = Head("", problems=frozenset({"not_a_form"}))
"""The head of a part whose head cannot be found."""


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a Content-Type names, empty where no body can have it."""
    kind, named = _valued(content_type)
    boundary = named.get("boundary", "")
    fits = kind == MEDIA_TYPE and _BOUNDARY.fullmatch(boundary)
    return boundary.encode() if fits else b""


def events(pieces: Iterable[bytes], boundary: bytes) -> Iterator[Head | bytes | Mark]:
    """Yield of each part its head, its bytes and CLOSED; at the end of a whole body WHOLE.

    What came of a part that was cut off is yielded too. `pieces` are never empty, and of any size;
    what is yielded is at most a boundary longer.
    """
    reader = _Reader(pieces, boundary)
    for _ in reader.until_boundary():
        pass  # what stands before the first boundary means nothing
    while reader.found_part:
        if not reader.find_head():
            return
        yield reader.head
        yield from reader.until_boundary()
        if reader.found_any:
            yield Mark.CLOSED
    if reader.found_any and reader.ends():
        yield Mark.WHOLE


class _Reader:
    """The bytes not yet given out, and which boundary was the last."""

    def __init__(self, pieces: Iterable[bytes], boundary: bytes) -> None:
        self.head = _UNFIT
        self.found_any = self.found_part = False
        self._pieces = iter(pieces)
        line = _LINE_END + _FINAL + boundary
        self._lines = (line + _LINE_END, line + _FINAL)
        self._boundary = re.compile(re.escape(line) + b"(\r\n|--)")
        # The first boundary has no line before it.
        self._rest = _LINE_END

    def until_boundary(self) -> Iterator[bytes]:
        """Yield what stands before the next boundary, or before the end of a body cut off."""
        while not (found := self._boundary.search(self._rest)):
            # All but what may be the beginning of a boundary.
            start = self._rest.find(b"\r", max(0, len(self._rest) - len(self._lines[0]) + 1))
            held = self._rest[start:] if start >= 0 else b""
            if len(held) < len(self._rest):
                yield self._rest[:start] if held else self._rest
            self._rest = held
            if not self._more():
                self.found_any = self.found_part = False
                yield from self._unbounded()
                return
        if found.start():
            yield self._rest[: found.start()]
        self.found_any = True
        self.found_part = found[1] == _LINE_END
        # A line end stays: with the next one it ends a head without lines.
        self._rest = self._rest[found.start(1) if self.found_part else found.end() :]

    def find_head(self) -> bool:
        """Take the lines before a part's bytes; False where the body ends in them."""
        while (end := self._rest.find(_HEAD_END, 0, limits.PART_HEAD)) < 0:
            if len(self._rest) >= limits.PART_HEAD:
                self.head = _UNFIT
                return True
            if not self._more():
                return False
        if self._boundary.search(self._rest, 0, end):
            self.head = _UNFIT
            return True
        self.head = Head.parse(self._rest[len(_LINE_END) : end])
        self._rest = self._rest[end + len(_HEAD_END) :]
        return True

    def ends(self) -> bool:
        """Whether nothing but a line end follows; reads all of it."""
        rest = self._rest
        for piece in self._pieces:
            rest = rest[:3] + piece[:3]
        return rest in (b"", _LINE_END)

    def _more(self) -> bool:
        piece = next(self._pieces, b"")
        self._rest += piece
        return bool(piece)

    def _unbounded(self) -> Iterator[bytes]:
        """Yield what was held without the beginning of a boundary."""
        size = len(self._rest)
        start = next(
            (at for at in range(size) if any(x.startswith(self._rest[at:]) for x in self._lines)),
            size,
        )
        if start:
            yield self._rest[:start]
        self._rest = b""


def _headers(text: str) -> dict[str, str]:
    """Return the values by name in small letters, none if a line is broken or stands twice."""
    headers: dict[str, str] = {}
    for line in text.split("\r\n"):
        found = _HEADER.fullmatch(line)
        if not found or found[1].lower() in headers:
            return {}
        headers[found[1].lower()] = found[2]
    return headers


def _valued(header: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first semicolon, and the parameters; none if one is broken."""
    kind = header.partition(";")[0]
    named: dict[str, str] = {}
    position = len(kind)
    while position < len(header):
        found = _PARAMETER.match(header, position)
        if not found or found[1].lower() in named:
            return "", {}
        quoted = found[2] is not None
        value = _ESCAPED.sub(_unescape, found[2]) if quoted else found[3].strip(" \t")
        named[found[1].lower()] = value
        position = found.end()
    return kind.strip(" \t").lower(), named


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else '"'


def _filename(named: dict[str, str]) -> tuple[str, frozenset[str]]:
    """Return a file's name, without folders, unseen letters and length, and what is wrong in it.

    Of a long name the end stays, which says of what kind a file is.
    """
    name, problems = named.get("filename", ""), frozenset[str]()
    if "filename*" in named:
        # RFC 8187: a charset, a language and percent-encoded bytes, in practice always UTF-8.
        name, problems = _decode(unquote_to_bytes(named["filename*"].split("'", 2)[-1]))
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(filter(_is_seen, last))
    return "" if seen in {".", ".."} else seen[-limits.FILE_NAME :], problems


def _is_seen(letter: str) -> bool:
    unseen = unicodedata.category(letter) in {"Cc", "Zl", "Zp"}
    return not unseen and unicodedata.bidirectional(letter) not in _TURNING


def _decode(raw: bytes) -> tuple[str, frozenset[str]]:
    try:
        return raw.decode(), frozenset()
    except UnicodeDecodeError:
        return raw.decode(errors="replace"), frozenset({"not_text"})
