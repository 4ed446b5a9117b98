"""Armor has one text for one file, but for white space around it and the ends of lines."""

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.crypto import armor, unseal
from intake.crypto.age import encrypt
from intake.crypto.unseal import generate_x25519
from intake.errors import ArmorError, IntakeError

BEGIN = armor.BEGIN.decode()
END = armor.END.decode()
LINE = "QUFB" * 16
BAD = {
    "nothing": "",
    "no begin": f"{LINE}\n{END}\n",
    "no end": f"{BEGIN}\n{LINE}\n",
    "only begin": BEGIN,
    "begin with trailing space": f"{BEGIN} \n{LINE}\n{END}\n",
    "end with leading space": f"{BEGIN}\n{LINE}\n {END}\n",
    "another label": f"-----BEGIN PGP MESSAGE-----\n{LINE}\n{END}\n",
    "headers": f"{BEGIN}\nComment: a\n\n{LINE}\n{END}\n",
    "empty line": f"{BEGIN}\n{LINE}\n\n{LINE}\n{END}\n",
    "short line inside": f"{BEGIN}\nQUFB\n{LINE}\n{END}\n",
    "long line": f"{BEGIN}\n{LINE}A\n{END}\n",
    "very long line": f"{BEGIN}\n{LINE * 1000}\n{END}\n",
    "space in a line": f"{BEGIN}\nQUF B\n{END}\n",
    "no padding": f"{BEGIN}\nQUE\n{END}\n",
    "padding inside": f"{BEGIN}\nQQ==QUFB\n{END}\n",
    "left-over bits": f"{BEGIN}\nQR==\n{END}\n",
    "url alphabet": f"{BEGIN}\n-_-_\n{END}\n",
    "null byte": f"{BEGIN}\nQUF\0\n{END}\n",
    "text before": f"a\n{BEGIN}\n{LINE}\n{END}\n",
    "text after": f"{BEGIN}\n{LINE}\n{END}\na",
    "text after end": f"{BEGIN}\n{LINE}\n{END}a\n",
    "second armor": f"{BEGIN}\n{LINE}\n{END}\n{BEGIN}\n{LINE}\n{END}\n",
    "white space before": " " * 1025 + f"{BEGIN}\n{LINE}\n{END}\n",
    "empty lines before": "\n" * 1025 + f"{BEGIN}\n{LINE}\n{END}\n",
    "white space after": f"{BEGIN}\n{LINE}\n{END}\n" + "\n" * 1025,
    "carriage return alone": f"{BEGIN}\r{LINE}\r{END}\r",
}


class Endless:
    """A peer that sends the same line for ever."""

    def __init__(self, first: bytes, line: bytes) -> None:
        self._lines = itertools.chain((first,), itertools.repeat(line))

    def read(self, size: int, /) -> bytes:
        """Return a piece of it."""
        return self.readline(size)

    def readline(self, size: int, /) -> bytes:
        """Return a piece of it."""
        return next(self._lines)[:size]


def decoded(text: bytes) -> bytes:
    """Return all that is inside the armor."""
    reader = armor.decode_stream(io.BytesIO(text))
    return b"".join(iter(lambda: reader.read(1000), b""))


def armored(data: bytes) -> bytes:
    """Return the armor around data."""
    return b"".join(armor.encode_stream([data]))


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_breaks_a_rule_is_refused(text: str) -> None:
    """Each text breaks one rule of the specification."""
    with pytest.raises(ArmorError):
        decoded(text.encode())


@pytest.mark.parametrize("around", ["", " ", "\n", "\r\n", "\t \n\n", " " * 1024, "\n" * 1024])
def test_white_space_around_is_let_pass(around: str) -> None:
    """A mail program adds some, up to 1 KiB on either side."""
    text = around.encode() + armored(b"abc").strip() + around.encode()

    assert decoded(text) == b"abc"


@pytest.mark.parametrize("size", [0, 1, 47, 48, 49, 96, 48 * 1024, 48 * 1024 + 1, 200_000])
def test_bytes_survive_with_either_end_of_line(size: int) -> None:
    """Around the length of a line and of a batch."""
    data = bytes(range(256)) * (size // 256 + 1)
    text = armored(data[:size])

    assert decoded(text) == data[:size]
    assert decoded(text.replace(b"\n", b"\r\n")) == data[:size]
    assert max(map(len, text.splitlines())) <= 64


@given(st.binary(max_size=200), st.data())
def test_a_changed_byte_is_refused_or_changes_the_file(data: bytes, choice: st.DataObject) -> None:
    """No two texts of other lines stand for one file."""
    text = bytearray(armored(data).strip())
    place = choice.draw(st.integers(0, len(text) - 1))
    text[place] ^= choice.draw(st.integers(1, 255))
    try:
        other = decoded(bytes(text))
    except ArmorError:
        return
    assert armored(other).split() == bytes(text).split()


@given(st.lists(st.one_of(st.sampled_from([*BAD.values(), BEGIN, END, LINE, "\n", "\r\n"]))))
def test_hostile_lines_raise_nothing_else(pieces: list[str]) -> None:
    """Any text is decoded or refused, and what is taken is spelt as we spell it."""
    text = "".join(pieces).encode()
    try:
        data = decoded(text)
    except ArmorError:
        return
    assert armored(data).split() == text.split()


@given(st.binary(max_size=300))
def test_any_bytes_are_opened_or_refused(data: bytes) -> None:
    """Hostile bytes raise nothing but IntakeError."""
    with pytest.raises(IntakeError):
        unseal.decrypt(io.BytesIO(armor.BEGIN + b"\n" + data), io.BytesIO(), ())


@pytest.mark.parametrize(
    ("first", "line"),
    [(b" ", b" "), (b"\n", b"\n"), (armored(b"")[:-1], b"\n"), (armored(b"")[:35], b"A" * 2000)],
)
def test_an_endless_stream_is_refused(first: bytes, line: bytes) -> None:
    """A hostile peer cannot keep us reading or fill the memory."""
    reader = armor.decode_stream(Endless(first, line))

    with pytest.raises(ArmorError):
        reader.read(1000)


def test_text_that_ends_too_early_releases_only_what_is_authentic() -> None:
    """A cut armor is refused, after its whole chunks."""
    identity = generate_x25519()
    text = io.BytesIO()
    encrypt(io.BytesIO(bytes(150_000)), text, (identity.recipient(),), armored=True)
    out = io.BytesIO()

    with pytest.raises(ArmorError):
        unseal.decrypt(io.BytesIO(text.getvalue()[:-100]), out, (identity,))
    assert out.getvalue() == bytes(131072)
