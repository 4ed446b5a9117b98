"""What every kind of file reveals, and that its cleaned copy does not."""

import random
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.media.inspect import inspect
from intake.media.source import MAX_READS
from tests.media import movies, pictures, samples
from tests.media.canaries import AUTHOR, CANARIES, COMMENT, PLACE, PLACE_TEXT, SERIAL, SOFTWARE
from tests.media.copies import cleaned, inspected, told
from tests.media.samples import every

FILES = every()
DOCUMENT = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "telling.jpg": "image/jpeg",
    "plain.jpg": "image/jpeg",
    "cut.jpg": "image/jpeg",
    "long.jpg": "image/jpeg",
    "long.png": "image/png",
    "telling.png": "image/png",
    "plain.png": "image/png",
    "turned.webp": "image/webp",
    "upright.webp": "image/webp",
    "recorder.wav": "audio/wav",
    "unfinished.wav": "audio/wav",
    "early.mp4": "video/mp4",
    "chunked.mp4": "video/mp4",
    "late.mov": "video/quicktime",
    "phone.3gp": "video/3gpp",
    "voice.m4a": "audio/mp4",
    "pieces.mp4": "video/mp4",
    "picture.heic": "image/heic",
    "picture.avif": "image/avif",
    "song.mp3": "audio/mpeg",
    "ape.mp3": "audio/mpeg",
    "voice.ogg": "audio/ogg",
    "voice.amr": "audio/amr",
    "film.webm": "video/webm",
    "film.mkv": "video/x-matroska",
    "moving.gif": "image/gif",
    "letter.pdf": "application/pdf",
    "letter.docx": DOCUMENT + "wordprocessingml.document",
    "table.xlsx": DOCUMENT + "spreadsheetml.sheet",
    "slides.pptx": DOCUMENT + "presentationml.presentation",
    "letter.odt": "application/vnd.oasis.opendocument.text",
    "parts.zip": "application/zip",
    "old.doc": "application/x-ole-storage",
    "words.txt": "text/plain",
    "latin.txt": "application/octet-stream",
    "empty": "application/octet-stream",
    "unknown": "application/octet-stream",
}
WARNINGS = {
    "pieces.mp4": "video",
    "film.webm": "video",
    "film.mkv": "video",
    "ape.mp3": "audio",
    "voice.ogg": "audio",
    "moving.gif": "unknown",
    "letter.pdf": "document",
    "letter.docx": "document",
    "table.xlsx": "document",
    "slides.pptx": "document",
    "letter.odt": "document",
    "parts.zip": "document",
    "old.doc": "document",
    "latin.txt": "unknown",
    "empty": "unknown",
    "unknown": "unknown",
}
CLEANED = sorted(FILES.keys() - WARNINGS.keys())
ALL = {
    ("author", AUTHOR),
    ("serial", SERIAL),
    ("position", PLACE),
    ("software", SOFTWARE),
    ("comment", COMMENT),
    ("camera", "Canarycam"),
    ("taken", "2026:11:24 10:11:12"),
    ("thumbnail", "Exif"),
    ("other", "MakerNote"),
}
"""What the Exif block of the samples says."""


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_known_by_its_content(name: str) -> None:
    """Neither the name nor a browser says what a file is."""
    assert inspected(FILES[name]).type == TYPES[name]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_cleaned_warns_and_is_left_alone(name: str) -> None:
    """A copy that still reveals its maker would be worse than none."""
    found = inspected(FILES[name])
    assert found.warning == WARNINGS.get(name, "")
    assert not (found.warning and found.patches)


@pytest.mark.parametrize("name", CLEANED)
def test_no_cleaned_copy_holds_a_canary(name: str) -> None:
    """Author, position, serial number, comment and thumbnail are gone."""
    copy = cleaned(FILES[name])
    assert len(copy) == len(FILES[name])
    assert [canary for canary in CANARIES if canary in copy] == []


def test_the_samples_hold_every_canary() -> None:
    """A search that finds nothing proves nothing."""
    every_byte = b"".join(FILES[name] for name in CLEANED)
    assert [canary for canary in CANARIES if canary not in every_byte] == []


