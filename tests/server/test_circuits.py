"""Circuits of Tor are counted one by one, and whatever comes without Tor's line is refused."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from intake.server import circuits
from intake.server.circuits import CircuitError, circuit, is_near
from intake.server.config import Config, contradictions
from intake.server.guard import Addresses
from tests.support.server import FORM, DemoServer, started

LINE = b"PROXY TCP6 fc00:dead:beef:4dad::%x:%x ::1 %d 80\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
WORDS = b"words=none&list=&end=1"
POST = (
    b"POST /en/return HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
    b"X-Forwarded-For: fc00:dead:beef:4dad::9\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
) % (FORM.encode(), len(WORDS), WORDS)

REFUSED = {
    "no line": HEALTH,
    "another network": b"PROXY TCP6 2001:db8::1 ::1 1 80\r\n" + HEALTH,
    "version 4": b"PROXY TCP4 192.0.2.1 127.0.0.1 1 80\r\n" + HEALTH,
    "unknown": b"PROXY UNKNOWN\r\n" + HEALTH,
    "no address": b"PROXY TCP6 fc00:dead:beef:4dad:zz::1 ::1 1 80\r\n" + HEALTH,
    "too many colons": b"PROXY TCP6 fc00:dead:beef:4dad:::::::::1 ::1 1 80\r\n" + HEALTH,
    "only a line feed": b"PROXY TCP6 fc00:dead:beef:4dad::1 ::1 1 80\n" + HEALTH,
    "one part more": b"PROXY TCP6 fc00:dead:beef:4dad::1 ::1 1 80 1\r\n" + HEALTH,
    "second version": b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00" + HEALTH,
    "no end": b"PROXY TCP6 " + b"f" * 5000,
    "nothing": b"",
}


def line(number: int) -> bytes:
    """Return what Tor writes before a connection of a circuit."""
    return LINE % (number >> 16, number & 0xFFFF, min(number, 0xFFFF))


def say(port: int, data: bytes) -> bytes:
    """Return everything that a server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        answer = b""
        with suppress(OSError):  # a line that is refused is closed, whatever is still on its way
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        return answer


def status(port: int, data: bytes) -> int:
    """Return the status of the answer, 0 where there is none."""
    first = say(port, data).partition(b"\r\n")[0].split(b" ")
    return int(first[1]) if len(first) > 1 else 0


@pytest.fixture(scope="module")
def onion() -> Iterator[DemoServer]:
    """Give a server that stands behind Tor and takes three posts a minute from each."""
    settings = {
        "INTAKE_CIRCUITS": "true",
        "INTAKE_POSTS_PER_ADDRESS": "3",
        "INTAKE_WORKERS": "1",
    }
    with started(settings) as server:
        yield server


def test_line_of_tor_names_its_circuit() -> None:
    """As the manual of Tor has it, from the smallest number to the largest."""
    assert circuit(b"PROXY TCP6 fc00:dead:beef:4dad::ffff:ffff ::1 65535 42\r\n") == (
        "fc00:dead:beef:4dad::ffff:ffff"
    )
    assert circuit(line(0)) == "fc00:dead:beef:4dad::"
    assert circuit(line(666)) == "fc00:dead:beef:4dad::29a"


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_names_none(name: str) -> None:
    """And the error tells nothing of what came."""
    with pytest.raises(CircuitError, match=r"^no line of Tor") as error:
        circuit(REFUSED[name].partition(b"GET")[0])
    assert "2001" not in str(error.value)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """A circuit, or a CircuitError."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        with suppress(CircuitError):
            assert circuits.read(ours).startswith("fc00:dead:beef:4dad:")


def test_reader_takes_the_line_and_nothing_of_the_request() -> None:
    """What follows is the request, whole."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(line(7) + HEALTH)
        assert circuits.read(ours) == "fc00:dead:beef:4dad::7"
        assert ours.recv(65536) == HEALTH


