"""The wire: what a peer sends is a message, or a refusal that quotes nothing."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core import wire
from intake.errors import WireError
from tests.core.samples import CANARY, DEEP, assert_silent

MESSAGES = [
    wire.Ask("inv", "0a" * 32),
    wire.Challenge("1b" * 16, bytes(range(256)), 1_800_000_000),
    wire.Answer("1b" * 16, bytes(32)),
    wire.Session("token", 1_800_000_900),
    wire.Day(date(2026, 11, 24), "0a" * 32),
    wire.Item("1e" * 16, "0a" * 32),
    wire.Sealed("0c" * 16, "1e" * 16, "report", date(2026, 11, 24), "inv", b"age", b"\x00\xff"),
    wire.Wanted(("1e" * 16, "2e" * 16)),
    wire.Given(
        (wire.Sealed("0c" * 16, "1e" * 16, "report", date(2026, 11, 24), "inv", b"a", b"\xff"),),
        ("2e" * 16,),
    ),
    wire.Refusal("login", "log in again"),
]

HOSTILE = {
    "bad UTF-8": b'{"office":"\xff","key":""}',
    "lone surrogate": b'{"office":"\\ud800","key":""}',
    "raw NUL": b'{"office":"\x00","key":""}',
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"office":' * DEEP,
    "unknown key": b'{"office":"inv","key":"","more":1}',
    "missing key": b'{"office":"inv"}',
    "wrong type": b'{"office":1,"key":""}',
    "null": b'{"office":null,"key":""}',
    "trailing bytes": b'{"office":"inv","key":""}x',
    "second message": b'{"office":"inv","key":""}{}',
    "list": b"[]",
    "nothing": b"",
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_arrives_as_it_was_sent(message: object) -> None:
    """Bytes and days included."""
    assert wire.parse(wire.encode(message), type(message)) == message


def test_several_messages_arrive_in_their_order() -> None:
    """A list of days is one answer."""
    days = (wire.Day(date(2026, 1, 2), "a"), wire.Day(date(2026, 1, 1), "b"))
    assert wire.parse(wire.encode(days), tuple[wire.Day, ...]) == days


def test_bytes_travel_as_standard_base64_and_days_as_iso_dates() -> None:
    """So a client in another language can be written from this line."""
    assert wire.encode(wire.Answer("x", b"\xfb\xff")) == b'{"id":"x","proof":"+/8="}'
    assert wire.encode(wire.Day(date(2026, 1, 2), "x")) == b'{"day":"2026-01-02","hash":"x"}'


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_parse_refuses_what_is_no_message(data: bytes) -> None:
    """Each with the one error of the protocol."""
    with pytest.raises(WireError, match=r"^not a Ask message, check server and version$"):
        wire.parse(data, wire.Ask)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_has_its_keys_and_no_other(message: object) -> None:
    """One too many or one too few is another protocol."""
    plain = json.loads(wire.encode(message))
    with pytest.raises(WireError):
        wire.parse(json.dumps({**plain, "more": 1}).encode(), type(message))
    for key in plain:
        fewer = {name: value for name, value in plain.items() if name != key}
        with pytest.raises(WireError):
            wire.parse(json.dumps(fewer).encode(), type(message))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"token":"","expiry":' + b"9" * 5000 + b"}", wire.Session),
        (b'{"token":"","expiry":1e999}', wire.Session),
        (b'{"token":"","expiry":1.5}', wire.Session),
        (b'{"token":"","expiry":"1"}', wire.Session),
        (b'{"id":"","proof":"_-8="}', wire.Answer),
        (b'{"id":"","proof":"QQ=="', wire.Answer),
        (b'{"id":"","proof":"Q"}', wire.Answer),
        (b'{"day":"2026-02-30","hash":""}', wire.Day),
        (b'{"day":"2026-02-03T00:00:00","hash":""}', wire.Day),
        (b'{"day":0,"hash":""}', wire.Day),
    ],
)
def test_parse_refuses_values_of_the_wrong_form(data: bytes, kind: type[object]) -> None:
    """Numbers, bytes and days have one form."""
    with pytest.raises(WireError):
        wire.parse(data, kind)


@pytest.mark.parametrize(
    "data",
    [
        f'{{"office":"inv","key":"","{CANARY}":1}}',
        f'{{"office":"{CANARY}","key":1}}',
        f'{{"office":"{CANARY}\\ud800","key":""}}',
        f'{{"office":"{CANARY}"',
        CANARY,
    ],
)
def test_no_refusal_quotes_what_was_sent(data: str) -> None:
    """The parser's own error names unknown keys: neither it nor its cause may be logged."""
    assert_silent(lambda: wire.parse(data.encode(), wire.Ask), WireError)


@given(st.binary(max_size=80))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """A hostile server or client only ever gets the one error."""
    try:
        wire.parse(data, wire.Ask)
    except WireError:
        return
