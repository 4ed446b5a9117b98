"""How a file is shown: by what it is, never by what is said of it. Pure.

Rules: only what is listed here is shown at all: pictures as pixels, text as text, sound and film in
a frame that can do nothing else; all else is saved, with a warning; and a name or a type that says
something else than what the file holds is told.
"""

import codecs
import unicodedata
from dataclasses import dataclass
from enum import Enum

from intake.core.evidence import Evidence
from intake.media.sniff import UNKNOWN, ZIP

TEXT = 1_000_000
"""Bytes of a text that are shown: three hundred pages; the rest is in the saved file."""
NAME = 120
"""Characters of the name under which a file is saved: with its folder it fits every system."""


class Way(Enum):
    """How a file is shown."""

    PIXELS = "pixels"
    TEXT = "text"
    SOUND = "sound"
    FILM = "film"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class View:
    """How a file is shown; `lie` says where it is not what was told, `warning` why to take care."""

    way: Way
    lie: str
    warning: str


WAYS = {
    "image/png": Way.PIXELS,
    "image/jpeg": Way.PIXELS,
    "image/webp": Way.PIXELS,
    "image/gif": Way.PIXELS,
    "text/plain": Way.TEXT,
    "audio/mpeg": Way.SOUND,
    "audio/mp4": Way.SOUND,
    "audio/ogg": Way.SOUND,
    "audio/wav": Way.SOUND,
    "video/mp4": Way.FILM,
    "video/webm": Way.FILM,
    "video/ogg": Way.FILM,
    "video/quicktime": Way.FILM,
    "video/3gpp": Way.FILM,
}
"""By the true type. What browsers play, and what `pixels` draws."""

_KINDS = (
    ("image/jpeg", "image/jpg", "image/pjpeg"),
    ("image/png",),
    ("image/webp",),
    ("image/gif",),
    ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
    ("image/avif",),
    ("audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg"),
    # One box, with sound or film in it; what a telephone calls it says little.
    (
        *("video/mp4", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/aac", "video/x-m4v"),
        *("video/quicktime", "video/3gpp", "audio/3gpp", "video/3gpp2", "audio/3gpp2"),
    ),
    ("video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"),
    ("video/ogg", "audio/ogg", "application/ogg", "audio/opus", "audio/vorbis"),
    ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    ("audio/amr", "audio/amr-wb"),
    ("application/pdf", "application/x-pdf"),
    (ZIP, "application/x-zip-compressed", "application/x-zip"),
    (
        *("application/x-ole-storage", "application/msword", "application/vnd.ms-excel"),
        *("application/vnd.ms-powerpoint", "application/vnd.ms-outlook"),
    ),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
    ("application/vnd.oasis.opendocument.text",),
    ("application/vnd.oasis.opendocument.spreadsheet",),
    ("application/vnd.oasis.opendocument.presentation",),
)
"""What one kind of file is called; the first is what `media.sniff` says, or another of them."""
_KIND_OF = {name: names[0] for names in _KINDS for name in names}
_PROGRAM = "a program"
_ENDINGS = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp",
    "gif": "image/gif", "heic": "image/heic", "heif": "image/heif", "avif": "image/avif",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "wav": "audio/wav",
    "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "ogv": "video/ogg",
    "amr": "audio/amr", "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime",
    "3gp": "video/3gpp", "webm": "video/webm", "mkv": "video/x-matroska",
    "pdf": "application/pdf", "zip": ZIP, "txt": "text/plain", "csv": "text/csv",
    "htm": "text/html", "html": "text/html", "svg": "image/svg+xml", "xml": "text/xml",
    "doc": "application/msword", "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    **dict.fromkeys(("exe", "com", "scr", "bat", "cmd", "msi", "ps1", "vbs"), _PROGRAM),
    **dict.fromkeys(("lnk", "url", "desktop", "jar", "apk", "app", "js"), _PROGRAM),
}  # fmt: skip
"""What the end of a name says."""
_SEEN = ("image/", "audio/", "video/")
_DRAWN_TEXT = "image/svg+xml"
"""A picture, and text all the same."""

