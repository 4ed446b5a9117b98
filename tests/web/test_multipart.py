"""A form with files: its parts are read as they come, and whatever is wrong, the fields survive."""

import io
import logging
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest
import werkzeug
from hypothesis import given
from hypothesis import strategies as st

from intake.core import limits
from intake.errors import IntakeError
from intake.web.multipart import Head, boundary_of, events
from intake.web.typed import END, Typed, read
from tests.support.site import make_site

B = "----GeckoFormBoundary70"
TYPE = f"multipart/form-data; boundary={B}"
LAST = f"--{B}--".encode()


@dataclass
class Sink:
    """Keeps a file in memory; fails where it is told to."""

    fails: str = ""
    error: Exception = field(default_factory=lambda: FullError("full"))
    data: bytes = b""
    pieces: int = 0
    ended: bool = False
    abandoned: int = 0

    def write(self, data: bytes, /) -> None:
        """Keep the bytes."""
        self.fail("write")
        self.data += data
        self.pieces += 1

    def end(self) -> str:
        """Return how many bytes came."""
        self.fail("end")
        self.ended = True
        return f"{len(self.data)} bytes"

    def abandon(self) -> None:
        """Count the call."""
        self.abandoned += 1
        self.fail("abandon")

    def fail(self, call: str) -> None:
        """Raise the error where it is due."""
        if call in self.fails.split():
            raise self.error


class FullError(IntakeError):
    """A store without room."""

    code = "store_full"


class PlainError(IntakeError):
    """An error without a code."""


@dataclass
class Files:
    """Hands out the sinks prepared, then plain ones."""

    room: int = 1024 * limits.KIB
    prepared: list[Sink] = field(default_factory=list)
    refusal: Exception | None = None
    begun: list[tuple[str, str, str]] = field(default_factory=list)
    sinks: list[Sink] = field(default_factory=list)

    def begin(self, field: str, filename: str, media_type: str) -> Sink:
        """Note what began."""
        self.begun.append((field, filename, media_type))
        if self.refusal:
            raise self.refusal
        self.sinks.append(self.prepared.pop(0) if self.prepared else Sink())
        return self.sinks[-1]


@dataclass
class Pieces:
    """A body that comes in pieces of these sizes, again and again."""

    body: bytes
    sizes: Iterable[int] = (1 << 30,)
    place: int = 0

    def __post_init__(self) -> None:
        """Start with the first size."""
        self.turn = cycle(self.sizes)

    def read(self, size: int, /) -> bytes:
        """Return the next piece."""
        start = self.place
        self.place += min(size, next(self.turn))
        return self.body[start : self.place]


@dataclass(frozen=True)
class Sent:
    """A field, or a file if it has a media type."""

    name: str
    data: bytes
    filename: str = ""
    media_type: str = ""

    def part(self) -> bytes:
        """Return the part as the HTML standard says."""
        head = f'--{B}\r\nContent-Disposition: form-data; name="{escaped(self.name)}"'
        if self.media_type:
            head += f'; filename="{escaped(self.filename)}"\r\nContent-Type: {self.media_type}'
        return f"{head}\r\n\r\n".encode() + self.data + b"\r\n"


MARK = Sent(END, b"1")


def escaped(name: str) -> str:
    """Return a name as the HTML standard says."""
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")


def encoded(sent: Sequence[Sent]) -> bytes:
    """Return a body as a browser sends it."""
    return b"".join(one.part() for one in sent) + LAST + b"\r\n"


def part(head: str, data: str = "x") -> bytes:
    """Return a part with any head."""
    return f"--{B}\r\n{head}\r\n\r\n{data}\r\n".encode("utf-8", "surrogateescape")


def typed(body: bytes, files: Files | None = None, sizes: Iterable[int] = (1 << 30,)) -> Typed:
    """Read a body."""
    return read(Pieces(body, sizes), TYPE, files=files)


PLACE = Sent("place", b"Reynosa")
PHOTO = Sent("file", b"\xff\xd8" + bytes(range(256)) * 40, "photo.jpg", "image/jpeg")

