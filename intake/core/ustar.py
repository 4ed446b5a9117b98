"""A tar of regular files as POSIX.1-1988 writes it (ustar), and no other.

Rules: one file has one header: no time, no owner, one mode, a name without a slash. So whatever
else a tar can hold (links, devices, paths, sparse files, extensions) is refused by comparing bytes.
The writer is `intake/browser/offline/ustar.ts`.
"""

import re

BLOCK = 512
"""Bytes: headers are one block, contents are padded with zeros to whole ones."""
END = bytes(2 * BLOCK)
"""What stands after the last file."""

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
_NAME_SIZE = 100
_SIZE = slice(124, 135)
_OCTAL = re.compile(rb"[0-7]{11}")
_SUM = slice(148, 156)


def header(name: str, size: int) -> bytes:
    """Return the block that stands before a file of `size` bytes."""
    assert _NAME.fullmatch(name)
    assert 0 <= size < 8**11
    fields = (
        name.encode().ljust(_NAME_SIZE, b"\0"),
        b"0000600\0" + 2 * b"0000000\0",
        b"%011o\0" % size + b"%011o\0" % 0,
        b" " * 8,  # the sum is taken with spaces in its own place
        b"0".ljust(1 + _NAME_SIZE, b"\0"),
        b"ustar\0" + b"00" + bytes(64),
        2 * b"0000000\0" + bytes(167),
    )
    block = b"".join(fields)
    return block[: _SUM.start] + b"%06o\0 " % sum(block) + block[_SUM.stop :]


def size(block: bytes, name: str) -> int | None:
    """Return the size of the file that a block stands before, None unless it is one of `name`."""
    digits = block[_SIZE]
    if not (_NAME.fullmatch(name) and _OCTAL.fullmatch(digits)):
        return None
    found = int(digits, 8)
    return found if header(name, found) == block else None


def padding(length: int) -> int:
    """Return how many zeros follow a content of so many bytes."""
    return -length % BLOCK
