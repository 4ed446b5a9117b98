"""How tests inspect bytes and make the cleaned copy."""

from intake.media.draft import apply
from intake.media.inspect import Inspection, inspect


def inspected(data: bytes) -> Inspection:
    """Return what a file of these bytes reveals."""
    return inspect(lambda offset, size: data[offset : offset + size], len(data))


def cleaned(data: bytes, piece: int = 64 * 1024) -> bytes:
    """Return the cleaned copy, streamed in pieces."""
    patches = inspected(data).patches
    return b"".join(apply(patches, at, data[at : at + piece]) for at in range(0, len(data), piece))


def told(data: bytes) -> set[tuple[str, str]]:
    """Return the codes and values of the findings."""
    return {(finding.code, finding.value) for finding in inspected(data).findings}
