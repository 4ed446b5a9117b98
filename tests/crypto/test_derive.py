"""What derives from a filing secret, a receipt and a message key: each its own, for ever."""

import hashlib
import hmac
import pickle
from dataclasses import fields
from itertools import pairwise

import msgspec
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from intake.core import entry as entries
from intake.core import receipt
from intake.core.entry import DIRECTIONS, Entry, MessageBody
from intake.core.receipt import Receipt
from intake.crypto import derive
from intake.crypto.age import parse_recipient
from intake.crypto.derive import FilingSecret, WitnessKeys
from intake.crypto.unseal import HybridIdentity
from intake.errors import EntryError, ReportError
from tests.crypto.entries import message

SECRET = FilingSecret(bytes(range(32)))
WORDS = receipt.make(bytes(range(13)))
KEYS = WitnessKeys.of(WORDS, "small")
KEY = KEYS.message_key("inv")
SIGNED = derive.authenticate(message(), KEY)


def hkdf(secret: bytes, info: str, length: int = 32) -> bytes:
    """Return RFC 5869 by the library."""
    return HKDF(SHA256(), length, None, info.encode()).derive(secret)


def test_derive_is_hkdf_with_the_label_as_info() -> None:
    """So a browser derives the same by WebCrypto."""
    for length in (13, 16, 32):
        assert derive.derive(SECRET.value, "case", length) == hkdf(
            SECRET.value, "intake/v1/case", length
        )


def test_each_label_gives_its_own_value() -> None:
    """Nothing that derives from one secret tells anything about the rest."""
    values = [
        bytes.fromhex(SECRET.case()),
        SECRET.no_mailbox(),
        SECRET.note_key("inv"),
        SECRET.note_key("det"),
        bytes.fromhex(KEYS.entry("report", "inv")),
        bytes.fromhex(KEYS.entry("report", "det")),
        bytes.fromhex(KEYS.entry("new/0", "inv")),
        bytes.fromhex(KEYS.addition("new", 0)),
        bytes.fromhex(KEYS.addition("new", 1)),
        KEYS.digest(),
        SECRET.receipt().secret,
        SECRET.digest(),
        KEYS.secret,
        KEYS.mailbox(),
        KEYS.message_key("inv"),
        KEYS.message_key("det"),
        hashlib.sha256(str(KEYS.recipient()).encode()).digest(),
    ]

    assert len({value[:13] for value in values}) == len(values)


def test_a_filing_secret_gives_the_same_case_and_words_each_time() -> None:
    """Sending twice is one case, and the words shown before and after agree."""
    again = FilingSecret(bytes(range(32)))

    assert again.case() == SECRET.case() == hkdf(SECRET.value, "intake/v1/case", 16).hex()
    assert again.no_mailbox() == SECRET.no_mailbox()
    assert again.receipt() == SECRET.receipt()
    assert SECRET.receipt() == receipt.make(hkdf(SECRET.value, "intake/v1/receipt", 13))
    assert again.digest(b"form") == SECRET.digest(b"form")


def test_key_for_notes_comes_from_no_words() -> None:
    """Where she wants no way back, words that somebody saw on the review page sign nothing."""
    assert SECRET.note_key("inv") == hkdf(SECRET.value, "intake/v1/note/inv", 32)


@given(place=st.integers(0, 31))
def test_another_filing_secret_gives_another_case_and_words(place: int) -> None:
    """Every byte of the secret counts."""
    value = bytearray(SECRET.value)
    value[place] ^= 1
    other = FilingSecret(bytes(value))

    assert other.case() != SECRET.case()
    assert other.receipt() != SECRET.receipt()
    assert other.digest(b"form") != SECRET.digest(b"form")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_filing_secret_of_another_length_is_refused(size: int) -> None:
    """A damaged page is told so, instead of filing under a weak secret."""
    with pytest.raises(ReportError):
        FilingSecret(bytes(size))


_parts = st.lists(st.binary(max_size=3), max_size=4)


@given(one=_parts, other=_parts)
def test_a_digest_agrees_only_if_every_part_does(one: list[bytes], other: list[bytes]) -> None:
    """A form that changed, or whose parts are cut elsewhere, is another filing."""
    assert (SECRET.digest(*one) == SECRET.digest(*other)) is (one == other)


def test_a_digest_is_bound_to_its_parts_borders() -> None:
    """The same bytes in other parts, and an empty part more, differ."""
    cuts = [(b"form", b"inv"), (b"for", b"minv"), (b"forminv",), (b"form", b"inv", b"")]

    assert len({SECRET.digest(*cut) for cut in cuts}) == len(cuts)


