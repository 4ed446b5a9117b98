"""An entry: what is inside equals what it was filed under, and its size tells little."""

import copy
import json
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import canonical, entry, limits
from intake.core.entry import AdditionBody, Entry, MessageBody, Outer, ReportBody, StubBody
from intake.core.programme import WITNESS
from intake.errors import EntryError, MismatchError
from tests.core.samples import CANARY, DEEP, SMALL, assert_silent, said, told, vectors

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
VECTORS = vectors("padding")
PLAIN = canonical.encode(said("my date changed"))


def padded(plain: bytes) -> bytes:
    """Return what a writer of another program pads by the same rule."""
    return plain + b" " * (entry.bucket(len(plain)) - len(plain))


def spoiled(**changed: object) -> bytes:
    """Return a message in which some values are others."""
    return padded(canonical.encode({**json.loads(PLAIN), **changed}))


@pytest.mark.parametrize("vector", VECTORS["buckets"], ids=lambda vector: str(vector["size"]))
def test_the_shared_sizes_hold(vector: dict[str, int]) -> None:
    """Python and browser pad alike, or one could tell who wrote."""
    assert entry.bucket(vector["size"]) == vector["padded"]
    assert entry.is_bucket(vector["padded"])


@pytest.mark.parametrize("size", VECTORS["refused"])
def test_the_shared_refusals_hold(size: int) -> None:
    """Nothing is cut off in silence."""
    with pytest.raises(EntryError, match="too long for one entry, send it in parts"):
        entry.bucket(size)
    assert not entry.is_bucket(size)


@pytest.mark.parametrize("vector", VECTORS["entries"], ids=lambda vector: str(vector["bytes"]))
def test_the_shared_plaintexts_are_counted_in_bytes(vector: dict[str, Any]) -> None:
    """Never in letters: one letter takes up to four bytes."""
    data = vector["json"].encode()
    assert len(data) == vector["bytes"]
    assert len(padded(data)) == vector["padded"]


@given(st.integers(0, limits.BUCKET_CEILING))
def test_padding_is_the_smallest_bucket(size: int) -> None:
    """A power of two of KiB, four at least, less than double what is needed above that."""
    found = entry.bucket(size)
    assert entry.is_bucket(found)
    assert found >= size
    assert found == limits.BUCKET_FLOOR or found < 2 * size


@pytest.mark.parametrize("size", [0, 1, 2048, 4095, 4097, 12288, 2 * limits.BUCKET_CEILING, -4096])
def test_no_other_size_is_a_bucket(size: int) -> None:
    """The store refuses what was not padded."""
    assert not entry.is_bucket(size)


@given(
    text=TEXT,
    case=IDS,
    name=IDS,
    seen=st.lists(IDS, max_size=4),
    kind=st.sampled_from(["message", "reply", "note"]),
)
def test_messages_come_back(text: str, case: str, name: str, seen: list[str], kind: str) -> None:
    """Whatever words, whatever was seen; and the size is a bucket."""
    written = msgspec.structs.replace(
        said(text),
        case=case,
        id=name,
        seen=tuple(seen),
        kind=kind,
        direction=entry.DIRECTIONS[kind],
    )
    data = entry.encode(written)
    assert entry.is_bucket(len(data))
    assert entry.parse(data) == written


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=4).map(tuple), max_size=5), TEXT)
def test_reports_come_back(answers: dict[str, Any], contact: str) -> None:
    """Answers, contact and the recipient's bytes."""
    body = ReportBody(answers, contact, "d", (), "es", "2a" * 32, bytes(range(256)), True, "1")  # noqa: FBT003
    written = msgspec.structs.replace(told(), body=body)
    assert entry.parse(entry.encode(written)) == written


