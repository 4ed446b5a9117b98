"""Evidence as reports tell of it: in form, padded, digested by pieces, shown to whom it may."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import evidence, limits
from intake.core.evidence import PIECE, Digest, Evidence
from intake.errors import EvidenceError

KEY = "AGE-SECRET-KEY-PQ-1" + "Q" * 58


def told(**changes: Any) -> Evidence:  # noqa: ANN401 - any value of any field
    """Return a photograph, changed."""
    whole = {
        "digest": "0a" * 32,
        "id": "0b" * 16,
        "key": KEY,
        "length": 1000,
        "name": "photo.jpg",
        "of": "",
        "type": "image/jpeg",
    }
    return Evidence(**{**whole, **changes})


@given(st.integers(0, 1 << 50))
def test_padded_length_hides_and_costs_little(length: int) -> None:
    """Never shorter, at most 12 % longer, and padded again the same."""
    padded = evidence.padded(length)
    assert length <= padded <= length * 1.12 + 1
    assert evidence.padded(padded) == padded


def test_padded_lengths_are_those_of_the_paper() -> None:
    """Computed by hand from its definition."""
    lengths = {0: 0, 1: 1, 2: 2, 9: 10, 1000: 1024, 1025: 1088, 100_000: 100_352}
    assert {length: evidence.padded(length) for length in lengths} == lengths


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 77])
def test_digest_is_taken_over_the_digests_of_the_pieces(size: int) -> None:
    """However the bytes come."""
    data = bytes(i % 251 for i in range(1000)) * (size // 1000 + 1)
    data = data[:size]
    pieces = [data[at : at + PIECE] for at in range(0, size, PIECE)]
    expected = hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces))
    for step in (700_001, PIECE, size or 1):
        digest = Digest()
        for at in range(0, size, step):
            digest.update(data[at : at + step])
        assert digest.hexdigest() == expected.hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "0A" * 32},
        {"digest": ""},
        {"id": "x"},
        {"id": "../" * 10 + "ab"},
        {"key": "AGE-SECRET-KEY-1" + "Q" * 58},
        {"key": KEY + "\n"},
        {"length": -1},
        {"length": limits.FILE_LENGTH + 1},
        {"name": ""},
        {"name": "../../etc/passwd"},
        {"name": "a\nb"},
        {"name": "\u202egpj.exe"},
        {"name": "n" * 201},
        {"of": "x"},
        {"of": "0b" * 16},
        {"type": ""},
        {"type": "text/html; charset=utf-8"},
        {"type": "IMAGE/JPEG"},
    ],
)
def test_file_out_of_form_is_refused(changes: dict[str, Any]) -> None:
    """Each rule by itself."""
    evidence.check([told()])
    with pytest.raises(EvidenceError):
        evidence.check([told(**changes)])


def test_files_are_named_once_and_are_not_too_many() -> None:
    """Forty with their copies."""
    many = [told(id=f"{number:032x}") for number in range(2 * limits.FILES + 1)]
    evidence.check(many[:-1])
    for files in (many, [told(), told()]):
        with pytest.raises(EvidenceError):
            evidence.check(files)


def test_office_sees_the_copy_that_tells_less() -> None:
    """The original only where she says so, or where there is no copy."""
    photo, paper = told(), told(id="0c" * 16, name="paper.pdf")
    copy = told(id="0d" * 16, of=photo.id)
    files = (photo, copy, paper)
    assert evidence.visible(files, originals=False) == (copy, paper)
    assert evidence.visible(files, originals=True) == files


def test_names_and_keys_are_not_shown_by_accident() -> None:
    """In a repr, as a log would hold it."""
    assert "photo" not in repr(told())
    assert "SECRET" not in repr(told())
