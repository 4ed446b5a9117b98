"""MP4, QuickTime, M4A and 3GP: a movie and its tracks. Source: ISO/IEC 14496-12 and QuickTime.

Kept are the boxes that players need; any other becomes `free` space of zeros. Times become 0,
names become empty. A track that is neither picture nor sound (GPS, sensors, subtitles with
telemetry) is released with its samples; what refers to it from other tracks as well.
"""

from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime

from intake.media import items, tags
from intake.media.boxes import (
    PADDING,
    Box,
    beginning,
    box_at,
    boxes,
    first,
    number,
    release,
)
from intake.media.draft import Draft, text
from intake.media.source import DamagedError

_TOP = frozenset(["ftyp", "styp", "moov", "mdat", "moof", "mfra", "sidx", "ssix", "pdin"])
_KEPT = {
    "moov": frozenset(["mvhd", "trak", "mvex", "iods"]),
    "trak": frozenset(["tkhd", "edts", "mdia", "tref", "load", "clip", "matt", "imap", "tapt"]),
    "mdia": frozenset(["mdhd", "hdlr", "minf", "elng"]),
    "minf": frozenset(["vmhd", "smhd", "hmhd", "nmhd", "gmhd", "sthd", "hdlr", "dinf", "stbl"]),
}
"""Of the children of a box, those that players need."""
_REST = "\0\0\0\0"
"""What follows the last box, once it is zeros: a length of 0 reaches to the end of the file."""
_SHOWN = frozenset(["vide", "soun", "pict", "auxv"])
_UNREADABLE = frozenset(["cmov", "rmra"])
"""A compressed movie, and a list of movies elsewhere: nobody makes them any more."""
_SOUND_SIZE, _PICTURE_SIZE = 28, 78
"""The fixed fields of a sample description."""
_VENDOR, _ENCODER = 12, 42
"""Where in them the vendor's code (four bytes) and the encoder's name (32) stand."""
_EPOCH = 2_082_844_800
"""Seconds from 1904, where a movie's clock starts, to 1970."""
_LAST_TIME = 4_102_444_800
"""The year 2100: a later time is no time."""
_TABLES = frozenset(["stco", "co64", "stsc", "stsz"])
_OFFSETS = {4: "stco", 8: "co64"}
"""The table of where chunks begin, by the bytes of an offset."""
_MAX_CHILDREN = 1024
"""Boxes kept in mind: one of each track."""
_MAX_MEDIA = 8192
"""Boxes of data: two hours in fragments of a second."""
_MAX_SAMPLES = 60_000
"""Samples of a released track: 16 hours of a position each second, whose table is still `SMALL`."""
_MAX_CHUNKS = 4096
"""Half of the patches a file may have: an hour, in the pieces of a second that cameras write."""


@dataclass
class _Movie:
    """What is gathered while the boxes are read."""

    draft: Draft
    media: list[tuple[int, int]] = field(default_factory=list)
    """Where the samples may stand: the contents of the top `mdat` boxes."""
    references: list[Box] = field(default_factory=list)
    handler: str = ""
    """What the track that is read holds: `vide`, `soun` or another."""
    released: bool = False
    chunks: int = 0
    """Pieces of released tracks so far."""
    fragmented: bool = False
    warning: str = ""


def clean(draft: Draft) -> str:
    """Gather what a movie reveals; return a warning or "". Raises DamagedError."""
    return _clean(draft, picture=False)


def clean_picture(draft: Draft) -> str:
    """Gather what a picture of items reveals; return a warning or "". Raises DamagedError."""
    return _clean(draft, picture=True)


def _clean(draft: Draft, *, picture: bool) -> str:
    movie = _Movie(draft)
    late: list[Box] = []
    offset = 0
    while offset < draft.size:
        box = _top(movie, offset, late)
        if box is None:
            break
        _sort(movie, box, late)
        offset = box.end
    needed = "meta" if picture else "moov"
    if all(box.kind != needed for box in late):
        raise DamagedError
    for box in late:
        if box.kind == "moov":
            _sift(movie, box)
        elif picture:
            items.clean(draft, box, movie.media)
        else:
            tags.release_told(draft, box)
    _finish(movie)
    return movie.warning


def _sort(movie: _Movie, box: Box, late: list[Box]) -> None:
    """Treat a top box, or keep it until all data was seen."""
    if box.kind == "mdat":
        movie.media.append((box.body, box.end))
    elif box.kind in ("moov", "meta"):
        late.append(box)
    elif box.kind in PADDING or box.kind == _REST:
        movie.draft.wipe(box.body, box.end)
    elif box.kind not in _TOP:
        tags.release_told(movie.draft, box)
    movie.fragmented = movie.fragmented or box.kind == "moof"
    _demand_few(movie.media, _MAX_MEDIA)
    _demand_few(late, _MAX_CHILDREN)


def _top(movie: _Movie, offset: int, late: list[Box]) -> Box | None:
    """Return the box at `offset`, or None where something else follows the last box."""
    draft = movie.draft
    try:
        return box_at(draft, offset, draft.size)
    except DamagedError:
        kind = draft.head(min(offset + 4, draft.size), 4).decode("latin-1")
        if not late or kind in _TOP or kind in PADDING or kind in ("moov", "meta"):
            raise
    draft.wipe_rest(offset)
    return None


def _finish(movie: _Movie) -> None:
    if not movie.released:
        return
    if movie.fragmented:
        # Its samples stand in every fragment.
        movie.warning = "video"
    for box in movie.references:
        release(movie.draft, box)


def _demand_few(kept: Sized, most: int) -> None:
    if len(kept) > most:
        raise DamagedError