LETTERS = st.characters(exclude_categories=["Cs"])
NAMES = st.text(LETTERS, min_size=1, max_size=30).filter(lambda n: "%" not in n and n != END)
SEEN = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30)
BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from([b"\r\n--", b"\r", b"\n", b"--", B.encode(), f"\r\n--{B[:-1]}".encode()])
    )
    .map(b"".join)
    .filter(lambda data: f"\r\n--{B}".encode() not in data),
)
SENT = st.lists(
    st.one_of(
        st.builds(Sent, NAMES, st.text(LETTERS, max_size=300).map(str.encode)),
        st.builds(Sent, NAMES, BYTES, SEEN, st.just("image/png")),
    ),
    max_size=8,
)
SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=6)


@given(SENT, SIZES)
def test_what_a_browser_sends_is_read_back(sent: list[Sent], sizes: list[int]) -> None:
    """Any names, texts and files, in their order, however the body is split."""
    files = Files()
    found = typed(encoded([*sent, MARK]), files, sizes)
    expected: dict[str, list[str]] = {}
    for one in sent:
        value = f"{len(one.data)} bytes" if one.media_type else one.data.decode()
        expected.setdefault(one.name, []).append(value)
    assert found.problems == frozenset()
    assert list(found.fields.items()) == [*expected.items(), (END, ["1"])]
    chosen = [one for one in sent if one.media_type]
    assert files.begun == [(one.name, one.filename, one.media_type) for one in chosen]
    assert [sink.data for sink in files.sinks] == [one.data for one in chosen]
    assert all(sink.ended and not sink.abandoned for sink in files.sinks)


def test_body_cut_anywhere_is_known_and_keeps_all_that_was_complete() -> None:
    """At every byte before the last boundary's end: no error, no half file, no lost field."""
    sent = [
        PLACE,
        Sent("file", b"\r\n--\r\nbytes\r", "a.png", "image/png"),
        Sent("time", b""),
        MARK,
    ]
    body = encoded(sent).removesuffix(b"\r\n")
    for size in range(len(body)):
        files = Files()
        found = typed(body[:size], files, [7])
        assert "cut_off" in found.problems
        end = 0
        for one in sent:
            end += len(one.part())
            if end - len(b"\r\n") <= size and not one.media_type:
                assert found.all(one.name) == [one.data.decode()]
        whole = size >= len(sent[0].part() + sent[1].part()) + len(f"--{B}\r\n")
        assert found.all("file") == (["12 bytes"] if whole else [])
        assert all(sink.ended != bool(sink.abandoned) for sink in files.sinks)
        assert found.one("place") == "Reynosa"[: len(found.one("place"))]


def test_text_cut_anywhere_is_kept_as_far_as_it_came() -> None:
    """But a line end, which may have begun a boundary."""
    text = "They took us.\r\n\r\n--Two men\r\rknew\r\n"
    body = encoded([PLACE, Sent("account", text.encode()), MARK])
    start = body.index(b"They")
    for size in range(len(text) + 1):
        kept = text[:size]
        for begun in ("\r\n--", "\r\n-", "\r\n", "\r"):
            if kept.endswith(begun):
                kept = kept.removesuffix(begun)
                break
        assert typed(body[: start + size], sizes=[5]).one("account") == kept


def test_boundary_is_found_wherever_a_piece_ends() -> None:
    """The first piece ends at every byte of the body, the next one a byte later."""
    body = encoded([PLACE, PHOTO, MARK])
    for first in range(1, len(body)):
        files = Files()
        found = typed(body, files, [first, 1, 1 << 20])
        assert found.problems == frozenset()
        assert files.sinks[0].data == PHOTO.data


@given(st.binary(max_size=400), st.sampled_from([b"", f"--{B}\r\n".encode()]), SIZES)
def test_any_bytes_are_read_without_an_error(data: bytes, before: bytes, sizes: list[int]) -> None:
    """Hostile bodies raise nothing, and without the end they are cut off."""
    assert "cut_off" in typed(before + data, Files(), sizes).problems


WORDS = [
    "Content-Disposition",
    "form-data",
    "name",
    "filename",
    "filename*",
    "..",
    "\r\n",
    "UTF-8''",
]
HEADS = st.lists(st.sampled_from([*WORDS, "%22", "%0", *':;=/\\ "a\0\t\r\né\udcff']), max_size=40)


NAMED = 'Content-Disposition: form-data; name="a'