def test_the_words_are_stretched_with_the_programme_as_salt() -> None:
    """The receipt of one programme opens nothing of another."""
    stretched = hashlib.pbkdf2_hmac("sha256", WORDS.secret, b"small", 4096)

    assert KEYS.secret == stretched
    assert WitnessKeys.of(WORDS, "other").secret != stretched
    assert WitnessKeys.of(Receipt(WORDS.places[::-1]), "small").secret != stretched


def test_the_server_keeps_the_hash_of_the_mailbox_token() -> None:
    """Who reads the disk cannot open the mailbox."""
    token = hkdf(KEYS.secret, "intake/v1/mailbox")

    assert KEYS.mailbox() == hashlib.sha256(token).digest()


def test_the_witness_opens_replies_with_her_words() -> None:
    """The recipient in her reports is the public half of what her words derive."""
    identity = HybridIdentity(hkdf(KEYS.secret, "intake/v1/identity"))

    assert KEYS.recipient() == identity.recipient()
    assert parse_recipient(str(KEYS.recipient())) == identity.recipient()


def test_secrets_are_not_shown() -> None:
    """A log line or a traceback with the object holds no byte of it."""
    for secret in (SECRET, KEYS, WORDS):
        shown = repr(secret)
        assert "value" not in shown
        for field in fields(secret):
            assert repr(getattr(secret, field.name)) not in shown


def test_a_mac_is_hmac_under_the_key_of_its_direction() -> None:
    """By the text of the design, so that a browser can compute it."""
    plain = entries.authenticated(SIGNED)
    key = hkdf(KEY, "intake/v1/mac/in")

    assert SIGNED.mac == hmac.digest(key, plain, "sha256").hex()
    assert b'"mac":""' in plain
    derive.verify(SIGNED, KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"body": MessageBody((), "my date changed.")},
        {"case": "ff" * 16},
        {"date": "2026-11-25+01:00"},
        {"direction": "out"},
        {"direction": "own"},
        {"format": "intake/entry/v2"},
        {"id": "ff" * 16},
        {"kind": "reply"},
        {"kind": "note"},
        {"mac": ""},
        {"mac": SIGNED.mac.upper()},
        {"mac": SIGNED.mac[:-1]},
        {"office": "det"},
        {"programme": "other"},
        {"seen": ()},
        {"seen": ("3b" * 16, "3b" * 16)},
    ],
)
def test_each_change_breaks_the_mac(change: dict[str, object]) -> None:
    """The server cannot alter, move, relabel or reorder what was written."""
    with pytest.raises(EntryError):
        derive.verify(msgspec.structs.replace(SIGNED, **change), KEY)


def test_every_field_is_changed_above() -> None:
    """A field that is added later needs its case."""
    mark = test_each_change_breaks_the_mac.pytestmark[0]  # type: ignore[attr-defined]  # set by the decorator
    changed = {name for change in mark.args[1] for name in change}

    assert changed == set(Entry.__struct_fields__)


def test_a_direction_has_its_own_key() -> None:
    """An office cannot be shown its own reply as the witness's message, nor she hers."""
    directions = sorted(set(DIRECTIONS.values()))
    keys = {derive.derive(KEY, f"mac/{direction}") for direction in directions}
    plain = entries.authenticated(SIGNED)

    assert len(keys) == len(directions) == 3
    for wrong in keys - {derive.derive(KEY, "mac/in")}:
        forged = msgspec.structs.replace(SIGNED, mac=hmac.digest(wrong, plain, "sha256").hex())
        with pytest.raises(EntryError):
            derive.verify(forged, KEY)


def test_another_offices_key_verifies_nothing() -> None:
    """What an office writes under its own key cannot pass for another's."""
    for office, other in pairwise(("inv", "det", "oig")):
        signed = derive.authenticate(message(), KEYS.message_key(office))
        with pytest.raises(EntryError):
            derive.verify(signed, KEYS.message_key(other))


def test_secrets_are_never_pickled() -> None:
    """What a case hangs on leaves memory by no accident."""
    filing = FilingSecret(bytes(32))
    for secret in (filing, filing.receipt(), WitnessKeys.of(filing.receipt(), "small")):
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(secret)


def test_mac_of_foreign_letters_is_refused_as_a_wrong_mac() -> None:
    """A hostile writer's mac is an entry error, never a crash."""
    entry = msgspec.structs.replace(message(), mac="ñ" * 64)
    with pytest.raises(EntryError):
        derive.verify(entry, bytes(32))