def _track(movie: _Movie, trak: Box) -> None:
    handler = first(movie.draft, trak, "mdia", "hdlr")
    movie.handler = beginning(movie.draft, handler)[8:12].decode("latin-1") if handler else ""
    (_sift if movie.handler in _SHOWN else _release_track)(movie, trak)


def _sift(movie: _Movie, parent: Box) -> None:
    """Treat the kept boxes of a parent, and release the others."""
    draft = movie.draft
    for box in boxes(draft, parent):
        if box.kind in PADDING:
            draft.wipe(box.body, box.end)
        elif box.kind not in _KEPT[parent.kind]:
            movie.warning = "video" if box.kind in _UNREADABLE else movie.warning
            tags.release_told(draft, box)
        elif box.kind == "hdlr":
            tags.empty_name(draft, box)
        elif box.kind == "tref":
            movie.references.append(box)
            _demand_few(movie.references, _MAX_CHILDREN)
        elif box.kind in _TREATED:
            _TREATED[box.kind](movie, box)


def _times(movie: _Movie, box: Box) -> None:
    """Set the times of making and changing to 0."""
    data = movie.draft.at(box.body, min(box.size, 20))
    width = 8 if data[:1] == b"\1" else 4
    if len(data) < 4 + 2 * width:
        raise DamagedError
    for start in (4, 4 + width):
        seconds = number(data[start : start + width])
        if seconds:
            known = _EPOCH <= seconds < _LAST_TIME + _EPOCH
            movie.draft.find("taken", _date(seconds - _EPOCH) if known else "unknown time")
    movie.draft.write(box.body + 4, bytes(2 * width))


def _date(seconds: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _sources(movie: _Movie, dinf: Box) -> None:
    """Empty the paths of files that samples once came from."""
    for dref in boxes(movie.draft, dinf):
        for box in boxes(movie.draft, dref):
            if movie.draft.wipe(box.body + 4, box.end):
                movie.draft.find("name", text(beginning(movie.draft, box)[4:]))


def _descriptions(movie: _Movie, stbl: Box) -> None:
    """Empty the names that encoders give themselves in the sample descriptions."""
    draft = movie.draft
    stsd = first(draft, stbl, "stsd")
    for box in boxes(draft, stsd) if stsd else ():
        if box.size >= _SOUND_SIZE:
            draft.wipe(box.body + _VENDOR, box.body + _VENDOR + 4)
        if box.size >= _PICTURE_SIZE and movie.handler == "vide":
            name = draft.at(box.body + _ENCODER, 32)
            draft.find("software", text(name[1:]))
            draft.wipe(box.body + _ENCODER, box.body + _ENCODER + 32)


def _release_track(movie: _Movie, trak: Box) -> None:
    draft = movie.draft
    stbl = first(draft, trak, "mdia", "minf", "stbl")
    stsd = first(draft, stbl, "stsd")
    codec = text(draft.head(stsd.body + 12, 4)) if stsd else ""
    if stbl:
        _release_samples(movie, stbl)
    movie.draft.find("other", f"track {movie.handler} {codec}")
    movie.released = True
    release(movie.draft, trak)


def _release_samples(movie: _Movie, stbl: Box) -> None:
    tables = {
        box.kind: beginning(movie.draft, box)
        for box in boxes(movie.draft, stbl)
        if box.kind in _TABLES
    }
    wide = 8 if "co64" in tables else 4
    offsets, runs, sizes = (tables.get(kind, b"") for kind in (_OFFSETS[wide], "stsc", "stsz"))
    movie.chunks += number(offsets[4:8])
    if movie.chunks > _MAX_CHUNKS or number(sizes[8:12]) > _MAX_SAMPLES or not sizes:
        movie.warning = "video"
        return
    for index, length in enumerate(_lengths(runs, sizes, _counted(offsets, 4, wide))):
        start = number(offsets[8 + index * wide : 8 + (index + 1) * wide])
        end = start + length
        if not any(begin <= start and end <= stop for begin, stop in movie.media):
            raise DamagedError
        movie.draft.wipe(start, end)


def _counted(data: bytes, start: int, wide: int) -> int:
    """Return the count at `start` of entries that follow it. Raises DamagedError."""
    count = number(data[start : start + 4])
    if len(data) < start + 4 + count * wide:
        raise DamagedError
    return count


def _lengths(runs: bytes, sizes: bytes, chunks: int) -> list[int]:
    """Return the bytes of each chunk. Raises DamagedError where samples are left over."""
    same = number(sizes[4:8])
    samples = number(sizes[8:12]) if same else _counted(sizes, 8, 4)
    ended = _counted(runs, 4, 12)
    lengths = []
    run = sample = held = 0
    for chunk in range(1, chunks + 1):
        # Of a run: its first chunk, the samples of a chunk, their description.
        at = 8 + run * 12
        if run < ended and number(runs[at : at + 4]) == chunk:
            held = number(runs[at + 4 : at + 8])
            run += 1
        length = 0
        for _ in range(min(held, samples - sample)):
            length += same or number(sizes[12 + sample * 4 : 16 + sample * 4])
            sample += 1
        lengths.append(length)
    if sample < samples:
        raise DamagedError
    return lengths


_TREATED: dict[str, Callable[[_Movie, Box], None]] = {
    "mvhd": _times,
    "tkhd": _times,
    "mdhd": _times,
    "trak": _track,
    "mdia": _sift,
    "minf": _sift,
    "dinf": _sources,
    "stbl": _descriptions,
}
"""What is done with a kept box; those missing stay as they are."""
