"""What is handed out while a vault is open: by token, for a while, and then let go."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.desk.passes import Passes
from intake.errors import EvidenceError, VaultLockedError
from tests.support.desk import Desk, refused


class Thing:
    """Something that is handed out."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Make a desk, and lock its vault afterwards."""
    made = Desk(tmp_path / "vault")
    yield made
    made.vault.lock()


def test_token_stands_for_one_thing(desk: Desk) -> None:
    """And is long, and never given twice."""
    passes: Passes[str] = Passes(desk.vault, 9)
    tokens = {passes.give("one"), passes.give("one"), passes.give("two")}
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens)
    assert sorted(map(passes.find, tokens)) == ["one", "one", "two"]
    for token in ("", "x", min(tokens)[:-1]):
        refused(lambda t=token: passes.find(t), EvidenceError)  # type: ignore[misc]


def test_oldest_goes_first(desk: Desk) -> None:
    """Only so many are held."""
    passes: Passes[int] = Passes(desk.vault, 3)
    tokens = [passes.give(number) for number in range(5)]
    assert [passes.find(token) for token in tokens[2:]] == [2, 3, 4]
    for token in tokens[:2]:
        refused(lambda t=token: passes.find(t), EvidenceError)  # type: ignore[misc]


def test_lock_ends_tokens_and_lets_things_go(desk: Desk) -> None:
    """Also when the vault is unlocked again."""
    passes: Passes[Thing] = Passes(desk.vault, 3)
    thing = Thing()
    kept = weakref.ref(thing)
    token = passes.give(thing)
    del thing
    desk.vault.lock()
    gc.collect()
    assert kept() is None
    refused(lambda: passes.find(token), VaultLockedError)
    refused(lambda: passes.give(Thing()), VaultLockedError)
    desk.vault.unlock([desk.key])
    refused(lambda: passes.find(token), EvidenceError)


def test_lock_ends_tokens_also_while_somebody_still_works(desk: Desk) -> None:
    """A slow answer holds the old database, and opens nothing with it."""
    passes: Passes[str] = Passes(desk.vault, 3)
    token = passes.give("one")
    with desk.vault.use() as opened:
        working = opened.database
    desk.vault.lock()
    desk.vault.unlock([desk.key])
    refused(lambda: passes.find(token), EvidenceError)
    assert working is not None