@given(st.sampled_from(["", NAMED, f'{NAMED}"; filename']), HEADS)
def test_any_head_is_a_part_or_named(begun: str, words: list[str]) -> None:
    """A head made of all that a parser trips over; the next field is always read."""
    body = part(begun + "".join(words)) + encoded([PLACE, MARK])
    found = typed(body, Files())
    assert found.one("place") == "Reynosa"
    assert "cut_off" not in found.problems


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Content-Type: text/plain",
        "Content-Disposition: form-data",
        "Content-Disposition:",
        'Content-Disposition: form-data; name=""',
        'Content-Disposition: attachment; name="a"',
        "Content-Disposition: form-data; name*=UTF-8''a",
        'Content-Disposition: form-data; name="a',
        'Content-Disposition: form-data; name=a filename="b"',
        'Content-Disposition: form-data; name="a"; name="b"',
        'Content-Disposition: form-data; name="a"; NAME="a"',
        'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"',
        'Content-Disposition: form-data;\r\n name="a"',
        'Content-Disposition: form-data; name="a"\nX: y',
        'Content-Disposition : form-data; name="a"',
        'Content-Disposition form-data; name="a"',
        'Content-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=c',
        'Content-Disposition: form-data; name="a"\r\nX-Long: ' + "y" * limits.PART_HEAD,
        'Content-Disposition: form-data; name="' + "a" * limits.PART_HEAD + '"',
        'Content-Disposition: form-data; name="a"' + "\r\nX: y" * limits.PART_HEAD,
        'Content-Disposition: form-data; name="a"\r\n' + "X: y\r\n" * 3 + f"--{B}",
    ],
)
@pytest.mark.parametrize("sizes", [[1 << 30], [1], [97]])
def test_part_that_no_form_has_is_skipped(head: str, sizes: list[int]) -> None:
    """The head is broken, foreign or too long: it is named, and the next field is read."""
    found = typed(part(head) + encoded([PLACE, MARK]), Files(), sizes)
    assert found.problems == {"not_a_form"}
    assert found.fields == {"place": ["Reynosa"], END: ["1"]}


def test_part_without_its_blank_line_does_not_take_the_next_one_with_it() -> None:
    """A boundary ends lines that were to be a head."""
    head = 'Content-Disposition: form-data; name="a"\r\n'
    for lines in (head, ""):
        found = typed(f"--{B}\r\n{lines}".encode() + encoded([PLACE, MARK]))
        assert found == Typed({"place": ["Reynosa"], END: ["1"]}, frozenset({"not_a_form"}))


def test_nested_file_type_is_a_file_like_any_other() -> None:
    """A saved web page is sent as multipart/related: a file, whatever its type."""
    page = Sent("file", b"--c\r\n\r\nx\r\n--c--", "page.mht", "multipart/related")
    files = Files()
    assert typed(encoded([page, MARK]), files).problems == frozenset()
    assert files.begun == [("file", "page.mht", "multipart/related")]


@pytest.mark.parametrize(
    ("written", "filename"),
    [
        ('filename="photo.jpg"', "photo.jpg"),
        ("filename=photo.jpg", "photo.jpg"),
        ("FileName=photo.jpg ", "photo.jpg"),
        ('filename="/etc/passwd"', "passwd"),
        ('filename="../../x.png"', "x.png"),
        ('filename="C:\\fakepath\\x.png"', "x.png"),
        ('filename="a\\\\b.png"', "b.png"),
        ('filename="..%2Fx"', "..%2Fx"),
        ('filename=".."', ""),
        ('filename="folder/"', ""),
        ('filename="say %22no%22.txt"', 'say "no".txt'),
        ('filename="say \\"no\\".txt"', 'say "no".txt'),
        ('filename="say "no".txt"', 'say "no".txt'),
        ('filename="a;b=c.txt"', "a;b=c.txt"),
        ('filename="50%.txt"', "50%.txt"),
        ('filename="%E2%82%AC.txt"', "%E2%82%AC.txt"),
        ('filename="a%0D%0Ab\0\x1b\x7f.txt"', "ab.txt"),
        ('filename="gpj.\u202eexe"', "gpj.exe"),
        ('filename="línea عربى 😀.pdf"', "línea عربى 😀.pdf"),
        ("filename*=UTF-8''l%C3%ADnea%20%2F..%2Fb.txt", "b.txt"),
        ("filename=\"plain.txt\"; filename*=utf-8'es'l%C3%ADnea.txt", "línea.txt"),
        ("filename*=bare.txt", "bare.txt"),
        ('filename="' + "a" * 300 + '.jpeg"', "a" * 195 + ".jpeg"),
    ],
)
def test_name_of_a_file_is_its_last_part_without_what_cannot_be_seen(
    written: str, filename: str
) -> None:
    """No folder, no control or turning letter, at most 200 characters, with their ending."""
    files = Files()
    head = f'Content-Disposition: form-data; name="file"; {written}'
    found = typed(part(head) + encoded([MARK]), files)
    assert found.problems == frozenset()
    assert files.begun == [("file", filename, "application/octet-stream")]


