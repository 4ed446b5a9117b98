"""A key in shares: any two of three make it again, one does not, and what is spoiled is named."""

import itertools
import pickle
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shamir_mnemonic import combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share as Inner

from intake.crypto import keyring, shares
from intake.crypto.keyring import fingerprint
from intake.crypto.shares import Label, Paper, Share
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import ShareError
from intake.wordlists import wordlist

# Always the same: a word that stands in a sentence too, or twice, would spoil a test now and then.
CHANCE = Random(7)  # noqa: S311 - for tests
KEY = generate_hybrid(CHANCE.randbytes)


def label(key: HybridIdentity = KEY, parts: int = 3, need: int = 2) -> Label:
    """Return what the shares of a key say."""
    words = keyring.spoken(fingerprint(key.recipient()), wordlist("en"))
    return Label("investigators", words, parts, need, date(2026, 11, 24))


with pytest.MonkeyPatch.context() as patch:
    patch.setattr("shamir_mnemonic.shamir.RANDOM_BYTES", CHANCE.randbytes)
    PAPERS = shares.split(KEY, label())
ONE, TWO, THREE = PAPERS
TEXT = ONE.text()


def made_of(*papers: Paper) -> HybridIdentity:
    """Return the key that papers make, as `combine` reads them."""
    read = [shares.parse(paper.text()) for paper in papers]
    return shares.combine([paper.share for paper in read], shares.one_label(read).key)


@pytest.mark.parametrize(("parts", "need"), [(2, 2), (3, 2), (3, 3), (5, 3), (16, 2)])
def test_every_choice_of_enough_shares_makes_the_key(parts: int, need: int) -> None:
    """In any order, and one fewer makes nothing."""
    papers = shares.split(KEY, label(parts=parts, need=need))
    chosen = list(itertools.combinations(papers, need))
    for some in chosen[:12]:
        assert made_of(*reversed(some)).secret_text() == KEY.secret_text()
        with pytest.raises(ShareError, match="are needed, bring 1 more"):
            made_of(*some[1:])


def test_shares_that_do_not_make_the_key_are_never_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The key may be destroyed, once they are on paper."""
    other = generate_mnemonics(1, [(2, 3)], bytes(32), extendable=True, iteration_exponent=0)
    monkeypatch.setattr(shares, "generate_mnemonics", lambda *_, **__: other)
    with pytest.raises(ShareError, match="make another key"):
        shares.split(KEY, label())


def test_more_shares_than_needed_make_the_key_too() -> None:
    """Nobody is sent home."""
    assert made_of(*PAPERS).secret_text() == KEY.secret_text()


def test_shares_of_one_key_differ_each_time() -> None:
    """Two splits never go together."""
    again = shares.split(KEY, label())
    with pytest.raises(ShareError, match="of different splits"):
        made_of(ONE, again[1])


def test_other_programs_can_read_them() -> None:
    """SLIP-0039 without a passphrase: no need of this program in thirty years."""
    assert combine_mnemonics([" ".join(paper.share.words) for paper in (ONE, THREE)]) == KEY.seed


def test_paper_says_whose_key_and_that_it_is_no_money() -> None:
    """In plain words, and of no other share."""
    assert "shares of the key of investigators. It is no money" in TEXT
    assert "share: 1 of 3, any 2" in TEXT
    assert "made: 2026-11-24" in TEXT
    assert label().key in TEXT
    assert all(len(line) <= 100 for line in TEXT.splitlines())
    others = set(TWO.share.words[4:]) - set(ONE.share.words)
    assert not others & set(TEXT.split())


def test_share_is_read_as_people_type_it() -> None:
    """From Windows, in capitals, by four letters, without numbers, without the prose."""
    words = [word[:4].upper() for word in ONE.share.words]
    lines = [line for line in TEXT.splitlines() if ": " in line]
    assert shares.parse("\N{ZERO WIDTH NO-BREAK SPACE}" + TEXT.replace("\n", "\r\n")) == ONE
    numbered = " ".join(f"{number} {word}" for number, word in enumerate(words, 1))
    assert shares.parse("\n".join([*lines, numbered])) == ONE
    assert Share.of(words) == ONE.share


def swapped(text: str) -> str:
    """Return a text in which two neighbours changed places."""
    a, b = ONE.share.words[9:11]
    return text.replace(f"10 {a:10}", f"10 {b:10}").replace(f"11 {b:10}", f"11 {a:10}")


def other_word(text: str) -> str:
    """Return a text in which one word is another one of the list."""
    word = ONE.share.words[12]
    return text.replace(f"13 {word}", f"13 {'acid' if word != 'acid' else 'acne'}")


SPOILED: dict[str, tuple[Callable[[str], str], str]] = {
    "other word": (other_word, "some word is another one, or two are swapped"),
    "two swapped": (swapped, "some word is another one, or two are swapped"),
    "no word": (lambda t: t.replace(f"13 {ONE.share.words[12]}", "13 maria"), "word 13 is none of"),
    "word missing": (lambda t: t.replace(f"13 {ONE.share.words[12]}", ""), "before word 13"),
    "word too many": (lambda t: t.replace("13 ", "13 acid 13 "), "before word 14"),
    "cut off": (lambda t: t[: t.index("29 ")], "has 28 words of 33"),
    "empty": (lambda _: "", "has no line that begins office"),
    "no key": (lambda t: t.replace("key: ", "keys "), "begins key"),
    "key of three words": (lambda t: t.replace(label().key, "zoo zoo zoo"), "not eight words"),
    "key of other words": (lambda t: t.replace(label().key, "maria " * 8), "not eight words"),
    "other number": (lambda t: t.replace("share: 1 of", "share: 2 of"), "of another share"),
    "other need": (lambda t: t.replace("any 2", "any 3"), "line 2: is no part"),
    "other need in all": (lambda t: t.replace("ny 2", "ny 3"), "words are of another share"),
    "share as prose": (lambda t: t.replace("share: 1 of 3, any 2", "share: one"), "is written 1"),
    "no such day": (lambda t: t.replace("2026-11-24", "2026-02-30"), "is written 2026-01-31"),
    "office of spaces": (lambda t: t.replace("office: inv", "office: In v"), "not an office's id"),
    "said twice": (lambda t: t.replace("made:", "office: x\nmade:"), "line 8: says office twice"),
    "added by hand": (lambda t: f"Maria has it\n{t}", "line 1: is no part of a share, remove it"),
    "two shares": (lambda t: t + TWO.text(), "says office twice"),
    "zero byte": (lambda t: t.replace("made:", "ma\0de:"), "begins made"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "said"), SPOILED.values(), ids=SPOILED)
def test_spoiled_share_is_named_without_a_word_of_it(
    spoil: Callable[[str], str], said: str
) -> None:
    """What is wrong, where, what to do: and nothing that stands in it."""
    assert spoil(TEXT) != TEXT
    with pytest.raises(ShareError) as caught:
        shares.parse(spoil(TEXT))
    assert said in str(caught.value)
    assert "maria" not in str(caught.value).lower()


def test_same_share_twice_is_named() -> None:
    """A copy is no second share."""
    with pytest.raises(ShareError, match="share 1 is there twice, bring another one"):
        made_of(ONE, ONE)


def test_share_of_another_key_is_named() -> None:
    """By what it says, and by its words where it says nothing."""
    other = generate_hybrid()
    strange = shares.split(other, label(other))[1]
    with pytest.raises(ShareError, match="of different splits"):
        made_of(ONE, strange)
    with pytest.raises(ShareError, match="of different splits"):
        shares.combine([ONE.share, strange.share], label().key)


def test_share_changed_with_a_right_checksum_is_found() -> None:
    """Whoever computes the checksum anew spoils the key's own check."""
    inner = Inner.from_mnemonic(" ".join(TWO.share.words))
    value = bytes([inner.value[0] ^ 1]) + inner.value[1:]
    forged = Share.of(replace(inner, value=value).words())
    for chosen in ([ONE.share, forged], [ONE.share, THREE.share, forged]):
        with pytest.raises(ShareError, match="one was changed"):
            shares.combine(chosen, label().key)


