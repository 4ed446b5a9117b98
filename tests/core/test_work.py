"""What an office agrees on: whatever the order, the same."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import entry as entries
from intake.core import limits, work
from intake.core.entry import Entry
from intake.core.work import LATEST, Change, Note, Work, WorkBody, merged
from intake.errors import EntryError
from tests.crypto.entries import report

_LINES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=5)
_BODIES = st.builds(
    WorkBody,
    at=st.integers(1, 4),
    sets=st.dictionaries(st.sampled_from(("assigned", "reason")), _LINES),
    tags=st.dictionaries(_LINES, st.booleans(), max_size=3),
    text=_LINES,
    who=_LINES,
)


def body(at: int = 1, text: str = "", **sets: str) -> WorkBody:
    """Return a note that sets something."""
    return WorkBody(at, sets, {}, text, "Ana")


def note(number: int, said: WorkBody) -> Note:
    """Return a note under an id."""
    return Note(f"{number:032x}", "2026-11-24+00:00", said)


def entry(said: WorkBody, **changes: str) -> Entry:
    """Return a note as it is sealed."""
    made = msgspec.structs.replace(report(), kind="note", direction="own", body=said)
    return msgspec.structs.replace(made, **changes)


@given(st.lists(_BODIES, max_size=6), st.randoms(use_true_random=False))
def test_merge_does_not_depend_on_the_order_or_on_repetition(
    bodies: list[WorkBody], chance: Random
) -> None:
    """Two desks that have the same notes agree."""
    notes = [note(number, said) for number, said in enumerate(bodies)]
    mixed = [*notes, *notes[:2]]
    chance.shuffle(mixed)
    assert merged(notes) == merged(mixed)


def test_later_change_holds_and_of_two_at_once_that_of_the_greater_id() -> None:
    """Nobody's clock decides."""
    first, second = note(9, body(1, status="assessing")), note(1, body(2, status="acting"))
    assert merged([second, first]).status == "acting"
    rivals = note(1, body(1, status="acting")), note(2, body(1, status="closed"))
    assert merged(rivals).status == merged(reversed(rivals)).status == "closed"


def test_fields_do_not_disturb_one_another() -> None:
    """One assigns while the other tags: both hold."""
    tagged = WorkBody(1, {}, {"bridge": True}, "", "Ben")
    found = merged([note(1, body(1, assigned="Ana")), note(2, tagged)])
    assert (found.assigned, found.tags) == ("Ana", ("bridge",))


def test_tag_can_be_taken_away_and_given_again() -> None:
    """Each tag goes its own way."""
    steps = [note(n, WorkBody(n, {}, {"bridge": n % 2 == 1}, "", "Ana")) for n in (1, 2, 3)]
    assert [merged(steps[:n]).tags for n in (1, 2, 3)] == [("bridge",), (), ("bridge",)]


def test_change_counts_on_from_what_was_seen() -> None:
    """What somebody wrote after reading holds."""
    before = merged([note(1, body(7, status="acting"))])
    assert Change({"status": "closed"}).body("Ana", before).at == 8
    assert Change(text=" seen ").body("Ana", Work()).text == "seen"


@pytest.mark.parametrize(
    "said",
    [
        body(0, status="new"),
        body(-1, status="new"),
        body(LATEST + 1, status="new"),
        body(1),
        body(1, status="won"),
        body(1, owner="Ana"),
        body(1, assigned="Ana\nBen"),
        body(1, assigned=" Ana"),
        body(1, assigned="Ana\u202eneB"),
        body(1, reason="\x1b[2J"),
        body(1, reason="x" * (limits.LINE_CHARACTERS + 1)),
        WorkBody(1, {}, {"": True}, "", "Ana"),
        WorkBody(1, {}, {"a\u2028b": True}, "", "Ana"),
        WorkBody(1, {}, {str(n): True for n in range(limits.TAGS + 1)}, "", "Ana"),
        WorkBody(1, {}, {}, "text", "A" * 301),
    ],
)
def test_strange_notes_are_refused_when_read_and_when_written(said: WorkBody) -> None:
    """A value that nobody knows is set aside, not shown as something else."""
    with pytest.raises(EntryError):
        work.check(said)
    with pytest.raises(EntryError):
        entries.parse(entries.encode(entry(said)))


def test_only_a_note_of_an_office_says_such_things() -> None:
    """No message of a witness moves a case, and nobody's reply does."""
    said = body(1, status="closed")
    assert entries.parse(entries.encode(entry(said))).body == said
    for kind, direction in (("message", "in"), ("reply", "out"), ("report", "in")):
        with pytest.raises(EntryError, match="disagree"):
            entries.parse(entries.encode(entry(said, kind=kind, direction=direction)))
    with pytest.raises(EntryError, match="disagree"):
        entries.parse(entries.encode(entry(said, office="witness")))


def test_repr_shows_no_words() -> None:
    """A traceback holds no remark."""
    found = merged([note(1, body(1, "secret words", status="new"))])
    assert "secret" not in repr(found) + repr(found.remarks)