@pytest.mark.parametrize(
    "written", ['filename="a\udcff.png"', "filename*=UTF-8''a%FF.png", "filename*=x''a%ff.png"]
)
def test_broken_letters_in_the_name_of_a_file_are_named(written: str) -> None:
    """They are replaced, and the file is kept."""
    files = Files()
    head = f'Content-Disposition: form-data; name="file"; {written}'
    found = typed(part(head) + encoded([MARK]), files)
    assert found.problems == {"not_text"}
    assert files.begun[0][1] == "a\ufffd.png"


def test_broken_letters_in_a_text_and_its_name_are_named() -> None:
    """They are replaced, and the rest survives."""
    body = part('Content-Disposition: form-data; name="\udcff"', "before\udcffafter")
    found = typed(body + encoded([MARK]))
    assert found.problems == {"not_text"}
    assert found.one("\ufffd") == "before\ufffdafter"


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("image/JPEG", "image/jpeg"),
        ("text/plain; charset=x", "text/plain"),
        ("image/svg+xml", "image/svg+xml"),
        ("", "application/octet-stream"),
        ("image", "application/octet-stream"),
        ("image/<script>", "application/octet-stream"),
        ("a/" + "b" * 100, "application/octet-stream"),
    ],
)
def test_media_type_is_one_or_unknown(written: str, known: str) -> None:
    """Only the shape of a media type passes, in small letters."""
    raw = f'Content-Disposition: form-data; name="a"; filename="b"\r\nContent-Type: {written}'
    assert Head.parse(raw.encode()).media_type == known


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/form-data; boundary=" + "a" * 71,
        'multipart/form-data; boundary="a "',
        'multipart/form-data; boundary="a\r\nb"',
        "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=a*b",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data boundary=a",
        "multipart/mixed; boundary=a",
        "multipart/form-data-x; boundary=a",
        "application/json; boundary=a",
        "; boundary=a",
    ],
)
def test_body_without_a_boundary_is_no_form(content_type: str) -> None:
    """It is read all the same, so that the answer arrives."""
    stream = io.BytesIO(encoded([PLACE, MARK]))
    found = read(stream, content_type, files=Files())
    assert found == Typed({}, frozenset({"not_a_form"}))
    assert stream.read() == b""


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=a", b"a"),
        ("Multipart/Form-Data;Boundary=a", b"a"),
        ('multipart/form-data; charset=utf-8; boundary="a b"', b"a b"),
        ("multipart/form-data; boundary=" + "a" * 70, b"a" * 70),
        (
            "multipart/form-data; boundary=----WebKitFormBoundary+/'()",
            b"----WebKitFormBoundary+/'()",
        ),
    ],
)
def test_boundary_is_what_the_header_says(content_type: str, boundary: bytes) -> None:
    """Quoted or not, in letters of any size, up to seventy characters."""
    assert boundary_of(content_type) == boundary


def test_boundary_of_one_letter_is_told_from_text_that_begins_like_it() -> None:
    """Only a whole line is a boundary."""
    text = "\r\n--b\r--bc\r\n--b \r\n--b\n--b-"
    head = "Content-Disposition: form-data; name="
    body = f"--b\r\n{head}a\r\n\r\n{text}\r\n--b\r\n{head}end\r\n\r\n1\r\n--b--\r\n".encode()
    for size in (1, 2, 3, 1000):
        found = read(Pieces(body, [size]), "multipart/form-data; boundary=b")
        assert found == Typed({"a": [text], END: ["1"]})


