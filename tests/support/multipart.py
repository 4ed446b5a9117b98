"""A form with files, as browsers write it: multipart/form-data, its end mark last."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

BOUNDARY = "----WebKitFormBoundaryP3rson5AndF1les"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"

Fields = Sequence[tuple[str, str]]

_ESCAPED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True)
class Chosen:
    """A file chosen in a form; `data` comes in pieces where it is large."""

    name: str
    data: bytes | Iterable[bytes]
    size: int = -1
    """The sum of the pieces, where `data` is pieces."""

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.data) if isinstance(self.data, bytes) else self.size

    @property
    def pieces(self) -> Iterable[bytes]:
        """Its bytes."""
        return (self.data,) if isinstance(self.data, bytes) else self.data


def pieces(fields: Fields, files: Sequence[Chosen], *, end: bool = True) -> Iterator[bytes]:
    """Yield the body: texts, files, and the end mark behind them."""
    for name, value in fields:
        yield _head(f'name="{name}"') + value.encode() + b"\r\n"
    for file in files:
        yield _file_head(file)
        yield from file.pieces
        yield b"\r\n"
    if end:
        yield _head('name="end"') + b"1\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def size(fields: Fields, files: Sequence[Chosen]) -> int:
    """Return how long the body is."""
    texts = sum(len(piece) for piece in pieces(fields, ()))
    return texts + sum(len(_file_head(file)) + file.length + 2 for file in files)


def body(fields: Fields, files: Sequence[Chosen] = (), *, end: bool = True) -> bytes:
    """Return the body at once."""
    return b"".join(pieces(fields, files, end=end))


def _head(disposition: str, kind: str = "") -> bytes:
    lines = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{kind}\r\n"
    return lines.encode()


def _file_head(file: Chosen) -> bytes:
    filename = file.name.translate(_ESCAPED)
    kind = "Content-Type: application/octet-stream\r\n"
    return _head(f'name="new"; filename="{filename}"', kind)
