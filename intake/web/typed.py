"""What a person typed into a form: read from its body, whatever is wrong with it.

Werkzeug would answer a body that is too large before it read a field, replace bad letters
silently, take a cut-off body for a short one and write files to the disk. So the body is read
here, and every refusal can give back what was typed.

Rules: each problem is named, nothing stops the reading; text over the limit is counted and
thrown away, field by field; only the last field `end` proves that the form came whole; a file
passes to its sink as it comes, and whatever becomes of it, the other fields survive.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_to_bytes

from intake.core import limits
from intake.errors import IntakeError
from intake.web import multipart
from intake.web.multipart import Head, Mark

log = logging.getLogger("intake")

END = "end"
"""The name of the last field of every form."""

_PIECE = 4 * limits.KIB
"""Read at once: what a broken line takes with it."""
_PIECE_WITH_FILES = 64 * limits.KIB
"""The same of a form with files, where small pieces cost more than the reading. A line that is
silent, slow or closed gives its last bytes in a short piece (`server.run`); one that breaks takes
a piece with it, and has nobody left to be answered."""
_SLICE = 1024 * limits.KIB
"""Decoded at once: an escaped letter costs a hundred bytes while it is decoded."""
_PATIENCE_SECONDS = 20.0
"""How long a form may take before its rate counts: a phone's first packets are slow."""
_BYTES_PER_SECOND = 500
"""The slowest line that is waited for: below it a thread would be held for nothing."""


class Stream(Protocol):
    """Where a body comes from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class FileSink(Protocol):
    """Where the bytes of one file go. Each call but `abandon` may raise an IntakeError.

    The `code` of the error, if it has one, is the problem that the form has then.
    """

    def write(self, data: bytes, /) -> None:
        """Take all of `data`, some 64 KiB."""
        ...

    def end(self) -> str:
        """Take the file as whole; return the text that stands for it among the fields."""
        ...

    def abandon(self) -> None:
        """Forget the file: it was cut off, or something failed. Called once, and nothing after."""
        ...


class Files(Protocol):
    """Where the files of a form go."""

    @property
    def room(self) -> int:
        """Bytes that all files of the form may have together; asked once."""
        ...

    def begin(self, field: str, filename: str, media_type: str) -> FileSink:
        """Return where a file goes; raises IntakeError.

        `filename` has no folders and may be empty, `media_type` is what the browser guessed.
        """
        ...


@dataclass(frozen=True, repr=False)
class Typed:
    """Fields in the order of first appearance; `problems` holds the codes of what is wrong.

    `too_large`, `cut_off`, `not_text`, `not_a_form`, `too_slow`; of files `no_files`,
    `files_too_large`, `file_failed`, and the codes of the errors of their sinks.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    problems: frozenset[str] = frozenset()

    def one(self, name: str) -> str:
        """Return the first value of a field, empty where it is missing."""
        return self.fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self.fields.get(name, [])

    def strangers(self, expected: Iterable[str]) -> bool:
        """Whether there is a field that no form of this kind has."""
        return not set(self.fields) <= {END, *expected}


def read(
    stream: Stream,
    content_type: str,
    clock: Callable[[], float] = time.monotonic,
    files: Files | None = None,
) -> Typed:
    """Return what is in a body. Keeps at most `limits.FORM_KEPT` bytes of it, and no file.

    `content_type` is the whole header; without `files`, a form with a file is read without it.
    """
    problems: set[str] = set()
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        return _urlencoded(_Line(stream, _PIECE, clock, problems))
    line = _Line(stream, _PIECE_WITH_FILES, clock, problems)
    boundary = multipart.boundary_of(content_type)
    if boundary:
        return _multipart(line, boundary, files or _NoFiles())
    for _ in line.pieces():
        pass  # an answer arrives where the body was read
    return Typed({}, frozenset({"not_a_form", *problems}))