@pytest.mark.parametrize("name", CLEANED)
def test_a_cleaned_copy_says_nothing_more(name: str) -> None:
    """Cleaned twice is cleaned once, and of the same type."""
    again = inspected(cleaned(FILES[name]))
    assert (again.type, again.findings, again.patches, again.warning) == (TYPES[name], (), (), "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("telling.jpg", ALL | {("other", "APP2 MPF"), ("other", "APP11 JP")}),
        ("telling.jpg", {("thumbnail", "27 bytes after the end"), ("thumbnail", "JFIF")}),
        ("long.jpg", {("other", f"{len(COMMENT)} bytes after the end")}),
        ("chunked.mp4", {("other", "track meta gpmd")}),
        ("telling.png", ALL | {("author", f"Author: {AUTHOR}"), ("other", "caNv")}),
        ("telling.png", {("comment", f"Comment: café {COMMENT}"), ("software", "Software")}),
        ("turned.webp", ALL | {("other", "CANA")}),
        ("recorder.wav", {("other", "bext"), ("other", "LIST"), ("other", "id3")}),
        ("picture.heic", ALL | {("name", SOFTWARE), ("other", "udes"), ("other", "sefd")}),
        ("early.mp4", {("taken", "2026-11-08 16:26:40"), ("position", PLACE)}),
        ("early.mp4", {("author", AUTHOR), ("serial", SERIAL), ("thumbnail", "covr")}),
        ("late.mov", {("camera", "Canarycam"), ("camera", "Model C"), ("software", SOFTWARE)}),
        ("late.mov", {("other", "track meta mebx"), ("other", "GPMF"), ("name", COMMENT)}),
        ("song.mp3", {("other", "ID3")}),
        ("letter.pdf", {("author", AUTHOR), ("software", "Canary (Writer)"), ("comment", "été")}),
        ("letter.docx", {("author", AUTHOR)}),
        ("table.xlsx", {("author", AUTHOR)}),
        ("letter.odt", {("author", AUTHOR)}),
    ],
)
def test_a_file_tells_what_it_reveals(name: str, expected: set[tuple[str, str]]) -> None:
    """A witness sees before sending what goes along."""
    assert expected <= told(FILES[name])


@pytest.mark.parametrize("name", ["plain.jpg", "plain.png", "voice.amr", "words.txt"])
def test_a_file_that_reveals_nothing_is_not_touched(name: str) -> None:
    """No finding and no patch, so no second copy is made."""
    found = inspected(FILES[name])
    assert (found.findings, found.patches) == ((), ())


@pytest.mark.parametrize("name", ["telling.png", "long.png"])
def test_every_chunk_of_a_cleaned_png_has_its_checksum(name: str) -> None:
    """Decoders refuse a picture for a wrong one, also of a chunk that they pass over."""
    copy = cleaned(FILES[name])
    offset, kinds = 8, []
    while copy[offset + 4 : offset + 8] != b"IEND":
        length = int.from_bytes(copy[offset : offset + 4], "big")
        body = copy[offset + 4 : offset + 8 + length]
        kinds.append(body[:4])
        offset += length + 12
        assert zlib.crc32(body) == int.from_bytes(copy[offset - 4 : offset], "big")
    assert b"zeRo" in kinds


def test_the_samples_of_a_released_track_are_overwritten_and_no_others() -> None:
    """Chunk by chunk, as the tables say."""
    copy = cleaned(FILES["chunked.mp4"])
    size = len(PLACE_TEXT)
    assert bytes(size) + b"kept" + bytes(2 * size) + b"kept" + bytes(size) in copy


@pytest.mark.parametrize("name", ["early.mp4", "late.mov", "picture.heic"])
def test_what_is_shown_stays(name: str) -> None:
    """The data of pictures is never touched."""
    assert b"the picture itself" in cleaned(FILES[name])


