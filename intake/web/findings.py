"""What a file tells of its maker, in words: labels of the codes of `media`."""

from intake.core.evidence import Taken
from intake.web.i18n import Language


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


FINDINGS = {
    "position": _("Where it was taken"),
    "camera": _("Camera or telephone"),
    "serial": _("Serial number of the camera"),
    "taken": _("When it was taken"),
    "software": _("Program that made it"),
    "author": _("Name of its author"),
    "owner": _("Name of the owner"),
    "comment": _("A note inside"),
    "thumbnail": _("A small picture inside"),
    "name": _("A name inside"),
    "other": _("Other hidden data"),
}
"""What can be found in a file, by its code."""

WARNINGS = {
    "document": _(
        "Papers like this often hold the name of whoever wrote them, and earlier versions. We "
        "cannot take that out. A photo or a scan of the paper tells less."
    ),
    "video": _(
        "This video may hold a place or a name that we cannot take out. The offices get it as it "
        "is."
    ),
    "audio": _(
        "This sound may hold a name or a title that we cannot take out. The offices get it as it "
        "is."
    ),
    "unknown": _(
        "We do not know this kind of file, and cannot see what it tells about you. The offices get "
        "it as it is."
    ),
    "damaged": _(
        "This file is damaged or made in an odd way: we cannot see what it tells about you. The "
        "offices get it as it is."
    ),
}
"""Why nothing could be taken out of a file, by its code."""

_UNITS = ("B", "kB", "MB", "GB")


def lines(taken: Taken, language: Language) -> list[tuple[str, str]]:
    """Return what a file tells: label and value, each label once."""
    found: dict[str, list[str]] = {}
    for one in taken.found:
        label = language.text(FINDINGS.get(one.code, FINDINGS["other"]))
        found.setdefault(label, []).append(one.value)
    return [(label, ", ".join(values)) for label, values in found.items()]


def warning(taken: Taken, language: Language) -> str:
    """Return why nothing could be taken out, empty where all was."""
    return language.text(WARNINGS[taken.warning]) if taken.warning in WARNINGS else ""


def size(length: int) -> str:
    """Return a length in bytes as people read it."""
    value, unit = float(length), 0
    while value >= 1000 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - SI prefixes
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit < 2 else f"{value:.1f} {_UNITS[unit]}"  # noqa: PLR2004 - below a megabyte no fraction