_ENDING = 20
"""Characters of the end of a name."""
_RESERVED = {
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"),
    *(f"{name}{number}" for name in ("COM", "LPT") for number in "0123456789¹²³"),
}
_FORBIDDEN = '<>:"/\\|?*%;'
_STEERING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_NEEDED = "\n\t\u200c\u200d\u200e\u200f"
"""Ends of lines; joiners and marks that scripts need, and that cannot reorder what follows."""

_DOCUMENT = (
    "A document can hold programs, and can tell others that it was opened. Open it only on a "
    "machine without network, or in a viewer that confines it."
)
_WARNINGS = {
    ZIP: "An archive can unpack to anything, and to more than a disk holds. Look at its list "
    "before you unpack it, on a machine without network.",
    "image": "This kind of picture is not drawn here. The program that draws it can be attacked "
    "by it: open it on a machine without network.",
    "media": "This kind of recording is not played here. The program that plays it can be "
    "attacked by it: open it on a machine without network.",
    "document": _DOCUMENT,
    "unknown": "What this file does when it is opened, nobody can say. Open it on no machine that "
    "holds anything.",
}


def view(told: Evidence, true: str) -> View:
    """Return how a file is shown whose true type is `true`."""
    way = WAYS.get(true, Way.DOWNLOAD)
    return View(way, _lie(told, true), _WARNINGS[_danger(true)] if way is Way.DOWNLOAD else "")


def warning(true: str) -> str:
    """Return why to take care with a file that is saved, however it is shown here."""
    return _WARNINGS[_danger(true)]


def text(data: bytes, *, is_cut: bool) -> str:
    """Return text as it is shown: UTF-8, or what its first bytes say; nothing in it acts.

    `is_cut` says that `data` is only the beginning, and may end within a character.
    """
    coding = "utf-8"
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            coding, data = name, data[len(mark) :]
            break
    decoded = codecs.getincrementaldecoder(coding)("replace").decode(data, final=not is_cut)
    return visible(decoded)


def visible(words: str) -> str:
    """Return words in which what steers a display, and is not seen itself, is named instead.

    Control characters, marks that turn the order of letters around, halves of letters.
    """
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one if _is_harmless(one) else f"⟨U+{ord(one):04X}⟩" for one in lines)


def saved_name(told: Evidence) -> str:
    """Return a name under which the file can be saved on every system: no path, nothing hidden.

    Source: "Naming Files, Paths, and Namespaces" of Windows, which forbids most.
    """
    kept = "".join(one if _is_nameable(one) else "_" for one in told.name)
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        stem, ending = ending, ""
    ending = ending.rstrip(" .")[:_ENDING]
    stem = stem.strip(" .~")[: NAME - len(ending) - 1].rstrip(" .") or "file"
    if stem.split(".")[0].rstrip().upper() in _RESERVED:
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem


def _is_harmless(character: str) -> bool:
    return character in _NEEDED or unicodedata.category(character) not in _STEERING


def _is_nameable(character: str) -> bool:
    return character not in _FORBIDDEN and unicodedata.category(character) not in _STEERING


def _lie(told: Evidence, true: str) -> str:
    """Return where type or name say something else than what the file holds; empty if nowhere."""
    holds = "something unknown" if true == UNKNOWN else true
    ending = told.name.rpartition(".")[2].lower() if "." in told.name else ""
    said = _ENDINGS.get(ending, UNKNOWN)
    if _differs(told.type, true):
        return f"It was said to be {told.type}, and holds {holds}."
    if _differs(said, true):
        return f"Its name ends as that of {said}, and it holds {holds}."
    return ""


def _differs(said: str, true: str) -> bool:
    """Whether what is said of a file is not what it holds; what says nothing never differs.

    What is unknown to us may be in any archive, and may be text.
    """
    if said in (UNKNOWN, true) or _KIND_OF.get(said, said) == _KIND_OF.get(true, true):
        return False
    if said == _PROGRAM:
        return true != UNKNOWN
    if true in (UNKNOWN, ZIP):
        return said in _KIND_OF
    if true == "text/plain":
        return said in _KIND_OF or (said.startswith(_SEEN) and said != _DRAWN_TEXT)
    return True


def _danger(true: str) -> str:
    if true == ZIP:
        return ZIP
    for start, danger in (("image/", "image"), ("audio/", "media"), ("video/", "media")):
        if true.startswith(start):
            return danger
    return "unknown" if true == UNKNOWN else "document"
