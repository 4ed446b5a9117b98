"""What a person typed into a form: read from an urlencoded body, whatever is wrong with it.

Werkzeug would answer a body that is too large before it read a field, replace bad letters
silently and take a cut-off body for a short one. So the body is read here, and every refusal
can give back what was typed.

Rules: each problem is named, nothing stops the reading; text over the limit is counted and
thrown away, field by field; only the last field `end` proves that the form came whole.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_to_bytes

from intake.core import limits

END = "end"
"""The name of the last field of every form."""

_PIECE = 4 * limits.KIB
"""Read at once: what a broken line takes with it."""
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


@dataclass(frozen=True, repr=False)
class Typed:
    """Fields in the order of first appearance; `problems` holds the codes of what is wrong.

    `too_large`, `cut_off`, `not_text`, `not_a_form`, `too_slow`.
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


def read(stream: Stream, media_type: str, clock: Callable[[], float] = time.monotonic) -> Typed:
    """Return what is in an urlencoded body. Keeps at most `limits.FORM_KEPT` bytes of it."""
    problems: set[str] = set()
    fields: dict[str, list[str]] = {}
    raw: list[bytes] = []
    for part in _fields(_pieces(stream, problems, clock), problems):
        if len(raw) < limits.FORM_FIELDS:
            raw.append(part)
        else:
            problems.add("too_large")
    if media_type != "application/x-www-form-urlencoded":
        return Typed({}, frozenset({"not_a_form", *problems}))
    for name, value in (_pair(part, problems) for part in raw if part):
        fields.setdefault(name, []).append(value)
    if next(reversed(fields), "") != END or fields[END] != ["1"]:
        problems.add("cut_off")
    return Typed(fields, frozenset(problems))


def _pieces(stream: Stream, problems: set[str], clock: Callable[[], float]) -> Iterator[bytes]:
    """Yield the body, until its end, its limit or the end of patience."""
    start, size = clock(), 0
    while True:
        try:
            piece = stream.read(_PIECE)
        except Exception:  # noqa: BLE001 - whatever a server's reader raises, what came is kept
            problems.add("cut_off")
            return
        if not piece:
            return
        size += len(piece)
        if size > limits.FORM_READ:
            problems.add("too_large")
            return
        yield piece
        if clock() - start > _PATIENCE_SECONDS + size / _BYTES_PER_SECOND:
            problems.add("too_slow")
            return


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
    data = b"".join(map(unquote_to_bytes, _slices(raw.replace(b"+", b" "))))
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
