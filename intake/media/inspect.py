"""What a file reveals about its maker, and the patches that make its cleaned copy."""

from collections.abc import Callable
from dataclasses import dataclass

from intake.media import audio, documents, jpeg, movie, png, riff
from intake.media.draft import Draft, Finding, Patch
from intake.media.sniff import UNKNOWN, sniff
from intake.media.source import DamagedError, Read

DAMAGED = "damaged"
_CLEANERS: dict[str, Callable[[Draft], str]] = {
    "image/jpeg": jpeg.clean,
    "image/png": png.clean,
    "image/webp": riff.clean,
    "image/heic": movie.clean_picture,
    "image/heif": movie.clean_picture,
    "image/avif": movie.clean_picture,
    "video/mp4": movie.clean,
    "video/quicktime": movie.clean,
    "video/3gpp": movie.clean,
    "audio/mp4": movie.clean,
    "audio/wav": riff.clean,
    "audio/mpeg": audio.clean,
    "application/pdf": documents.warn_pdf,
}
"""What reads each type; the documents missing here are archives."""
_WARNINGS = {
    # Nothing in these but the sound or the words.
    "audio/amr": "",
    "text/plain": "",
    "audio/ogg": "audio",
    "video/ogg": "video",
    "video/webm": "video",
    "video/x-matroska": "video",
    "image/gif": "unknown",
    UNKNOWN: "unknown",
    "application/x-ole-storage": "document",
}
"""The types that are not read."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file.

    `warning` is "" where the patches remove all findings; else there are no patches, and the file
    may reveal its maker: "document", "video" or "audio" for kinds that are not cleaned, "unknown"
    for what is none of ours, "damaged" where the structure cannot be followed.
    """

    type: str
    findings: tuple[Finding, ...]
    patches: tuple[Patch, ...]
    warning: str


def inspect(read: Read, size: int) -> Inspection:
    """Return what a file of `size` bytes reveals; `read` returns so many bytes from an offset.

    Raises nothing of its own, whatever the file holds.
    """
    draft = Draft(read, size)
    kind = UNKNOWN
    try:
        kind = sniff(draft)
        warning = _clean(kind, draft)
        patches = () if warning else draft.patches()
    except DamagedError:
        return Inspection(kind, draft.findings, (), DAMAGED)
    return Inspection(kind, draft.findings, patches, warning)


def _clean(kind: str, draft: Draft) -> str:
    if kind in _WARNINGS:
        return _WARNINGS[kind]
    return _CLEANERS.get(kind, documents.warn_office)(draft)