def test_body_without_its_last_boundary_is_cut_off() -> None:
    """The end mark alone proves nothing."""
    body = encoded([PLACE, MARK])
    assert typed(body).problems == frozenset()
    assert typed(body.removesuffix(LAST + b"\r\n")).problems == {"cut_off"}
    assert typed(body.replace(LAST, f"--{B}".encode())).problems == {"cut_off"}


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [PLACE],
        [MARK, PLACE],
        [PLACE, MARK, PLACE],
        [MARK, MARK],
        [MARK, PHOTO],
        [MARK, Sent("file", b"", "", "application/octet-stream")],
        [Sent(END, b"2")],
        [Sent(END, b"1", "1", "text/plain")],
    ],
)
def test_end_mark_must_be_the_last_part(sent: list[Sent]) -> None:
    """Nothing may follow it, not even a file or an input without one."""
    assert "cut_off" in typed(encoded(sent), Files()).problems
    assert "cut_off" not in typed(encoded([PHOTO, PLACE, MARK]), Files()).problems


@pytest.mark.parametrize(
    "after", [b"\n", b"\r\n\r\n", b" ", b"x", b"\r\n" + MARK.part(), b"x" * 99]
)
@pytest.mark.parametrize("sizes", [[1], [1 << 30]])
def test_nothing_may_follow_the_last_boundary(after: bytes, sizes: list[int]) -> None:
    """But the end of its line: what was typed is kept."""
    body = encoded([PLACE, MARK]).removesuffix(b"\r\n")
    assert typed(body, sizes=sizes).problems == frozenset()
    found = typed(body + after, sizes=sizes)
    assert found.problems == {"cut_off"}
    assert found.one("place") == "Reynosa"


def test_what_stands_before_the_first_boundary_means_nothing() -> None:
    """As RFC 2046 has it; a boundary within a line of it is none."""
    found = typed(f"a preamble --{B}\r\n--{B}x\r\n".encode() + encoded([PLACE, MARK]))
    assert found == Typed({"place": ["Reynosa"], END: ["1"]})


def test_lines_that_end_otherwise_are_no_boundaries() -> None:
    """No browser ends a line by LF alone."""
    body = encoded([PLACE, MARK]).replace(b"\r\n", b"\n")
    assert typed(body) == Typed({}, frozenset({"cut_off"}))


def test_input_without_a_file_is_no_value() -> None:
    """Browsers send a file without name and bytes; nothing is begun."""
    files = Files()
    empty = Sent("file", b"", "", "application/octet-stream")
    for taker in (files, None):
        assert typed(encoded([empty, PLACE, MARK]), taker).fields == {
            "place": ["Reynosa"],
            END: ["1"],
        }
        assert typed(encoded([empty, MARK]), taker).problems == frozenset()
    assert files.begun == []


def test_file_without_bytes_or_without_a_name_is_a_file() -> None:
    """Either is enough."""
    files = Files()
    sent = [Sent("f", b"", "empty.txt", "text/plain"), Sent("f", b"x", "", "text/plain"), MARK]
    found = typed(encoded(sent), files)
    assert found.problems == frozenset()
    assert found.all("f") == ["0 bytes", "1 bytes"]
    assert files.begun == [("f", "empty.txt", "text/plain"), ("f", "", "text/plain")]
    assert [sink.pieces for sink in files.sinks] == [0, 1]