@given(name=st.sampled_from(sorted(FILES)), seed=st.integers(0, 1 << 32))
def test_no_mutated_file_raises_or_is_patched_outside(name: str, seed: int) -> None:
    """Hostile bytes lead to a warning at worst; the patches lie in the file, apart, in order."""
    data = samples.mutated(random.Random(seed), FILES[name])  # noqa: S311 - chosen by the seed alone
    found = inspected(data)
    end = 0
    for patch in found.patches:
        assert end <= patch.offset < patch.end <= len(data)
        end = patch.end
    for finding in found.findings:
        assert finding.value.isprintable()
        assert 0 < len(finding.value) <= 200
    copy = cleaned(data)
    assert len(copy) == len(data)
    if not found.warning:
        again = inspected(copy)
        assert (again.type, again.warning) == (found.type, "")
        assert cleaned(copy) == copy


@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(FILES)))
def test_no_bytes_after_a_beginning_raise(data: bytes, name: str) -> None:
    """A signature promises nothing about what follows."""
    file = FILES[name][:12] + data
    assert len(cleaned(file)) == len(file)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_anywhere_is_no_error(name: str) -> None:
    """Uploads end early; each length is tried."""
    data = FILES[name]
    for size in range(0, len(data), 1 + len(data) // 400):
        assert inspected(data[:size]).type


# Hostile files, each with what they must not cost


class Counted:
    """A file that was never written: zeros, with some bytes among them; it counts the reads."""

    def __init__(self, size: int, parts: dict[int, bytes]) -> None:
        self.size = size
        self.reads = 0
        self.read_bytes = 0
        self._parts = parts

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes there."""
        assert 0 <= offset <= offset + size <= self.size
        self.reads += 1
        self.read_bytes += size
        data = bytearray(size)
        for at, part in self._parts.items():
            start, stop = max(at, offset), min(at + len(part), offset + size)
            if start < stop:
                data[start - offset : stop - offset] = part[start - at : stop - at]
        return bytes(data)


def _large(kind: bytes, count: int) -> bytes:
    """Return boxes in boxes."""
    return b"".join(struct.pack(">I4s", 8 * left, kind) for left in range(count, 0, -1))


HOSTILE = {
    "boxes of size 8": movies.box(b"ftyp", b"isom", bytes(4)) + movies.box(b"moov") * 100_000,
    "boxes of size 1": movies.box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4sQ", 1, b"moov", 1),
    "boxes of 64 bits": movies.box(b"ftyp", b"isom", bytes(4))
    + struct.pack(">I4sQ", 1, b"moov", (1 << 64) - 1),
    "segments of length 0": b"\xff\xd8" + b"\xff\xe1\0\0" * 1000,
    "segments of length 1": b"\xff\xd8" + b"\xff\xe1\0\1" * 1000,
    "empty segments": b"\xff\xd8" + b"\xff\xe1\0\2" * 100_000,
    "filling": b"\xff\xd8" + b"\xff" * 100_000,
    "empty chunks": b"\x89PNG\r\n\x1a\n" + pictures.chunk(b"tEXt", b"") * 70_000,
    "endless text": pictures.png((pictures.chunk(b"zzZz", b"a"),) * 5000),
    "empty riff chunks": pictures.riff(b"WEBP", [(b"EXIF", b"")] * 70_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_structure_is_damage(name: str) -> None:
    """It is followed for a bounded way, then given up without a patch."""
    found = inspected(HOSTILE[name])
    assert (found.warning, found.patches) == ("damaged", ())


@pytest.mark.parametrize("kind", [b"moov", b"trak", b"udta", b"meta", b"minf"])
def test_boxes_in_boxes_are_not_followed_down(kind: bytes) -> None:
    """10,000 of them are one box that is released, and nothing calls itself for each."""
    inner = _large(kind, 10_000)
    data = movies.box(b"ftyp", b"isom", bytes(4)) + movies.box(b"moov", inner)
    assert inspected(data).warning == ""
    assert cleaned(data).count(kind) <= 2


def _heic_with(iloc: bytes) -> bytes:
    meta = movies.full(
        b"meta", movies.full(b"iloc", iloc, version=1), movies.full(b"iinf", bytes(2))
    )
    head = movies.box(b"ftyp", b"heic", bytes(4))
    return head + meta + movies.box(b"mdat", bytes(100))


@pytest.mark.parametrize(
    "iloc",
    [
        b"\x00\0" + struct.pack(">H", 65535) + bytes(200_000),
        b"\x44\0" + struct.pack(">HHHHHII", 1, 1, 0, 0, 1, 0, 16),
        b"\x44\0" + struct.pack(">HHHHHII", 1, 1, 0, 0, 1, 1 << 31, 16),
        b"\x44\0" + struct.pack(">HHHHHII", 1, 1, 2, 0, 1, 150, 4),
        b"\x44\0" + struct.pack(">HHHHHIIII", 1, 1, 0, 0, 2, 180, 8, 184, 8),
        b"\x33\0" + struct.pack(">HHHHH", 1, 1, 0, 0, 1) + bytes(6),
    ],
    ids=["count", "in the head", "outside", "method", "overlap", "widths"],
)
def test_an_item_that_stands_where_no_data_may_is_damage(iloc: bytes) -> None:
    """Else a table could have the head of the file or the picture overwritten."""
    assert inspected(_heic_with(iloc)).warning == "damaged"


def test_an_item_over_the_picture_is_damage() -> None:
    """What is overwritten never belongs to the picture as well."""
    data = movies.heic()
    start = data.index(b"the picture itself")
    places = data.index(b"iloc") + 12
    moved = data.replace(struct.pack(">I", start + 18), struct.pack(">I", start + 17), 1)
    assert moved != data
    assert moved.index(struct.pack(">I", start + 17)) > places
    assert inspected(moved).warning == "damaged"


def test_a_track_whose_samples_lie_outside_the_data_is_damage() -> None:
    """A table of chunks never has the description overwritten."""
    data = movies.movie()
    start = data.index(b"positions ")
    assert inspected(data).warning == ""
    moved = data.replace(struct.pack(">II", 1, start), struct.pack(">II", 1, 4))
    assert moved != data
    assert inspected(moved).warning == "damaged"


GIB = 1 << 30


def test_a_long_video_is_inspected_by_its_headers() -> None:
    """2 GiB cost a few reads and little memory."""
    head = movies.box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4sQ", 1, b"mdat", 2 * GIB)
    user = movies.box(b"udta", movies.box(b"\xa9mod", b"\0\7\0\0Model C"))
    tail = movies.box(b"moov", user, struct.pack(">I4s", 300_000_008, b"free") + bytes(300_000))
    tail = struct.pack(">I", 300_000_000 + len(tail) - 300_000) + tail[4:]
    start = len(head) - 16 + 2 * GIB
    size = start + 300_000_000 + len(tail) - 300_000
    file = Counted(size, {0: head, start: tail})
    tracemalloc.start()
    try:
        found = inspect(file.read, file.size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.warning == ""
    assert [(finding.code, finding.value) for finding in found.findings] == [("camera", "Model C")]
    assert file.reads < 20
    assert file.read_bytes < 400_000
    assert peak < 2 * 1024 * 1024
    # The filling is too long to search, so it is overwritten, by a patch of a few bytes.
    assert sum(patch.zeros for patch in found.patches) > 290_000_000
    assert sum(len(patch.data) for patch in found.patches) < 100


def test_no_file_is_read_without_end() -> None:
    """A picture of 8 GiB is given up; what is read of it is bounded."""
    file = Counted(8 * GIB, {0: pictures.telling_jpeg()[:-40]})
    stops = Counted(8 * GIB, {0: b"\x89PNG\r\n\x1a\n" + pictures.chunk(b"tEXt", b"a")})
    assert inspect(stops.read, stops.size).warning == "damaged"
    assert stops.reads < 5
    assert inspect(file.read, file.size).warning == "damaged"
    assert file.reads <= MAX_READS


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_little_memory(name: str) -> None:
    """Below 2 MiB, besides the file itself."""
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        inspected(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
