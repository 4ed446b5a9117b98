"""Text of reports and servers made harmless for whoever shows it: a terminal, a page, a file name.

Rules: what could steer a terminal or turn the order of what follows is replaced, visibly; the
marks and joiners that scripts need stay.
"""

import unicodedata

_CONTROL = ("Cc", "Cf", "Cs", "Co")
_BIDI_MARKS = "\u200c\u200d\u200e\u200f"
"""Joiners and marks that scripts need, and that cannot reorder what follows."""


def printable(text: str) -> str:
    """Return text without control characters: a report or a server may hold escape codes."""
    return "".join(c if _is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def inline(text: str) -> str:
    """Return text for one line: a line end in a name could begin an entry of its own."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def _is_harmless(character: str) -> bool:
    if character in "\n\t" or character in _BIDI_MARKS:
        return True
    return unicodedata.category(character) not in _CONTROL
