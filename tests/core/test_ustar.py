"""Tars: read by others as we write them, and read by us only as we write them."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import ustar

NAME = "filing.json"


@given(st.from_regex(r"[a-z0-9][a-z0-9.-]{0,99}", fullmatch=True), st.binary(max_size=2000))
def test_other_programs_read_what_we_write(name: str, data: bytes) -> None:
    """One regular file of this name, without time or owner."""
    whole = ustar.header(name, len(data)) + data + bytes(ustar.padding(len(data))) + ustar.END
    with tarfile.open(fileobj=io.BytesIO(whole), mode="r:") as archive:
        (found,) = archive.getmembers()
        content = archive.extractfile(found)
        assert content is not None
        assert content.read() == data
    assert (found.name, found.isreg(), found.mode) == (name, True, 0o600)
    assert (found.mtime, found.uid, found.gid, found.uname, found.gname) == (0, 0, 0, "", "")
    assert found.pax_headers == {}


@given(st.integers(min_value=0, max_value=8**11 - 1))
def test_size_is_read_again(size: int) -> None:
    """Up to the last that eleven digits hold."""
    assert ustar.size(ustar.header(NAME, size), NAME) == size


@given(st.integers(min_value=0, max_value=511), st.integers(min_value=1, max_value=255))
def test_header_that_differs_in_one_byte_is_none(at: int, by: int) -> None:
    """Whatever another reader would make of it."""
    block = bytearray(ustar.header(NAME, 1234))
    block[at] ^= by
    assert ustar.size(bytes(block), NAME) is None


@pytest.mark.parametrize("name", ["", "a/b", "../x", ".x", "é", "A", "x" * 101])
def test_name_that_we_never_write_is_none(name: str) -> None:
    """It stands for no file, whatever the header says."""
    assert ustar.size(ustar.header(NAME, 1), name) is None
