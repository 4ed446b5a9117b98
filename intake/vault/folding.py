"""How words are compared in a search: without case, accents and what a script may leave out.

Rules: the index and the query are folded alike; folding never fails, whatever a report holds.
"""

import re
import unicodedata

WORDS = 16
"""Words of a search that count: more narrow nothing down."""
_LONGEST = 64
"""Letters of one word of a search."""

# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic. Marks of other
# scripts are letters to their readers, and stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u200c-\u200f\u2060\u00ad]"
)
# What decomposes to nothing, though people type one for the other. Tatweel only stretches.
_SAME = str.maketrans(
    {
        "\u0671": "\u0627",  # alef wasla: alef
        "\u0649": "\u064a",  # alef maqsura: yeh
        "\u06cc": "\u064a",  # Farsi yeh: yeh
        "\u0629": "\u0647",  # teh marbuta: heh
        "\u06a9": "\u0643",  # keheh: kaf
        "\u0640": None,
        "\u0131": "i",  # dotless
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "\u2019": "'",
        **{chr(start + digit): str(digit) for start in (0x660, 0x6F0) for digit in range(10)},
    }
)
# “The”, alone or after and, so, in, as, to: written as one word with what follows.
_ARTICLE = re.compile("(?<!\\w)[\u0648\u0641\u0628\u0643]?\u0627\u0644(?=[\u0621-\u064a]{3})")
_ARABIC_WORD = re.compile("[\u0621-\u064a]+")
# Written without spaces: each sign is a word, else only the start of a sentence were found.
_IDEOGRAPH = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def fold(text: str) -> str:
    """Return text as it is compared."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _IDEOGRAPH.sub(r" \1 ", _MARKS.sub("", plain).translate(_SAME))


def indexed(text: str) -> str:
    """Return what the index holds of a text: Arabic words also without their article."""
    folded = fold(text).encode(errors="replace").decode()
    if folded.isascii() or not _ARTICLE.search(folded):
        return folded
    bare = [_ARTICLE.sub("", word) for word in _ARABIC_WORD.findall(folded) if _ARTICLE.match(word)]
    return f"{folded} {' '.join(bare)}"


def match(typed: str) -> str:
    """Return the FTS5 query of what was typed, empty where it holds no word.

    Every word must be there; the last may have just been begun, unless a space follows it.
    """
    folded = fold(typed).encode(errors="replace").decode().replace('"', " ").replace("\0", " ")
    words = [word[:_LONGEST] for word in folded.split() if any(c.isalnum() for c in word)]
    quoted = [f'"{word}"' for word in words[:WORDS]]
    if quoted and len(words) <= WORDS and not folded[-1:].isspace():
        quoted[-1] += "*"
    return " ".join(quoted)
