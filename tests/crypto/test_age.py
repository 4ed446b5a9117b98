"""Headers and recipients: one spelling, kinds never mixed, no key that everyone could open."""

import io
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.crypto import age, bech32
from intake.crypto.age import (
    HYBRID,
    SCRYPT,
    X25519,
    HybridRecipient,
    Recipient,
    ScryptRecipient,
    X25519Recipient,
    make_header,
    parse_recipient,
    parse_recipients_file,
)
from intake.crypto.header import MAX_HEADER, VERSION_LINE, Header, Stanza
from intake.crypto.unseal import generate_hybrid, generate_x25519
from intake.errors import HeaderError, KeyTextError

FILE_KEY = bytes(range(16))
HYBRIDS = [generate_hybrid().recipient() for _ in range(2)]
CLASSIC = generate_x25519().recipient()
FEW_ROUNDS = ScryptRecipient("a passphrase", work_factor=2)
MAC_LINE = b"--- " + b"A" * 43 + b"\n"

# RFC 7748's curve: the points of order 1, 2, 4 and 8, and those that are not reduced.
LOW_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    b"\xed" + b"\xff" * 30 + b"\x7f",
    b"\xee" + b"\xff" * 30 + b"\x7f",
    bytes(31) + b"\x80",
]

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
stanzas = st.builds(Stanza, words, st.lists(words, max_size=3).map(tuple), st.binary(max_size=150))
headers = st.builds(
    Header,
    st.lists(stanzas, min_size=1, max_size=4).map(tuple),
    st.binary(min_size=32, max_size=32),
)


@given(headers)
def test_any_header_survives(header: Header) -> None:
    """Stanzas of kinds we do not know are kept as they are: the MAC is over them too."""
    assert Header.parse(header.encode()) == header


@given(headers, st.data())
def test_a_changed_header_is_refused_or_another(header: Header, choice: st.DataObject) -> None:
    """No two spellings stand for one header, so nothing can be altered without its MAC."""
    text = bytearray(header.encode())
    text[choice.draw(st.integers(0, len(text) - 1))] ^= choice.draw(st.integers(1, 255))
    try:
        other = Header.parse(bytes(text))
    except HeaderError:
        return
    assert other.encode() == bytes(text)
    assert other != header


@given(headers, st.data())
def test_a_cut_header_is_refused(header: Header, choice: st.DataObject) -> None:
    """A part of a header is none."""
    text = header.encode()

    with pytest.raises(HeaderError):
        Header.parse(text[: choice.draw(st.integers(0, len(text) - 1))])


@given(
    st.lists(
        st.sampled_from(
            [b"-> a\n", b"-> X25519 AA\n", b"\n", b"AAAA\n", b"A" * 64 + b"\n", MAC_LINE]
        )
        | st.binary(max_size=80),
        max_size=8,
    )
)
def test_hostile_lines_raise_nothing_else(lines: list[bytes]) -> None:
    """Any bytes are a header or refused."""
    text = VERSION_LINE + b"".join(lines)
    try:
        header = Header.parse(text)
    except HeaderError:
        return
    assert header.encode() == text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"age-encryption.org/v2\n",
        b"age-encryption.org/v1\r\n",
        VERSION_LINE + MAC_LINE,
        VERSION_LINE + b"-> a\n\n" + MAC_LINE + b"x",
        VERSION_LINE + b"-> a \n\n" + MAC_LINE,
        VERSION_LINE + b"-> a\n" + MAC_LINE,
        VERSION_LINE + b"-> a\n" + b"A" * 64 + b"\n" + MAC_LINE,
        VERSION_LINE + b"-> a\n\n---" + MAC_LINE[4:],
        VERSION_LINE + b"-> \xc3\xa4\n\n" + MAC_LINE,
        VERSION_LINE + b"-> a\nAB\n" + MAC_LINE,
        VERSION_LINE + b"-> a\nAA==\n" + MAC_LINE,
    ],
)
def test_what_breaks_the_grammar_is_refused(text: bytes) -> None:
    """Each text breaks one rule of the specification."""
    with pytest.raises(HeaderError):
        Header.parse(text)


def test_a_header_without_end_is_refused() -> None:
    """A hostile header cannot fill the memory: it is read up to a limit."""
    reader = io.BytesIO(VERSION_LINE + b"-> a\n" + (b"A" * 64 + b"\n") * 10_000)

    with pytest.raises(HeaderError):
        age.parse_header(reader)
    assert reader.tell() <= MAX_HEADER + len(VERSION_LINE)


def test_a_header_is_read_without_a_byte_of_what_follows() -> None:
    """Header and payload are kept apart."""
    header = make_header(FILE_KEY, HYBRIDS).encode()
    reader = io.BytesIO(header + b"payload")

    assert age.parse_header(reader).encode() == header
    assert reader.read() == b"payload"


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [HYBRIDS[0], CLASSIC],
        [FEW_ROUNDS, FEW_ROUNDS],
        [FEW_ROUNDS, CLASSIC],
        [HYBRIDS[0], FEW_ROUNDS],
    ],
)
def test_kinds_are_never_mixed(recipients: list[Recipient]) -> None:
    """A classic recipient would make the file as weak as itself; a passphrase stands alone."""
    out = io.BytesIO()
    with pytest.raises(KeyTextError):
        age.encrypt(io.BytesIO(b"words"), out, recipients)

    assert not out.getvalue()


