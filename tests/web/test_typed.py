"""Reading a form: whatever arrives, what was typed is kept and what is wrong is named."""

import io
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import limits
from intake.web.typed import END, read

FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


class Clock:
    """A clock that advances with every look."""

    def __init__(self, step: float) -> None:
        """Advance by so many seconds."""
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        """Return the time and advance."""
        self.now += self.step
        return self.now


class Broken:
    """A line that breaks off after its first piece."""

    def __init__(self, first: bytes) -> None:
        """Give this, then fail."""
        self.pieces = [first]

    def read(self, _size: int, /) -> bytes:
        """Return the piece, or fail."""
        if self.pieces:
            return self.pieces.pop()
        raise TimeoutError


@given(st.lists(st.tuples(TEXT.filter(lambda name: name != END), TEXT), max_size=20))
def test_what_a_browser_sends_is_read_back(fields: list[tuple[str, str]]) -> None:
    """Any names and values, in their order."""
    body = urlencode([*fields, (END, "1")]).encode()
    typed = read(io.BytesIO(body), FORM)
    assert typed.problems == frozenset()
    for name, value in fields:
        assert value in typed.all(name)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    """Hostile bodies raise nothing; without the end mark they are cut off."""
    typed = read(io.BytesIO(body), FORM)
    if not body.endswith(b"end=1"):
        assert "cut_off" in typed.problems


@given(st.integers(0, 60))
def test_body_cut_anywhere_is_known_as_cut_off(size: int) -> None:
    """However much arrived, the missing end is seen and what arrived is kept."""
    body = urlencode([("account", "they took her at night, all of them"), (END, "1")]).encode()
    cut = body[: min(size, len(body) - 1)]
    assert "cut_off" in read(io.BytesIO(cut), FORM).problems


@pytest.mark.parametrize("body", [b"end=1&account=x", b"account=x&end=1&account=y", b"end=1&end=1"])
def test_end_mark_must_be_the_last_field(body: bytes) -> None:
    """A mark in the middle proves nothing, also before a second value of an earlier field."""
    assert "cut_off" in read(io.BytesIO(body), FORM).problems


def test_bad_letters_are_kept_as_far_as_they_can_be_read() -> None:
    """Bad UTF-8 is named, and the rest of the text survives."""
    typed = read(io.BytesIO(b"account=before%ffafter&end=1"), FORM)
    assert "not_text" in typed.problems
    assert typed.one("account") == "before\ufffdafter"


def test_text_over_the_limit_is_counted_away_and_the_next_fields_survive() -> None:
    """What fits of the long field stays, and so do the others while there is room."""
    body = b"place=here&account=" + b"a" * (limits.FORM_KEPT + 5) + b"&end=1"
    typed = read(io.BytesIO(body), FORM)
    assert "too_large" in typed.problems
    assert typed.one("place") == "here"
    assert limits.FORM_KEPT - 100 < len(typed.one("account")) <= limits.FORM_KEPT


def test_endless_body_is_not_read_for_ever() -> None:
    """Beyond the last limit nothing more is read."""

    class Endless:
        count = 0

        def read(self, size: int, /) -> bytes:
            self.count += size
            return b"a" * size

    endless = Endless()
    assert "too_large" in read(endless, FORM).problems
    assert endless.count <= limits.FORM_READ + limits.FORM_KEPT


def test_too_many_fields_are_named() -> None:
    """More fields than any form has are an attack on the parser."""
    body = b"&".join(b"a%d=1" % i for i in range(limits.FORM_FIELDS + 1))
    assert "too_large" in read(io.BytesIO(body), FORM).problems


def test_broken_line_keeps_what_arrived() -> None:
    """A connection that times out is named; the first piece is there."""
    typed = read(Broken(b"account=they+took"), FORM)
    assert "cut_off" in typed.problems
    assert typed.one("account") == "they took"


def test_crawling_line_is_not_waited_for_without_end() -> None:
    """Below the slowest rate the reading stops."""
    assert "too_slow" in read(io.BytesIO(b"account=x&end=1"), FORM, Clock(60)).problems


@pytest.mark.parametrize("media_type", ["", "multipart/form-data", "application/json"])
def test_other_kinds_of_body_are_no_form(media_type: str) -> None:
    """Only bodies of two kinds come from our pages, and one of them names a boundary."""
    assert "not_a_form" in read(io.BytesIO(b"account=x&end=1"), media_type).problems


@pytest.mark.parametrize(
    "content_type", [FORM, FORM + "; charset=UTF-8", "Application/X-WWW-Form-Urlencoded"]
)
def test_kind_of_body_is_read_from_the_whole_header(content_type: str) -> None:
    """Parameters and capitals make no difference."""
    assert read(io.BytesIO(b"account=x&end=1"), content_type).problems == frozenset()


def test_words_never_show_in_a_representation() -> None:
    """What was typed is not printed by accident."""
    assert "secret" not in repr(read(io.BytesIO(b"account=secret&end=1"), FORM))
