"""Opening: the entry that was filed, for whoever holds a key, or a named error."""

import msgspec
import pytest

from intake.core import entry as entries
from intake.core.entry import Entry, Outer
from intake.crypto import opening
from intake.crypto.derive import authenticate
from intake.crypto.seal import Plaintext, Sealed, SealedHeader, seal
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.errors import (
    AgeError,
    EntryError,
    HeaderMacError,
    MismatchError,
    NoMatchError,
    PayloadError,
)
from tests.crypto.entries import PROGRAMME, message, outer, report

OWN, RECOVERY, STRANGER = (generate_hybrid() for _ in range(3))


def sealed(entry: Entry, *readers: HybridIdentity) -> Sealed:
    """Return the entry sealed to readers, the office's two keys by default."""
    keys = [reader.recipient() for reader in readers or (OWN, RECOVERY)]
    return seal(Plaintext(entries.encode(entry)), keys)


def opened(one: Sealed, reader: HybridIdentity, under: Outer | None) -> Entry:
    """Open with one key what was filed under names."""
    return opening.open_entry(one, (reader,), under, PROGRAMME)


@pytest.mark.parametrize("entry", [report(), report("oig"), message()])
@pytest.mark.parametrize("reader", [OWN, RECOVERY])
def test_each_key_of_the_office_opens_the_entry(entry: Entry, reader: HybridIdentity) -> None:
    """The working and the recovery key, also for an office that the reader serves."""
    assert opened(sealed(entry), reader, outer(entry)) == entry


def test_a_file_that_came_without_names_opens() -> None:
    """By hand, from a disk or a mail, there is nothing to compare with."""
    assert opened(sealed(report()), OWN, None) == report()


def test_somebody_elses_key_opens_nothing() -> None:
    """The error says that the key is the wrong one, not that the file is broken."""
    with pytest.raises(NoMatchError):
        opened(sealed(report()), STRANGER, outer(report()))


def test_an_identity_that_fits_is_found_among_others() -> None:
    """An investigator may hold the keys of years."""
    keys = (STRANGER, generate_hybrid(), RECOVERY)

    assert opening.open_entry(sealed(report()), keys, None, PROGRAMME) == report()


@pytest.mark.parametrize(
    "change", [{"case": "ff" * 16}, {"kind": "message"}, {"id": "ff" * 16}, {"reader": "det"}]
)
def test_an_entry_filed_under_another_name_is_set_aside(change: dict[str, str]) -> None:
    """A server that moves or relabels an entry is found out, name by name."""
    under = msgspec.structs.replace(outer(report()), **change)

    with pytest.raises(MismatchError):
        opened(sealed(report()), OWN, under)


@pytest.mark.parametrize(
    "change", [{"programme": "other"}, {"office": "det"}, {"office": "nobody"}]
)
def test_an_entry_of_another_programme_or_office_is_set_aside(change: dict[str, str]) -> None:
    """A report for one office never passes as one for another."""
    entry = msgspec.structs.replace(report(), **change)

    with pytest.raises(MismatchError):
        opened(sealed(entry), OWN, outer(report()))


@pytest.mark.parametrize("size", [0, 15, 16, 31, 4000, 4127, 4129, 5000])
def test_a_payload_of_another_length_does_not_open(size: int) -> None:
    """Cut or lengthened: nothing of it is shown."""
    one = sealed(report())
    assert len(one.payload) == 16 + 4096 + 16
    _replace(one, (one.payload + bytes(1000))[:size])

    with pytest.raises(PayloadError):
        opened(one, OWN, outer(report()))


@pytest.mark.parametrize("place", [0, 15, 16, 17, 2000, 4111, 4112, 4127])
def test_an_altered_payload_does_not_open(place: int) -> None:
    """In the nonce, the text or the tag."""
    one = sealed(report())
    payload = bytearray(one.payload)
    payload[place] ^= 1
    _replace(one, bytes(payload))

    with pytest.raises(PayloadError):
        opened(one, OWN, outer(report()))


def test_an_altered_header_does_not_open() -> None:
    """Whoever takes out, adds, or reorders readers without the file key is found out."""
    one = sealed(report())
    lines = one.header.value.split(b"-> ")
    foreign = sealed(report()).header.value.split(b"-> ")
    for changed in (
        [lines[0], lines[2].split(b"---")[0], lines[1] + b"---" + lines[2].split(b"---")[1]],
        [lines[0], lines[1] + b"---" + lines[2].split(b"---")[1]],
        [lines[0], lines[1], foreign[1], lines[2]],
    ):
        header = SealedHeader(b"-> ".join(changed))
        with pytest.raises(HeaderMacError):
            opened(Sealed(header, one.payload), OWN, outer(report()))


def test_the_header_of_another_entry_does_not_open_this_one() -> None:
    """A file key opens its own payload only."""
    one, other = sealed(report()), sealed(message())

    with pytest.raises(PayloadError):
        opened(Sealed(other.header, one.payload), OWN, None)


