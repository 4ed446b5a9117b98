"""A key in shares on paper: any `need` of them make it again, fewer tell nothing.

Source: SLIP-0039 by PyPI's `shamir-mnemonic`: 33 words of a list of 1024, three of them a
checksum. No passphrase and one group: what opens a share is having enough of them.

Rules: a share names its key, so the key that is made again is compared with what was split; no
error holds a word of a share; what is no share that `split` makes is refused before any of the
costly work that a foreign one could ask for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, Self

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share as Inner
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

from intake.core.programme import NAME
from intake.crypto import keyring
from intake.crypto.age import SEED_SIZE
from intake.crypto.unseal import HybridIdentity
from intake.errors import ShareError
from intake.wordlists import wordlist

WORDS = 33
"""Words of a share of 32 bytes: 4 for the share's place, 26 for its value, 3 for the checksum."""

MOST = 16
"""Shares of one key, as SLIP-0039 counts them."""

_IN_A_LINE = 4
_UNIQUE = 4
"""Letters by which no two words of the list are the same."""
_BY_START = {word[:_UNIQUE]: word for word in WORDLIST}
_FIELD = re.compile(r"(office|key|share|made): (.+)")
_COUNT = re.compile(r"([1-9]\d?) of ([1-9]\d?), any ([1-9]\d?)")


@dataclass(frozen=True)
class Label:
    """What every share of one split says: whose key, in how many shares, and when.

    `key` is the key's fingerprint in eight words.
    """

    office: str
    key: str
    parts: int
    need: int
    made: date


@dataclass(frozen=True, slots=True, repr=False)
class Share:
    """One share by its words: which it is, and how many are needed."""

    number: int
    need: int
    words: tuple[str, ...]

    def __repr__(self) -> str:
        """Hide the words."""
        return f"<Share {self.number}>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        raise TypeError("a share is never pickled")

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        """Return the share that these words, or their first four letters, are; raises ShareError.

        Numbers before the words are left out.
        """
        # 1. Words of the list, as many as there must be.
        found = tuple(_word(number, word) for number, word in enumerate(_unnumbered(words), 1))
        if len(found) != WORDS:
            raise ShareError(f"has {len(found)} words of {WORDS}, compare with the paper")
        # 2. The checksum.
        try:
            inner = Inner.from_mnemonic(" ".join(found))
        except MnemonicError:
            raise ShareError(
                "some word is another one, or two are swapped, compare each with the paper"
            ) from None
        # 3. One that `split` makes, and no other program: it could ask for hours of work.
        if (inner.group_count, inner.iteration_exponent, inner.extendable) != (1, 0, True):
            raise ShareError("is no share that intake made, look for the right paper")
        return cls(inner.index + 1, inner.member_threshold, found)


@dataclass(frozen=True, repr=False)
class Paper:
    """A share with its label, as it is kept."""

    label: Label
    share: Share

    def text(self) -> str:
        """Return it as it is printed or written down."""
        label, number = self.label, self.share.number
        return "\n".join(
            (
                *_told(label),
                "",
                f"office: {label.office}",
                f"key: {label.key}",
                f"share: {number} of {label.parts}, any {label.need}",
                f"made: {label.made}",
                "",
                *_lines(self.share.words),
                "",
            )
        )


def split(identity: HybridIdentity, label: Label) -> tuple[Paper, ...]:
    """Return the shares of a key, each tried. Raises ShareError where the numbers do not fit."""
    if not 2 <= label.need <= label.parts <= MOST:  # noqa: PLR2004 - one share alone would be a copy
        raise ShareError(f"needed are at least two, and no more than there are, up to {MOST}")
    groups = [(label.need, label.parts)]
    # Without a passphrase there is nothing to stretch: the least work.
    (made,) = generate_mnemonics(1, groups, identity.seed, extendable=True, iteration_exponent=0)
    shares = tuple(Share.of(words.split()) for words in made)
    for at in range(label.parts):
        combine((shares * 2)[at : at + label.need], label.key)
    return tuple(Paper(label, share) for share in shares)


def combine(shares: Sequence[Share], key: str) -> HybridIdentity:
    """Return the key whose fingerprint in words is `key`; every share counts. Raises ShareError."""
    _refuse_too_few(shares)
    check_set(shares)
    need = shares[0].need
    # Each one beyond those needed takes the last place once: a wrong one is found, not left out.
    seeds = {_seed((*shares[: need - 1], last)) for last in shares[need - 1 :]}
    if len(seeds) != 1:
        raise ShareError("the shares do not make one key, bring other ones in place of each")
    seed = seeds.pop()
    if len(seed) != SEED_SIZE:
        raise ShareError("the shares are of something else than a key of an office, look again")
    identity = HybridIdentity(seed)
    made = keyring.spoken(keyring.fingerprint(identity.recipient()), wordlist("en"))
    if made != " ".join(key.split()):
        raise ShareError("the shares make another key than they name, find out who changed them")
    return identity