def test_reader_stops_at_the_longest_line() -> None:
    """An endless line is not kept."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"PROXY TCP6 " + b"f" * 1000)
        with pytest.raises(CircuitError):
            circuits.read(ours)
        assert len(ours.recv(65536)) == 1011 - 107


def test_circuits_count_one_by_one_and_networks_as_before() -> None:
    """All circuits lie in one /64, which is one subscriber anywhere else."""
    today = date(2026, 1, 1)

    def key(addresses: Addresses, address: str) -> str:
        with Flask("x").test_request_context(environ_base={"REMOTE_ADDR": address}):
            return addresses.key()

    one, two = "fc00:dead:beef:4dad::1", "fc00:dead:beef:4dad::2"
    behind_tor, elsewhere = Addresses(lambda: today, circuits=True), Addresses(lambda: today)
    assert key(behind_tor, one) != key(behind_tor, two)
    assert key(elsewhere, one) == key(elsewhere, two)


def test_one_circuit_does_not_use_up_what_another_has(onion: DemoServer) -> None:
    """The fourth form of a circuit within a minute is refused, the first of the next is not."""
    if time.time() % 60 > 50:  # the minute would end in between
        time.sleep(60 - time.time() % 60)
    first = [status(onion.port, line(1) + POST) for _ in range(4)]
    assert first == [422, 422, 422, 429]
    assert status(onion.port, line(2) + POST) == 422


def test_request_behind_the_line_is_answered(onion: DemoServer) -> None:
    """Also when line and request come in pieces."""
    assert b"ok" in say(onion.port, line(3) + HEALTH)
    with socket.create_connection(("127.0.0.1", onion.port), timeout=30) as connection:
        for piece in (line(4)[:20], line(4)[20:] + HEALTH[:5], HEALTH[5:]):
            connection.sendall(piece)
            time.sleep(0.05)
        assert b" 200 " in connection.recv(65536)


@pytest.mark.parametrize("name", REFUSED)
def test_what_comes_without_tors_line_is_refused(onion: DemoServer, name: str) -> None:
    """With 400 or silence; the log says only that it happened, and the next one is served."""
    assert status(onion.port, REFUSED[name]) in (0, 400)
    assert status(onion.port, line(5) + HEALTH) == 200
    assert "beef" not in onion.log
    assert "2001" not in onion.log
    assert "192.0.2.1" not in onion.log
    assert "Traceback" not in onion.log


def test_line_is_no_request_where_tor_does_not_stand_in_front() -> None:
    """Nobody chooses the address that is counted by writing the line themselves."""
    with started({"INTAKE_WORKERS": "1"}) as server:
        assert status(server.port, line(6) + HEALTH) == 400
        assert status(server.port, HEALTH) == 200


@pytest.mark.parametrize(
    ("bind", "near"),
    [
        ("127.0.0.1:8081", True),
        ("127.9.9.9:8081", True),
        ("[::1]:8081", True),
        ("unix:/run/intake/onion", True),
        ("0.0.0.0:8081", False),
        ("[::]:8081", False),
        ("10.0.0.1:8081", False),
        ("localhost.example.org:8081", False),
        (":8081", False),
        ("", False),
    ],
)
def test_only_this_machine_may_name_circuits(bind: str, near: bool) -> None:  # noqa: FBT001 - a table
    """Whoever else reaches the port could name any."""
    assert is_near(bind) is near
    found = contradictions(Config(circuits=True, bind=bind))
    assert bool(found) is not near


def test_contradictions_are_named_each() -> None:
    """One line each, none for what is right."""
    onion = "http://" + "a" * 56 + ".onion"
    good = [
        Config(),
        Config(origin=onion, circuits=True),
        Config(origin="https://reports.example.org", proxies=1),
        Config(backup="/var/backups/intake", backup_keys="/etc/intake/backup.txt"),
    ]
    wrong = [
        replace(good[1], proxies=1, circuits=False),
        replace(good[2], proxies=0),
        replace(good[3], backup_keys=""),
    ]
    assert [contradictions(config) for config in good] == [()] * len(good)
    assert [len(contradictions(config)) for config in wrong] == [1] * len(wrong)
    assert len(contradictions(replace(good[1], proxies=1, bind="0.0.0.0:80"))) == 3
