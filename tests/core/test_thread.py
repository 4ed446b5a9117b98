"""Threads: each entry once, in the order of what was seen, with what is missing."""

from itertools import permutations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from intake.core.entry import Entry
from intake.core.thread import thread
from tests.core.samples import said


def letter(number: int, *seen: int) -> Entry:
    """Return a numbered entry that names what its writer had seen."""
    names = tuple(f"{name:032x}" for name in seen)
    return msgspec.structs.replace(said("x"), id=f"{number:032x}", seen=names)


def test_entries_stand_in_order_whatever_order_they_came_in() -> None:
    """By what was seen, of one day."""
    written = (letter(9), letter(5, 9), letter(7, 5, 9))
    for came in permutations(written):
        made = thread(came)
        assert made.entries == written
        assert (made.missing, made.repeated) == ({}, ())


def test_what_is_missing_is_named_once_at_the_first_that_saw_it() -> None:
    """The newest cannot be missed: nobody has named it."""
    made = thread([letter(1), letter(3, 1, 2), letter(4, 1, 2, 3)])
    assert made.missing == {letter(3).id: (letter(2).id,)}
    assert thread([letter(1)]).missing == {}


def test_what_is_known_elsewhere_is_not_missing() -> None:
    """Her own letters, and what she deleted."""
    made = thread([letter(3, 1, 2)], {letter(1).id}.__contains__)
    assert made.missing == {letter(3).id: (letter(2).id,)}


def test_entry_that_comes_twice_is_shown_once() -> None:
    """And said."""
    made = thread([letter(1), letter(2, 1), letter(1)])
    assert [entry.id for entry in made.entries] == [letter(1).id, letter(2).id]
    assert made.repeated == (letter(1).id,)


@given(st.lists(st.tuples(st.integers(0, 6), st.lists(st.integers(0, 8), max_size=5)), max_size=9))
def test_nothing_is_lost_or_made_up(drawn: list[tuple[int, list[int]]]) -> None:
    """Whatever circles and names a hostile writer makes."""
    came = [letter(number, *seen) for number, seen in drawn]
    made = thread(came)
    here = {entry.id for entry in came}
    assert {entry.id for entry in made.entries} == here
    assert len(made.entries) == len(here)
    named = {name for entry in made.entries for name in entry.seen}
    missing = [name for names in made.missing.values() for name in names]
    assert set(missing) == named - here
