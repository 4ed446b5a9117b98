"""Canonical JSON: one value has one encoding, so digests, MACs and retries agree.

Rules: UTF-8, keys sorted, no space, no duplicate or unknown key, nothing after the value.
A decoded value must encode to the very bytes it came from (msgspec alone accepts a key twice).
"""

from typing import TypeVar

import msgspec

from intake.errors import IntakeError

T = TypeVar("T")

_encoder = msgspec.json.Encoder(order="sorted")


def ready(*kinds: type) -> None:
    """Let msgspec look at types, and at those inside them, while they are imported.

    Else it looks when it first decodes one, and another thread that decodes meanwhile reads what
    is half made: the first two reports together could end a new worker (SIGSEGV, msgspec 0.22).
    """
    for kind in kinds:
        msgspec.json.Decoder(kind)


def encode(value: object) -> bytes:
    """Return the one encoding of a msgspec struct or plain value."""
    return _encoder.encode(value)


def decode(data: bytes, kind: type[T], error: type[IntakeError], what: str) -> T:
    """Return `data` as `kind`, or raise `error` saying that `what` is not readable."""
    try:
        value = msgspec.json.decode(data, type=kind, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The parser's own text may quote what was parsed: it is dropped with its traceback.
        raise error(f"{what} is not in the expected form") from None
    if encode(value) != data:
        raise error(f"{what} is not written canonically")
    return value
