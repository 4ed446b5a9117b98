"""What the boxes that are released say by words: `udta`, `meta`, XMP; and handlers' names.

Sources: QuickTime File Format, Adobe XMP part 3. Whatever cannot be followed is told by its kind
alone, since it is released all the same.
"""

import re
from contextlib import suppress
from itertools import islice

from intake.media import xmp
from intake.media.boxes import Box, beginning, boxes, first, number, release
from intake.media.codes import CODES
from intake.media.draft import Draft, text
from intake.media.exif import position
from intake.media.source import DamagedError

_PLACE = re.compile("([+-][0-9]{1,2}(?:[.][0-9]{1,9})?)([+-][0-9]{1,3}(?:[.][0-9]{1,9})?)(?![0-9])")
_MAX_KEYS = 256
_HANDLER_NAMED = 12
"""Offset in `hdlr` of the maker's code (reserved in MP4); the name follows 12 bytes later."""


def release_told(draft: Draft, box: Box) -> None:
    """Note what a box says, or its kind where it is not blank, and release it."""
    before = draft.told
    with suppress(DamagedError):
        _read(draft, box)
    if draft.told == before and not draft.blank(box.body, box.size):
        draft.find("other", box.kind)
    release(draft, box)


def empty_name(draft: Draft, hdlr: Box) -> None:
    """Empty the name of a handler, and its maker's code. Raises DamagedError."""
    name = beginning(draft, hdlr)[_HANDLER_NAMED + 12 :]
    # QuickTime begins a name with its length.
    if name and name[0] == len(name) - 1:
        name = name[1:]
    draft.find("software", text(name))
    draft.wipe(hdlr.body + _HANDLER_NAMED, hdlr.end)


def _read(draft: Draft, box: Box) -> None:
    if box.kind == "udta":
        for child in boxes(draft, box):
            _read(draft, child) if child.kind == "meta" else _tell(draft, child)
    elif box.kind == "meta":
        _list(draft, box)
    else:
        xmp.read(draft, beginning(draft, box))


def _tell(draft: Draft, box: Box) -> None:
    data = beginning(draft, box)
    if box.kind[0] == "\xa9":
        # Length and language of the text.
        _note(draft, box.kind, text(data[4:]))
    else:
        xmp.tell(draft, box.kind, data)


def _list(draft: Draft, meta: Box) -> None:
    keys = first(draft, meta, "keys")
    inner = boxes(draft, keys) if keys else ()
    names = [text(beginning(draft, key)) for key in islice(inner, _MAX_KEYS)]
    ilst = first(draft, meta, "ilst")
    for entry in boxes(draft, ilst) if ilst else ():
        index = number(entry.kind.encode("latin-1")) - 1
        name = names[index] if 0 <= index < len(names) else entry.kind
        data = first(draft, entry, "data")
        # Type, country and language; 1 is UTF-8.
        value = beginning(draft, data) if data else b""
        if value[:4] == b"\0\0\0\1":
            _note(draft, name.rpartition(".")[2], text(value[8:]))
        else:
            draft.find(CODES.get(name, "other"), name)


def _note(draft: Draft, name: str, value: str) -> None:
    code = CODES.get(name, "comment")
    place = _PLACE.match(value) if code == "position" else None
    draft.find(code, position(float(place[1]), float(place[2])) if place else value)