def test_form_that_takes_no_files_is_read_without_them() -> None:
    """The file is named and thrown away, the fields before and after it survive."""
    found = typed(encoded([PLACE, PHOTO, Sent("time", b"month"), MARK]))
    assert found.problems == {"no_files"}
    assert found.fields == {"place": ["Reynosa"], "time": ["month"], END: ["1"]}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FullError("no room"), "store_full"),
        (PlainError("broken"), "file_failed"),
        (OSError("disk"), "file_failed"),
    ],
)
@pytest.mark.parametrize("fails", ["begin", "write", "end", "write abandon"])
def test_sink_that_fails_loses_its_file_only(
    fails: str, error: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is named, the file is forgotten once, and all else is read."""
    bad = Sink(fails, error)
    refused = Files(refusal=error) if fails == "begin" else Files(prepared=[Sink(), bad])
    other = Sent("file", b"other", "other.png", "image/png")
    with caplog.at_level(logging.INFO):
        found = typed(encoded([other, PHOTO, PLACE, other, MARK]), refused, [100])
    assert found.problems == {code}
    assert found.one("place") == "Reynosa"
    assert found.all("file") == ([] if fails == "begin" else ["5 bytes", "5 bytes"])
    assert bad.abandoned == (0 if fails == "begin" else 1)
    assert bad.pieces == 0 or fails == "end"
    assert "disk" not in caplog.text
    assert ("event=file error=OSError" in caplog.text) == isinstance(error, OSError)


def test_files_over_their_room_are_thrown_away_and_the_others_are_kept() -> None:
    """What a file gave up is room for the next one; all fields survive."""
    files = Files(room=len(PHOTO.data) + 10)
    small = Sent("file", b"x" * 10, "small.png", "image/png")
    large = Sent("file", PHOTO.data + bytes(11), "large.jpg", "image/jpeg")
    found = typed(encoded([large, small, PHOTO, PLACE, small, MARK]), files, [4096])
    assert found.problems == {"files_too_large"}
    assert found.all("file") == ["10 bytes", f"{len(PHOTO.data)} bytes"]
    assert found.one("place") == "Reynosa"
    assert [sink.abandoned for sink in files.sinks] == [1, 0, 0, 1]
    exact = typed(encoded([small, PHOTO, MARK]), Files(room=files.room))
    assert exact.problems == frozenset()


def endless(before: bytes, after: bytes) -> Iterator[bytes]:
    """Yield a body that never ends."""
    yield before
    while True:
        yield after


class Endless:
    """A body that never ends, and how much of it was read."""

    def __init__(self, before: bytes, after: bytes = bytes(4096)) -> None:
        """Give the one, then the other for ever."""
        self.pieces = endless(before, after)
        self.count = 0

    def read(self, _size: int, /) -> bytes:
        """Return the next piece."""
        piece = next(self.pieces)
        self.count += len(piece)
        return piece


FILE_BEGINS = encoded([PLACE, PHOTO]).removesuffix(b"\r\n" + LAST + b"\r\n")


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        (None, {"no_files", "files_too_large", "cut_off"}),
        (Files(room=100_000), {"files_too_large", "cut_off"}),
        (Files(refusal=FullError("full")), {"store_full", "files_too_large", "cut_off"}),
    ],
)
def test_endless_file_is_cut_in_the_end(
    files: Files | None, problems: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So much is thrown away that an answer arrives, and no more."""
    monkeypatch.setattr(limits, "FILES_READ", 500_000)
    body = Endless(FILE_BEGINS)
    found = read(body, TYPE, files=files)
    assert found.problems == problems
    assert found.fields == {"place": ["Reynosa"]}
    assert 500_000 < body.count < 700_000


@pytest.mark.parametrize(
    "before",
    [
        b"x",
        PLACE.part() + LAST,
        part('Content-Disposition: form-data; name="account"', "").removesuffix(b"\r\n"),
        part("broken", "").removesuffix(b"\r\n"),
        PLACE.part() * (limits.FORM_FIELDS + 1),
    ],
)
def test_endless_body_is_cut_before_the_files_have_their_limit(
    before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, after, between and in the fields."""
    monkeypatch.setattr(limits, "FORM_READ", 500_000)
    body = Endless(before)
    found = read(body, TYPE, files=Files())
    assert found.problems >= {"too_large", "cut_off"}
    assert 490_000 < body.count < 510_000


def test_file_does_not_count_against_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file leaves all room to what was typed after it."""
    monkeypatch.setattr(limits, "FORM_KEPT", 2000)
    monkeypatch.setattr(limits, "FORM_READ", 70_000)
    file = Sent("file", bytes(900_000), "a.mp4", "video/mp4")
    account = Sent("account", b"x" * 1990)
    found = typed(encoded([file, account, MARK]), Files(), [4096])
    assert found.problems == frozenset()
    assert len(found.one("account")) == 1990


def test_text_over_the_limit_is_counted_away_and_files_survive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What fits of the long field stays."""
    monkeypatch.setattr(limits, "FORM_KEPT", 2000)
    files = Files()
    found = typed(encoded([PLACE, Sent("account", b"x" * 3000), PHOTO, MARK]), files, [700])
    assert found.problems == {"too_large", "cut_off"}
    assert found.one("place") == "Reynosa"
    assert len(found.one("account")) == 2000 - len("Reynosa")
    assert files.sinks[0].ended


@pytest.mark.parametrize(
    "unit", [f"--{B}\r\n\r\n\r\n", part("Content-Disposition: form-data; name=a", "").decode()]
)
def test_million_empty_parts_cost_no_more_than_their_reading(unit: str) -> None:
    """After as many parts as a form has, nothing more is looked at."""
    body = encoded([PLACE]).removesuffix(LAST + b"\r\n") + unit.encode() * (1 << 20)
    found = read(io.BytesIO(body[: limits.FORM_READ]), TYPE)
    assert found.problems >= {"too_large", "cut_off"}
    assert found.one("place") == "Reynosa"
    assert len(found.all("a")) < limits.FORM_FIELDS
    heads = [one for one in events([body[:100_000]], B.encode()) if isinstance(one, Head)]
    assert len(heads) > limits.FORM_FIELDS


def test_slow_line_is_waited_for_as_long_as_bytes_come() -> None:
    """An hour for a file is no fault; the same hour for a few bytes is."""
    ticks = iter(range(0, 10**9, 60))
    file = Sent("file", bytes(4 * 1024 * limits.KIB), "a.mp4", "video/mp4")
    body = encoded([file, MARK])
    found = read(Pieces(body), TYPE, lambda: next(ticks), Files(room=len(body)))
    assert found.problems == frozenset()
    slow = read(Pieces(body, [1000]), TYPE, lambda: next(ticks), Files(room=len(body)))
    assert slow.problems == {"too_slow", "cut_off"}


def test_broken_line_keeps_the_fields_and_forgets_the_half_file() -> None:
    """Whatever the server's reader raises."""

    class Broken:
        pieces = iter([FILE_BEGINS])

        def read(self, _size: int, /) -> bytes:
            for piece in self.pieces:
                return piece
            raise ConnectionResetError

    files = Files()
    found = read(Broken(), TYPE, files=files)
    assert found == Typed({"place": ["Reynosa"]}, frozenset({"cut_off"}))
    assert [sink.abandoned for sink in files.sinks] == [1]


class Void(Sink):
    """Counts only."""

    def write(self, data: bytes, /) -> None:
        """Forget the bytes."""
        assert len(data) <= 65 * limits.KIB


def test_memory_does_not_grow_with_a_file() -> None:
    """64 MiB pass through less than 1 MiB, also where every byte may begin a boundary."""
    for unit in (bytes(range(256)), b"\r", f"\r\n--{B[:-1]}".encode()):
        pieces = iter([FILE_BEGINS, *[(unit * 65536)[:65536]] * 1024, b"\r\n" + encoded([MARK])])

        class Line:
            left = pieces

            def read(self, size: int, /) -> bytes:
                assert size == 65536
                return next(self.left, b"")

        tracemalloc.start()
        files = Files(room=1 << 30, prepared=[Void()])
        found = read(Line(), TYPE, files=files)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.problems == frozenset()
        assert peak < 1024 * limits.KIB


def test_names_of_files_never_show_in_a_representation() -> None:
    """What was typed is not printed by accident."""
    head = Head.parse(b'Content-Disposition: form-data; name="a"; filename="secret.png"')
    assert head.filename == "secret.png"
    assert "secret" not in repr(head)


def test_werkzeug_never_reads_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would write files to the disk: its own parser is never asked, on any way to an answer."""
    site = make_site(tmp_path)

    def read_by_werkzeug(*_args: object) -> None:
        asked.append(1)

    asked: list[int] = []
    monkeypatch.setattr(werkzeug.Request, "_load_form_data", read_by_werkzeug)
    monkeypatch.setattr(werkzeug.Request, "get_data", read_by_werkzeug)
    answers = [Sent("account", b"They took us"), PLACE]
    for path in ("/en/", "/en/send", "/en/case", "/en/nowhere"):
        for sent in ([*answers, MARK], [*answers, PHOTO, MARK], answers):
            site.raw(path, encoded(sent), TYPE)
    answer = site.raw("/en/", encoded(answers), TYPE)
    site.services.records.close()
    assert "Reynosa" in answer.text
    assert answer.status_code == 400
    assert asked == []