def test_key_that_shares_do_not_name_is_not_made() -> None:
    """Shares that go together, of another key than the paper says."""
    other = generate_hybrid()
    papers = [Paper(label(), paper.share) for paper in shares.split(other, label(other))]
    with pytest.raises(ShareError, match="make another key than they name"):
        made_of(*papers[:2])


@pytest.mark.parametrize(
    ("groups", "size", "more"),
    [
        ([(2, 3)], 32, {"iteration_exponent": 15}),
        ([(2, 3)], 32, {"extendable": False, "iteration_exponent": 0}),
        ([(2, 3), (2, 3)], 32, {"iteration_exponent": 0}),
        ([(2, 3)], 16, {"iteration_exponent": 0}),
    ],
    ids=["hours of work", "older kind", "groups", "twenty words"],
)
def test_share_of_a_wallet_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, groups: list[tuple[int, int]], size: int, more: dict[str, int]
) -> None:
    """Before the work that it asks for: fifteen would be hours."""
    monkeypatch.setattr("shamir_mnemonic.cipher.BASE_ITERATION_COUNT", 4)
    made = generate_mnemonics(len(groups), groups, bytes(size), **more)
    with pytest.raises(ShareError):
        Share.of(made[0][0].split())


@pytest.mark.parametrize(("parts", "need"), [(1, 1), (3, 1), (2, 3), (17, 2), (0, 0)])
def test_numbers_that_make_no_split_are_refused(parts: int, need: int) -> None:
    """One share alone would be a copy."""
    with pytest.raises(ShareError, match="needed are at least two"):
        shares.split(KEY, label(parts=parts, need=need))


def test_share_is_neither_shown_nor_pickled() -> None:
    """No log or traceback holds its words."""
    shown = repr([ONE.share, ONE])
    assert not [pair for pair in itertools.pairwise(ONE.share.words) if " ".join(pair) in shown]
    with pytest.raises(TypeError):
        pickle.dumps(ONE.share)


@given(st.text())
def test_any_text_is_refused_as_a_share(text: str) -> None:
    """By one kind of error."""
    with pytest.raises(ShareError):
        shares.parse(text)


@given(st.lists(st.sampled_from([*TEXT.split(), "\n", "0", "34", "key:", "²"]), max_size=60))
def test_any_order_of_its_parts_is_refused_or_the_share(parts: list[str]) -> None:
    """Torn paper, put together."""
    with suppress(ShareError):
        assert shares.parse(" ".join(parts)) == ONE
