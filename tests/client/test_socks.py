"""The SOCKS5 client: whatever answers, it ends in time, with a line or a named error."""

import time
from collections.abc import Callable
from contextlib import suppress
from socket import create_connection, socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.errors import ConfigError, UnreachableError
from intake.socks import Proxy
from tests.support.server import free_port
from tests.support.socks import Tor, listening


def hello(line: socket) -> None:
    """Be a site that greets first: not a byte of it may be lost in the talk with the proxy."""
    line.sendall(b"welcome")
    line.recv(1)


def test_name_is_resolved_by_the_proxy() -> None:
    """Nothing here asks for the address of an onion; what the site says first arrives whole."""
    with listening(hello) as site:
        tor = Tor({"abc.onion": site})
        with listening(tor) as port:
            line = Proxy("127.0.0.1", port).connect("abc.onion", 80, 5)
            with line:
                assert line.recv(99) == b"welcome"
    assert (tor.asked, tor.circuits) == ([("abc.onion", 80)], [])


def test_circuit_is_named_where_one_is_wished() -> None:
    """Tor gives lines of different names different circuits."""
    with listening(hello) as site:
        tor = Tor({"abc.onion": site})
        with listening(tor) as port:
            Proxy("127.0.0.1", port, "first").connect("abc.onion", 443, 5).close()
            Proxy("127.0.0.1", port, "second").connect("abc.onion", 443, 5).close()
    assert tor.circuits == ["first", "second"]


def test_proxy_that_does_not_reach_the_site_says_why() -> None:
    """It is the site that is not reached, not the proxy."""
    with listening(Tor({})) as port, pytest.raises(UnreachableError, match="machine is not reach"):
        Proxy("127.0.0.1", port).connect("gone.onion", 80, 5)


def say(*pieces: bytes) -> Callable[[socket], None]:
    """Answer each thing that is asked with the next piece, then hang up."""

    def talk(line: socket) -> None:
        for piece in pieces:
            line.recv(600)
            line.sendall(piece)

    return talk


def drip(start: bytes) -> Callable[[socket], None]:
    """Answer a byte now and then, for ever."""

    def talk(line: socket) -> None:
        line.sendall(start)
        for _ in range(50):
            time.sleep(0.1)
            line.sendall(b"\x00")

    return talk


HELLO = b"\x05\x00"
HOSTILE = {
    "hangs up": (say(), "no SOCKS5 proxy|breaks off"),
    "HTTP": (say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "no SOCKS5 proxy"),
    "SOCKS4": (say(b"\x00\x5a"), "no SOCKS5 proxy"),
    "no way in": (say(b"\x05\xff"), "no SOCKS5 proxy"),
    "a way not offered": (say(b"\x05\x02"), "no SOCKS5 proxy"),
    "cut": (say(b"\x05"), "no SOCKS5 proxy"),
    "nothing after the hello": (say(HELLO), "no SOCKS5 proxy|breaks off"),
    "answer of another version": (say(HELLO, b"\x04\x00\x00\x01" + bytes(6)), "no SOCKS5 proxy"),
    "reserved byte": (say(HELLO, b"\x05\x00\x01\x01" + bytes(6)), "no SOCKS5 proxy"),
    "unknown kind of address": (say(HELLO, b"\x05\x00\x00\x02" + bytes(6)), "no SOCKS5 proxy"),
    "cut address": (say(HELLO, b"\x05\x00\x00\x04" + bytes(6)), "no SOCKS5 proxy"),
    "cut name": (say(HELLO, b"\x05\x00\x00\x03\xff" + bytes(6)), "no SOCKS5 proxy"),
    "refusal of no meaning": (say(HELLO, b"\x05\xfa\x00\x01"), "does not say why"),
    "forbidden": (say(HELLO, b"\x05\x02\x00\x01"), "rules forbid it"),
    "drips": (drip(b"\x05\x00\x05\x00\x00\x03\xff"), "too slow"),
    "silent": (lambda _: time.sleep(1.5), "too slow"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_answers_there_is_named(case: str) -> None:
    """In time, without a word of what it said."""
    talk, said = HOSTILE[case]
    began = time.monotonic()
    with listening(talk) as port, pytest.raises(UnreachableError, match=said):
        Proxy("127.0.0.1", port).connect("abc.onion", 80, 1)
    assert time.monotonic() - began < 8


@given(st.binary(max_size=40))
def test_no_answer_raises_anything_else(data: bytes) -> None:
    """Every string of bytes is a line or a named error."""
    with listening(say(data)) as port, suppress(UnreachableError):
        Proxy("127.0.0.1", port, "name").connect("abc.onion", 80, 1).close()


@pytest.mark.parametrize("kind", [b"\x01" + bytes(4), b"\x03\x03abc", b"\x04" + bytes(16)])
def test_every_kind_of_address_is_read_to_its_end(kind: bytes) -> None:
    """What follows is the site's."""
    talk = say(HELLO, b"\x05\x00\x00" + kind + b"\x00\x50" + b"hi")
    with listening(talk) as port, Proxy("127.0.0.1", port).connect("abc.onion", 80, 5) as line:
        assert line.recv(2) == b"hi"


def test_addresses_and_names_are_asked_for_as_such() -> None:
    """Numbers as numbers, foreign letters as DNS has them, what is no name not at all."""
    heard: list[bytes] = []

    def listen(line: socket) -> None:
        line.recv(600)
        line.sendall(HELLO)
        heard.append(line.recv(600))

    with listening(listen) as port:
        for host in ("127.0.0.1", "::1", "bücher.example"):
            with pytest.raises(UnreachableError):
                Proxy("127.0.0.1", port).connect(host, 80, 1)
        for host in ("x" * 300, "a..b", "x" * 64 + ".onion"):
            with pytest.raises(UnreachableError, match="cannot be written"):
                Proxy("127.0.0.1", port).connect(host, 80, 1)
    assert heard == [
        b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50",
        b"\x05\x01\x00\x04" + bytes(15) + b"\x01\x00\x50",
        b"\x05\x01\x00\x03\x15xn--bcher-kva.example\x00\x50",
    ]


def test_nobody_at_the_proxys_address_is_said_so() -> None:
    """It is the proxy that is not there."""
    with pytest.raises(UnreachableError, match="proxy cannot be reached"):
        Proxy("127.0.0.1", free_port()).connect("abc.onion", 80, 1)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:9050",
        "socks5://127.0.0.1:9050",
        "socks5h://127.0.0.1",
        "socks5h://:9050",
        "socks5h://127.0.0.1:0",
        "socks5h://127.0.0.1:99999",
        "socks5h://name:word@127.0.0.1:9050",
        "socks5h://127.0.0.1:9050/x",
        "socks5h://127.0.0.1:9050?x",
        "http://127.0.0.1:9050",
        "socks5h://[",
    ],
)
def test_address_of_a_proxy_is_read_strictly(address: str) -> None:
    """A name resolved here would betray the site to the line."""
    with pytest.raises(ConfigError, match="socks5h"):
        Proxy.at(address)


def test_address_of_a_proxy_is_host_and_port() -> None:
    """As Tor's own is written."""
    assert Proxy.at("socks5h://127.0.0.1:9050") == Proxy("127.0.0.1", 9050)
    assert Proxy.at("socks5h://[::1]:9150/") == Proxy("::1", 9150)
    with listening(hello) as port:
        create_connection(("127.0.0.1", port)).close()