def test_the_plaintext_is_canonical_json_and_spaces() -> None:
    """Anybody reads it without us."""
    data = entry.encode(said("hello"))
    assert len(data) == limits.BUCKET_FLOOR
    assert data.startswith(b'{"body":{"asks":[],"text":"hello","type":"text"},"case":"0c')
    assert data.rstrip(b" ").endswith(b"}")
    assert json.loads(data)["format"] == entry.FORMAT


def test_a_text_too_long_for_one_entry_is_refused() -> None:
    """With what to do instead."""
    with pytest.raises(EntryError, match="send it in parts"):
        entry.encode(said("x" * limits.BUCKET_CEILING))


def test_half_a_letter_is_refused_before_sealing() -> None:
    """A lone surrogate has no bytes: it is our error, and quotes nothing."""
    assert_silent(lambda: entry.encode(said(f"{CANARY}\ud800")), EntryError)


HOSTILE = {
    "nothing": b"",
    "only spaces": b" " * 4096,
    "not padded": PLAIN,
    "a space too few": padded(PLAIN)[:-1],
    "a space too many": padded(PLAIN) + b" ",
    "the next bucket": padded(PLAIN).ljust(8192),
    "padded with NUL": PLAIN.ljust(4096, b"\0"),
    "padded with line ends": PLAIN.ljust(4096, b"\n"),
    "padded before": PLAIN.rjust(4096),
    "bad UTF-8": padded(PLAIN.replace(b"my date", b"\xff")),
    "lone surrogate": padded(PLAIN.replace(b"my date", b"\\ud800")),
    "raw NUL": padded(PLAIN.replace(b"my date", b"\0")),
    "deep lists": padded(b"[" * DEEP),
    "deep body": padded(b'{"body":' * DEEP),
    "deep answers": padded(PLAIN.replace(b'"my date changed"', b"[" * DEEP)),
    "key twice": padded(PLAIN.replace(b'"mac":', b'"mac":"","mac":')),
    "unknown key": spoiled(zeal=1),
    "unknown key in the body": spoiled(body={"text": "x", "type": "text", "zeal": 1}),
    "unknown body": spoiled(body={"text": "x", "type": "code"}),
    "body without its kind": spoiled(body={"text": "x"}),
    "null body": spoiled(body=None),
    "huge integer": padded(PLAIN.replace(b'"my date changed"', b"9" * 4000)),
    "number for text": spoiled(office=1),
    "wrong format": spoiled(format="intake/entry/v2"),
    "unknown kind": spoiled(kind="letter"),
    "unknown direction": spoiled(direction="up"),
    "wrong direction": spoiled(direction="out"),
    "report in a message": spoiled(kind="report"),
    "note going out": spoiled(kind="note", direction="out"),
    "capital id": spoiled(id="0C" * 16),
    "short id": spoiled(id="0c" * 15),
    "id with a line end": spoiled(id="0c" * 16 + "\n"),
    "case by path": spoiled(case="../" + "0c" * 15),
    "wrong id seen": spoiled(seen=["1e" * 16, "x"]),
    "seen is text": spoiled(seen="1e" * 16),
    "no date": spoiled(date=""),
    "date without offset": spoiled(date="2026-11-24"),
    "date with a time": spoiled(date="2026-11-24T10:00+01:00"),
    "date with a line end": spoiled(date="2026-11-24+01:00\n"),
    "date in other digits": spoiled(date="٢٠٢٦-11-24+01:00"),
    "no such day": spoiled(date="2026-02-30+01:00"),
    "no such month": spoiled(date="2026-13-01+01:00"),
    "year nought": spoiled(date="0000-01-01+00:00"),
    "no such offset": spoiled(date="2026-11-24+99:00"),
    "no such minutes": spoiled(date="2026-11-24+01:75"),
    "space within": padded(PLAIN.replace(b":", b": ", 1)),
    "second value": padded(PLAIN + b"{}"),
    "another order": padded(json.dumps(dict(reversed(json.loads(PLAIN).items()))).encode()),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_parse_refuses_what_no_honest_writer_wrote(data: bytes) -> None:
    """One bad entry is set aside by its error, and never crashes the reader."""
    with pytest.raises(EntryError):
        entry.parse(data)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever a key happened to open."""
    with pytest.raises(EntryError):
        entry.parse(data)


@pytest.mark.parametrize(
    "data",
    [
        spoiled(**{CANARY: 1}),
        spoiled(office=CANARY, zeal=1),
        spoiled(kind=CANARY),
        spoiled(id=CANARY),
        spoiled(date=CANARY),
        spoiled(body={"text": CANARY, "type": CANARY}),
        padded(PLAIN.replace(b"my date", CANARY.encode() + b"\xff")),
        PLAIN.replace(b"my date", CANARY.encode()),
    ],
)
def test_no_refusal_quotes_what_was_opened(data: bytes) -> None:
    """The opened words are the most secret thing there is."""
    assert_silent(lambda: entry.parse(data), EntryError)


@pytest.mark.parametrize("date", ["2026-11-24-06:00", "2024-02-29+14:00", "2026-01-01+05:45"])
def test_a_local_day_with_its_offset_is_taken(date: str) -> None:
    """From Tijuana to Kathmandu and Kiritimati."""
    assert entry.parse(spoiled(date=date)).date == date


def test_what_is_inside_equals_what_is_outside() -> None:
    """The honest case passes without a word."""
    written = said("x")
    entry.check(written, Outer(written.case, written.kind, "inv", written.id), SMALL)


@pytest.mark.parametrize("field", ["case", "kind", "id", "reader"])
def test_a_moved_or_relabelled_entry_is_set_aside(field: str) -> None:
    """The server cannot file a true letter under another name."""
    written = said("x")
    outer = Outer(written.case, written.kind, "inv", written.id)
    other = msgspec.structs.replace(outer, **{field: "note" if field == "kind" else "ff" * 16})
    with pytest.raises(MismatchError, match="set it aside"):
        entry.check(written, other, SMALL)


def test_an_entry_of_another_programme_is_set_aside() -> None:
    """Two deployments may share an investigator."""
    written = msgspec.structs.replace(said("x"), programme="other")
    with pytest.raises(MismatchError, match="another programme"):
        entry.check(written, Outer(written.case, written.kind, "inv", written.id), SMALL)


def test_an_entry_for_a_served_office_belongs_to_its_reader() -> None:
    """Sealed for `oig`, opened by `inv`, and by nobody else."""
    written = msgspec.structs.replace(said("x"), office="oig")
    entry.check(written, Outer(written.case, written.kind, "inv", written.id), SMALL)
    for reader in ("oig", "det", ""):
        with pytest.raises(MismatchError, match="another office"):
            entry.check(written, Outer(written.case, written.kind, reader, written.id), SMALL)


def test_witness_reads_replies_and_her_own_note_and_nothing_else() -> None:
    """Of any office of the programme; what an office keeps to itself is none of hers."""
    reply = msgspec.structs.replace(said("hello"), kind="reply", direction="out")
    stub = msgspec.structs.replace(
        reply, kind="note", direction="own", office=WITNESS, body=StubBody({}, {})
    )
    for written in (reply, stub):
        entry.parse(entry.encode(written))
        outer = Outer(written.case, written.kind, WITNESS, written.id)
        entry.check(written, outer, SMALL)
    own = msgspec.structs.replace(said("hello"), kind="note", direction="own")
    strange = msgspec.structs.replace(reply, office="nobody")
    for written in (own, told(), said("hello"), strange):
        outer = Outer(written.case, written.kind, WITNESS, written.id)
        with pytest.raises(MismatchError, match="another office"):
            entry.check(written, outer, SMALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "report", "direction": "in"},
        {"kind": "message", "direction": "in"},
        {"kind": "reply", "direction": "out"},
        {"office": "inv"},
    ],
)
def test_stub_is_a_note_of_the_witness(changes: dict[str, Any]) -> None:
    """No office could pass one off as what it says or keeps."""
    note = {"kind": "note", "direction": "own", "office": WITNESS, "body": StubBody({}, {})}
    written = msgspec.structs.replace(said(""), **{**note, **changes})
    with pytest.raises(EntryError, match="disagree"):
        entry.parse(entry.encode(written))


def test_an_entry_for_no_office_is_set_aside() -> None:
    """An office that the programme lacks has no reader either."""
    written = msgspec.structs.replace(said("x"), office="gone")
    for reader in ("gone", "inv", ""):
        with pytest.raises(MismatchError):
            entry.check(written, Outer(written.case, written.kind, reader, written.id), SMALL)


def test_the_mac_covers_everything_but_itself() -> None:
    """Another MAC changes nothing of what it covers; any other field does."""
    written = said("x")
    covered = entry.authenticated(written)
    assert entry.authenticated(msgspec.structs.replace(written, mac="cd" * 32)) == covered
    others: dict[str, object] = {
        "body": MessageBody((), "y"),
        "case": "1c" * 16,
        "date": "2026-11-25-06:00",
        "direction": "out",
        "id": "3f" * 16,
        "kind": "reply",
        "office": "det",
        "programme": "other",
        "seen": (),
    }
    assert {*others, "mac", "format"} == set(Entry.__struct_fields__)
    for field, value in others.items():
        assert entry.authenticated(msgspec.structs.replace(written, **{field: value})) != covered


def test_an_entry_hides_its_words_and_is_not_pickled() -> None:
    """Tracebacks and caches never hold them."""
    written = said(CANARY)
    assert CANARY not in repr(written)
    assert copy.copy(written) == written
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(written)


def written(name: str, *seen: str, day: str = "2026-11-24", **changes: object) -> Entry:
    """Return a message that had seen others; names of one letter."""
    return msgspec.structs.replace(
        said(name),
        id=name * 32,
        date=f"{day}+00:00",
        seen=tuple(one * 32 for one in seen),
        **changes,
    )


def names(*entries: Entry) -> str:
    """Return the order of these entries."""
    return "".join(one.id[0] for one in entry.in_order(entries))


def test_entries_come_after_what_their_writer_had_seen() -> None:
    """Whatever their names, dates and order of arrival."""
    chain = (written("c"), written("a", "c"), written("b", "c", "a"))
    for arrived in (chain, chain[::-1], (chain[1], chain[2], chain[0])):
        assert names(*arrived) == "cab"
    assert names(written("a", "b", day="2026-01-01"), written("b", day="2026-12-31")) == "ba"


def test_where_nothing_is_known_the_date_decides() -> None:
    """Of one day, the report comes first."""
    assert names(written("b", day="2026-01-01"), written("a", day="2026-01-02")) == "ba"
    report = msgspec.structs.replace(told(), id="f" * 32, date="2026-11-24+00:00")
    assert names(written("a"), report) == "fa"


def test_circles_and_strangers_hide_nothing() -> None:
    """A hostile order still shows every entry once."""
    assert sorted(names(written("a", "b"), written("b", "a"), written("c", "c"))) == list("abc")
    assert names(written("a", "0"), written("b", "1")) == "ab"


def test_an_addition_stands_in_a_message_only() -> None:
    """A reply, a note or a report that pretends to be one is set aside."""
    body = AdditionBody({}, "", (), "new", "", "en", (), (), True, "1")  # noqa: FBT003 - the struct's order
    plain = canonical.encode(msgspec.structs.replace(said(""), body=body))
    assert isinstance(entry.parse(padded(plain)).body, AdditionBody)
    for kind, direction in (("reply", "out"), ("note", "own"), ("report", "in")):
        changed = {**json.loads(plain), "kind": kind, "direction": direction}
        with pytest.raises(EntryError):
            entry.parse(padded(canonical.encode(changed)))