class _Line:
    """Where a body comes from, how much of it came, and what is wrong with it."""

    def __init__(
        self, stream: Stream, piece: int, clock: Callable[[], float], problems: set[str]
    ) -> None:
        self.problems = problems
        self.filed = 0
        """Of the bytes that came, those in files."""
        self.thrown = 0
        """Of those in files, the bytes that nobody keeps."""
        self._stream = stream
        self._piece = piece
        self._clock = clock

    def pieces(self) -> Iterator[bytes]:
        """Yield the body, until its end, its limits or the end of patience."""
        start, size = self._clock(), 0
        while True:
            try:
                piece = self._stream.read(self._piece)
            except Exception:  # noqa: BLE001 - whatever a server's reader raises, what came is kept
                self.problems.add("cut_off")
                return
            if not piece:
                return
            size += len(piece)
            if size - self.filed > limits.FORM_READ:
                self.problems.add("too_large")
                return
            if self.thrown > limits.FILES_READ:
                self.problems.add("files_too_large")
                return
            yield piece
            if self._clock() - start > _PATIENCE_SECONDS + size / _BYTES_PER_SECOND:
                self.problems.add("too_slow")
                return


def _urlencoded(line: _Line) -> Typed:
    problems = line.problems
    fields: dict[str, list[str]] = {}
    raw: list[bytes] = []
    for part in _fields(line.pieces(), problems):
        if len(raw) < limits.FORM_FIELDS:
            raw.append(part)
        else:
            problems.add("too_large")
    last = ("", "")
    for last in (_pair(part, problems) for part in raw if part):
        fields.setdefault(last[0], []).append(last[1])
    if not _is_end(last, fields):
        problems.add("cut_off")
    return Typed(fields, frozenset(problems))


def _is_end(last: tuple[str, str], fields: dict[str, list[str]]) -> bool:
    """Whether the last field is the mark, and the only one of its name."""
    return last == (END, "1") and len(fields[END]) == 1


def _fields(pieces: Iterable[bytes], problems: set[str]) -> Iterator[bytes]:
    """Yield each field's bytes; of what is over the limit, only that it was there."""
    kept: list[bytes] = []
    room = limits.FORM_KEPT
    for piece in pieces:
        *ended, rest = piece.split(b"&")
        for part in ended:
            kept.append(part[:room])
            yield b"".join(kept)
            if len(part) > room:
                problems.add("too_large")
            room = max(0, room - len(part))
            kept = []
        if len(rest) > room:
            problems.add("too_large")
        kept.append(rest[:room])
        room = max(0, room - len(rest))
    yield b"".join(kept)


def _pair(part: bytes, problems: set[str]) -> tuple[str, str]:
    name, _, value = part.partition(b"=")
    return _text(name, problems), _text(value, problems)


def _text(raw: bytes, problems: set[str]) -> str:
    return _decode(b"".join(map(unquote_to_bytes, _slices(raw.replace(b"+", b" ")))), problems)


