"""XMP and the core properties of Office: searched for known names, never parsed.

A search for fixed names reads what a broken or hostile document still shows, and cannot be
led into entities. Everything is plain ASCII until the value.
"""

import re

from intake.media.codes import CODES
from intake.media.draft import Draft, text
from intake.media.exif import position

_OFFICE = frozenset(["Company", "Manager", "Application"])
_NAMES = [name for name in CODES if ":" in name or name in _OFFICE]
# Bounded everywhere, so that a search takes time in proportion to the text. Attributes and
# elements; a list is read down to its first member.
_NAMED = re.compile(
    rb"[ \t\r\n<](" + "|".join(_NAMES).encode() + rb")(?:=[\"']([^\"'<>]{1,400})"
    rb"|[^<>]{0,80}>(?:[ \t\r\n]{0,80}<rdf:[^<>]{1,80}>){0,3}[ \t\r\n]{0,80}([^<>]{1,400}))"
)
_ANGLE = re.compile("([0-9]{1,3}),([0-9]{1,2})(?:[.]([0-9]{1,9})|,([0-9]{1,2}))?([NSEW])", re.ASCII)


def tell(draft: Draft, kind: str, data: bytes) -> None:
    """Note what an unknown block says by name, or its kind where it is not blank."""
    if any(data) and not read(draft, data):
        draft.find(CODES.get(kind, "other"), kind)


def read(draft: Draft, data: bytes) -> bool:
    """Note what a document says by name, and return whether it said anything."""
    before = draft.told
    angles: dict[str, float] = {}
    for match in _NAMED.finditer(data):
        code = CODES[match[1].decode("ascii")]
        value = text(match[2] or match[3])
        if code in ("latitude", "longitude"):
            angle = _ANGLE.fullmatch(value)
            if angle:
                angles.setdefault(code, _degrees(angle))
        else:
            draft.find(code, value)
    if len(angles) == 2:  # noqa: PLR2004 - both
        draft.find("position", position(angles["latitude"], angles["longitude"]))
    return draft.told > before


def _degrees(angle: re.Match[str]) -> float:
    # `27,35.496N` is degrees, minutes and their decimals; `27,35,30N` ends in seconds.
    decimals = angle[3] or ""
    minutes = int(angle[2] + decimals) / 10.0 ** len(decimals) + int(angle[4] or "0") / 60
    degrees = int(angle[1]) + minutes / 60
    return -degrees if angle[5] in "SW" else degrees