def one_label(papers: Sequence[Paper]) -> Label:
    """Return the label that all papers have; raises ShareError."""
    labels = {paper.label for paper in papers}
    if len(labels) != 1:
        raise ShareError(
            "the shares are of different splits, bring those with the same key words and day"
        )
    return labels.pop()


def parse(text: str) -> Paper:
    """Return the share in a text; raises ShareError, which names the line."""
    fields: dict[str, str] = {}
    words: list[str] = []
    prose: list[tuple[int, str]] = []
    for number, line in enumerate(
        text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").split("\n"), 1
    ):
        kept = " ".join(line.split())
        field = _FIELD.fullmatch(kept)
        if field and field[1] in fields:
            raise ShareError(f"line {number}: says {field[1]} twice, keep the right one")
        if field:
            fields[field[1]] = field[2]
        elif kept[:1].isdigit():
            words += kept.split()
        elif kept:
            prose.append((number, kept))
    label, number = _label(fields)
    for at, line in prose:
        if line not in _told(label):
            raise ShareError(f"line {at}: is no part of a share, remove it")
    share = Share.of(words)
    if (share.number, share.need) != (number, label.need):
        raise ShareError("its words are of another share than its lines say, look at the paper")
    return Paper(label, share)


def check_key(key: str) -> None:
    """Raise ShareError unless these can be the eight words of a key."""
    words = key.split()
    if len(words) != keyring.FINGERPRINT_WORDS or not set(wordlist("en")).issuperset(words):
        raise ShareError("the line key: is not eight words of the list, correct it")


def _label(fields: dict[str, str]) -> tuple[Label, int]:
    """Return the label, and the number of the share; raises ShareError."""
    for name in ("office", "key", "share", "made"):
        if name not in fields:
            raise ShareError(f"has no line that begins {name}: …, write it as on the paper")
    count = _COUNT.fullmatch(fields["share"])
    if not count:
        raise ShareError("the line share: is written 1 of 3, any 2, correct it")
    number, parts, need = (int(value) for value in count.groups())
    try:
        made = date.fromisoformat(fields["made"])
    except ValueError:
        raise ShareError("the line made: is written 2026-01-31, correct it") from None
    check_key(fields["key"])
    if not NAME.fullmatch(fields["office"]):
        raise ShareError("the line office: is not an office's id, correct it")
    return Label(fields["office"], fields["key"], parts, need, made), number


def _told(label: Label) -> tuple[str, ...]:
    return (
        f"One of {label.parts} shares of the key of {label.office}. It is no money and no wallet.",
        f"Any {label.need} of them make the key again. One alone tells nothing. Keep it by itself.",
        "Nobody honest asks for it by mail or telephone, nor to type it into a web page.",
    )


def _lines(words: Sequence[str]) -> Iterator[str]:
    numbered = [f"{number:2} {word:10}" for number, word in enumerate(words, 1)]
    for at in range(0, len(words), _IN_A_LINE):
        yield "".join(numbered[at : at + _IN_A_LINE]).rstrip()


def _unnumbered(words: Sequence[str]) -> Iterator[str]:
    """Yield the words; raises ShareError where a number shows that one is missing or too many."""
    count = 0
    for word in words:
        if word.isdigit():
            if word != str(count + 1):
                raise ShareError(f"a word is missing or too many before word {count + 1}")
        else:
            count += 1
            yield word


def _word(number: int, word: str) -> str:
    low = word.lower()
    found = low if low in WORD_INDEX_MAP else _BY_START.get(low)
    if found is None:
        raise ShareError(f"word {number} is none of the list, compare it with the paper")
    return found


def check_set(shares: Sequence[Share]) -> None:
    """Raise ShareError where shares are of different splits, or one is there twice."""
    heads = {(share.need, share.words[:2]) for share in shares}
    if len(heads) > 1:
        raise ShareError("the shares are of different splits, bring those of one day and key")
    numbers = [share.number for share in shares]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice:
        raise ShareError(f"share {twice} is there twice, bring another one")


def _refuse_too_few(shares: Sequence[Share]) -> None:
    if not shares:
        raise ShareError("no share was given, bring those that are needed")
    missing = shares[0].need - len(shares)
    if missing > 0:
        raise ShareError(f"{shares[0].need} shares are needed, bring {missing} more")


def _seed(shares: Sequence[Share]) -> bytes:
    try:
        seed: bytes = combine_mnemonics([" ".join(share.words) for share in shares])
    except MnemonicError:
        raise ShareError(
            "the shares do not go together: one was changed, bring another in its place"
        ) from None
    return seed