@pytest.mark.parametrize(
    "plain",
    [
        b"".ljust(4096),
        b"{}".ljust(4096),
        b"\xff".ljust(4096),
        b"[" * 4096,
        entries.encode(report()) + bytes(4096),
        entries.encode(report()).ljust(8192),
        entries.encode(report()).replace(b'"seen"', b'"sawn"'),
        entries.encode(report()).replace(b'"in"', b'"ou"'),
        entries.encode(report()).replace(b'"case":"0c', b'"case":"0C'),
        entries.encode(message()).replace(b'"message"', b'"reports"'),
    ],
)
def test_what_is_sealed_but_no_entry_is_an_entry_error(plain: bytes) -> None:
    """A witness can seal anything to an office: it never raises anything else."""
    one = seal(Plaintext(plain), [OWN.recipient()])

    with pytest.raises(EntryError):
        opened(one, OWN, None)


def test_a_referred_office_opens_the_same_payload() -> None:
    """A new header is all that a referral needs, and the old one still opens."""
    entry = report()
    one = sealed(entry)
    header = opening.rewrap(one.header, (OWN,), [STRANGER.recipient()])
    referred = Sealed(header, one.payload)

    assert opened(referred, STRANGER, outer(entry)) == entry
    assert opened(one, OWN, outer(entry)) == entry
    with pytest.raises(NoMatchError):
        opened(referred, OWN, outer(entry))
    assert len(header.value) < 1800


def test_only_a_reader_can_refer() -> None:
    """Who cannot open an entry cannot hand it on, nor hand on an altered header."""
    one = sealed(report())
    with pytest.raises(NoMatchError):
        opening.rewrap(one.header, (STRANGER,), [STRANGER.recipient()])

    stanzas, _, mac = one.header.value.rpartition(b" ")
    altered = SealedHeader(stanzas + b" " + (b"A" if mac[:1] != b"A" else b"B") + mac[1:])
    with pytest.raises(HeaderMacError):
        opening.rewrap(altered, (OWN,), [STRANGER.recipient()])


def test_no_error_holds_what_was_sealed() -> None:
    """Errors are shown and logged, whatever they are about."""
    one = sealed(report())
    entry = msgspec.structs.replace(report(), programme="other")
    for broken, under in (
        (Sealed(one.header, bytes(len(one.payload))), None),
        (sealed(entry), outer(entry)),
        (seal(Plaintext(entries.encode(entry).replace(b"seen", b"sawn")), [OWN.recipient()]), None),
    ):
        with pytest.raises((AgeError, EntryError)) as caught:
            opened(broken, OWN, under)
        seen, error = "", caught.value
        chain: BaseException | None = error
        while chain:
            seen += str(chain)
            chain = chain.__cause__
        assert "list of names" not in seen
        assert "bakery" not in seen


def _replace(one: Sealed, payload: bytes) -> None:
    # What a hostile store returns is never checked by the type alone.
    object.__setattr__(one, "payload", payload)


def signed(key: str = "2a" * 32, **changes: str) -> Entry:
    """Return a message with the MAC of a key in hex."""
    return authenticate(msgspec.structs.replace(message(), **changes), bytes.fromhex(key))


def test_a_message_with_the_key_of_its_report_is_checked() -> None:
    """The key stands in the report that the same office got of the same case."""
    assert opening.check_author(report(), [])
    assert opening.check_author(signed(), [report(), signed()])


@pytest.mark.parametrize(
    "forged",
    [
        message(),
        signed("2b" * 32),
        msgspec.structs.replace(signed(), date="2026-11-25+01:00"),
        msgspec.structs.replace(signed(), seen=()),
        msgspec.structs.replace(signed(), id="4d" * 16),
    ],
    ids=["no MAC", "another key", "another day", "another order", "another name"],
)
def test_a_message_of_another_writer_is_set_aside(forged: Entry) -> None:
    """Whoever does not know the report cannot write in its case, nor change what was written."""
    with pytest.raises(EntryError):
        opening.check_author(forged, [report()])


@pytest.mark.parametrize("key", ["", "2a", "no hex", "2a" * 31])
def test_a_report_without_a_key_has_no_messages(key: str) -> None:
    """Where she wanted no way back, an empty key must sign nothing."""
    body = msgspec.structs.replace(report().body, message_key=key)
    keyless = msgspec.structs.replace(report(), body=body)
    forged = authenticate(message(), bytes.fromhex(key) if key != "no hex" else b"")
    with pytest.raises(EntryError):
        opening.check_author(forged, [keyless])


def test_a_message_without_its_report_cannot_be_checked() -> None:
    """Nor by the report of another office or case."""
    others = [report("oig"), msgspec.structs.replace(report(), case="5e" * 16)]
    assert not opening.check_author(signed(), [])
    assert not opening.check_author(signed(), others)


def test_two_reports_in_one_case_leave_its_messages_unchecked() -> None:
    """Anybody can seal a second report with a key of her own: neither is believed."""
    body = msgspec.structs.replace(report().body, message_key="2b" * 32)
    second = msgspec.structs.replace(report(), id="6f" * 16, body=body)
    assert not opening.check_author(signed("2b" * 32), [report(), second])
    assert not opening.check_author(signed(), [report(), second])