@pytest.mark.parametrize(
    ("recipients", "kind"), [(HYBRIDS, HYBRID), ([CLASSIC], X25519), ([FEW_ROUNDS], SCRYPT)]
)
def test_stanzas_are_of_the_recipients_kind(recipients: list[Recipient], kind: str) -> None:
    """Each recipient has its stanza, and no other."""
    header = make_header(FILE_KEY, recipients)

    assert [stanza.type for stanza in header.stanzas] == [kind] * len(recipients)
    assert header.mac == header.expected_mac(FILE_KEY)
    assert header.mac != header.expected_mac(bytes(16))


def test_the_same_file_key_is_never_wrapped_in_the_same_bytes() -> None:
    """Every wrapping has a fresh share or salt."""
    recipients: list[Recipient] = [*HYBRIDS, CLASSIC, FEW_ROUNDS]
    for recipient in recipients:
        assert recipient.wrap(FILE_KEY).args != recipient.wrap(FILE_KEY).args


@pytest.mark.parametrize("point", LOW_ORDER, ids=bytes.hex)
def test_a_point_of_low_order_is_no_recipient(point: bytes) -> None:
    """Everyone could open what is sealed to it, in either kind."""
    mlkem = bech32.decode(str(HYBRIDS[0]))[1][:-32]

    with pytest.raises(KeyTextError, match="everyone"):
        X25519Recipient.from_bytes(point)
    with pytest.raises(KeyTextError, match="everyone"):
        HybridRecipient.from_bytes(mlkem + point)


@given(st.binary(min_size=1216, max_size=1216) | st.binary(max_size=40))
def test_any_bytes_are_a_recipient_or_refused(raw: bytes) -> None:
    """Hostile keys with a right checksum raise nothing but KeyTextError."""
    for hrp in ("age", "age1pq"):
        text = bech32.encode(hrp, raw)
        try:
            assert str(parse_recipient(text)) == text
        except KeyTextError:
            continue


@given(st.text(max_size=100))
def test_any_text_is_a_recipient_or_refused(text: str) -> None:
    """Hostile text raises nothing but KeyTextError."""
    with pytest.raises(KeyTextError):
        parse_recipient(text)
    with pytest.raises(KeyTextError):
        parse_recipients_file(text)


def test_a_recipient_is_parsed_once() -> None:
    """Parsing 1,959 characters for every report would cost more than sealing it."""
    for recipient in (HYBRIDS[0], CLASSIC):
        text = str(recipient)
        again = "".join(list(text))

        assert parse_recipient(text) == recipient
        assert parse_recipient(again) is parse_recipient(text)
        assert parse_recipients_file(f"# ours\n\n{text}\n")[0] is parse_recipient(text)


def test_a_secret_key_is_no_recipient_and_not_repeated() -> None:
    """Whoever mixes the two up is told so, and the secret stands in no message."""
    for identity in (generate_hybrid(), generate_x25519()):
        secret = identity.secret_text()
        for parse in (parse_recipient, parse_recipients_file):
            with pytest.raises(KeyTextError, match="secret key") as caught:
                parse(secret)
            assert secret not in str(caught.value)


@pytest.mark.parametrize("text", ["", "# only\n", "\n\n"])
def test_a_file_without_recipients_is_refused(text: str) -> None:
    """An empty list would seal to nobody."""
    with pytest.raises(KeyTextError):
        parse_recipients_file(text)


@pytest.mark.parametrize(
    "hidden", ["\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_no_key_hides_in_a_comment(hidden: str) -> None:
    """What every other tool and a person take for a comment is no recipient here."""
    text = f"# ours{hidden}{HYBRIDS[1]}\r\n{HYBRIDS[0]}\r\n"

    assert parse_recipients_file(text) == [HYBRIDS[0]]


def test_a_wrong_line_is_named() -> None:
    """Whoever mends the file finds the line."""
    with pytest.raises(KeyTextError, match="line 3: "):
        parse_recipients_file(f"# ours\n{CLASSIC}\nage1wrong\n")


def test_a_passphrase_is_neither_shown_nor_pickled() -> None:
    """It is not written anywhere by accident."""
    assert "a passphrase" not in repr(FEW_ROUNDS)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(FEW_ROUNDS)


def test_a_file_of_two_sealings_differs_in_everything() -> None:
    """File key, nonce and shares are fresh each time."""
    files = []
    for _ in range(2):
        out = io.BytesIO()
        age.encrypt(io.BytesIO(b"words"), out, HYBRIDS)
        files.append(out.getvalue())

    first, second = (age.parse_header(io.BytesIO(file)) for file in files)
    assert first.mac != second.mac
    assert files[0][-21:] != files[1][-21:]