def _decode(data: bytes | bytearray, problems: set[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        problems.add("not_text")
        return data.decode(errors="replace")


def _slices(raw: bytes) -> Iterator[bytes]:
    """Yield the bytes in slices, none of which ends within an escape."""
    start = 0
    while start < len(raw):
        end = min(start + _SLICE, len(raw))
        escape = raw.find(b"%", max(start, end - 2), end)
        if escape > start and end < len(raw):
            end = escape
        yield raw[start:end]
        start = end


def _multipart(line: _Line, boundary: bytes, files: Files) -> Typed:
    pieces = line.pieces()
    form = _Form(line, files)
    part, count, whole = _Part(), 0, False
    for event in multipart.events(pieces, boundary):
        if isinstance(event, bytes):
            part.take(event)
        elif isinstance(event, Head):
            count += 1
            if count > limits.FORM_FIELDS:
                line.problems.add("too_large")
                break
            part = form.begin(event)
        elif event is Mark.CLOSED:
            part.close()
            part = _Part()
        else:
            whole = True
    part.cut()
    for _ in pieces:
        pass  # what follows too many parts
    if not whole or not _is_end(form.last, form.fields):
        line.problems.add("cut_off")
    return Typed(form.fields, frozenset(line.problems))


class _Part:
    """A part of a form, here one that nobody keeps."""

    def take(self, data: bytes) -> None:
        """Take the next bytes."""

    def close(self) -> None:
        """Take the part as whole."""

    def cut(self) -> None:
        """Keep what came of a part whose end did not."""


class _Form:
    """The fields filled so far, and what all parts share."""

    def __init__(self, line: _Line, files: Files) -> None:
        self.fields: dict[str, list[str]] = {}
        self.last = ("", "")
        """Name and text of the part read last, if it was a text."""
        self.line = line
        self.files = files
        self.text_room = limits.FORM_KEPT
        self.file_room = files.room

    def begin(self, head: Head) -> _Part:
        """Return what takes the part with this head."""
        self.line.problems |= head.problems
        self.last = ("", "")
        if "not_a_form" in head.problems:
            return _Part()
        return _File(self, head) if head.is_file else _Text(self, head.name)

    def add(self, name: str, value: str) -> None:
        """Add the value of a field."""
        self.fields.setdefault(name, []).append(value)


class _Text(_Part):
    """A text that was typed, as far as there is room."""

    def __init__(self, form: _Form, name: str) -> None:
        self._form = form
        self._name = name
        self._kept = bytearray()

    def take(self, data: bytes) -> None:
        """Keep the bytes; of what is over the limit, only that it was there."""
        if len(data) > self._form.text_room:
            self._form.line.problems.add("too_large")
        kept = data[: self._form.text_room]
        self._form.text_room -= len(kept)
        self._kept += kept

    def close(self) -> None:
        """Add the field."""
        text = _decode(self._kept, self._form.line.problems)
        self._form.add(self._name, text)
        self._form.last = (self._name, text)

    def cut(self) -> None:
        """Add what came: it is given back."""
        self.close()


class _File(_Part):
    """A file on its way to its sink. What fails is forgotten, the rest of it thrown away.

    An input where no file was chosen comes as a file without name and bytes, and is no value.
    """

    def __init__(self, form: _Form, head: Head) -> None:
        self._form = form
        self._head = head
        self._size = 0
        self._sink: FileSink | None = None
        self._failed = False
        if head.filename:
            self._pass(b"")

    def take(self, data: bytes) -> None:
        """Pass the bytes on."""
        self._form.line.filed += len(data)
        self._size += len(data)
        if self._failed:
            self._form.line.thrown += len(data)
        else:
            self._pass(data)

    def close(self) -> None:
        """Add what stands for the file."""
        if self._sink is None:
            return
        try:
            self._form.add(self._head.name, self._sink.end())
        except Exception as error:  # noqa: BLE001 - whatever a store raises, what was typed is kept
            self._fail(_code(error))

    def cut(self) -> None:
        """Keep nothing of a file that may be half of one."""
        self._forget()

    def _pass(self, data: bytes) -> None:
        line = self._form.line
        try:
            if self._sink is None:
                head = self._head
                self._sink = self._form.files.begin(head.name, head.filename, head.media_type)
            if line.filed - line.thrown > self._form.file_room:
                self._fail("files_too_large")
            elif data:
                self._sink.write(data)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, what was typed is kept
            self._fail(_code(error))

    def _fail(self, code: str) -> None:
        self._form.line.problems.add(code)
        self._failed = True
        self._form.line.thrown += self._size
        self._forget()

    def _forget(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            with suppress(Exception):  # what cannot be removed is no reason to lose the fields
                sink.abandon()


def _code(error: Exception) -> str:
    """Return the problem that an error of a sink makes; one that nobody raised is logged."""
    if isinstance(error, IntakeError):
        return str(getattr(error, "code", "file_failed"))
    log.error("event=file error=%s", type(error).__name__)
    return "file_failed"


class _NoFilesError(IntakeError):
    """A form that takes no files came with one."""

    code = "no_files"


class _NoFiles:
    """Takes no file."""

    room = 0

    def begin(self, field: str, filename: str, media_type: str) -> FileSink:  # noqa: ARG002 - the names are the protocol's
        """Refuse any."""
        raise _NoFilesError("this form takes no files, send it without them")
