"""Addresses are hashed and forgotten; the log holds no address and no text of an error."""

import logging
import socket
import sys
from datetime import date, timedelta
from threading import BoundedSemaphore
from typing import cast

import pytest
from flask import Flask
from gunicorn.config import Config as GunicornConfig

from intake.server import run
from intake.server.guard import Addresses, note
from intake.server.run import QuietLogger

ADDRESS = "203.0.113.77"


def key(addresses: Addresses, address: str) -> str:
    """Return the key of a request from an address."""
    with Flask("x").test_request_context(environ_base={"REMOTE_ADDR": address}):
        return addresses.key()


def test_address_is_kept_as_a_keyed_hash_for_a_day() -> None:
    """The same all day, another tomorrow, another in another process, never the address."""
    days = [date(2026, 1, 1)]
    addresses = Addresses(lambda: days[0])
    first = key(addresses, ADDRESS)
    assert key(addresses, ADDRESS) == first
    assert ADDRESS not in first
    assert key(Addresses(lambda: days[0]), ADDRESS) != first
    days[0] += timedelta(days=1)
    assert key(addresses, ADDRESS) != first


def test_neighbours_in_ipv6_count_as_one() -> None:
    """A /64 is one subscriber; another /64 is another."""
    addresses = Addresses(lambda: date(2026, 1, 1))
    one, two, other = (
        key(addresses, address)
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )
    assert one == two
    assert one != other


def test_note_tells_class_and_place_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the text of an error nor the address of a request."""
    with Flask("x").test_request_context(environ_base={"REMOTE_ADDR": ADDRESS}):
        try:
            int("seven blue herons")
        except ValueError as error:
            note("failed", error)
    assert "ValueError" in caplog.text
    assert "herons" not in caplog.text
    assert ADDRESS not in caplog.text


def test_log_of_the_web_server_names_no_client(capfd: pytest.CaptureFixture[str]) -> None:
    """Not in what gunicorn says of requests, of its own errors, or in an access log."""
    logger = QuietLogger(GunicornConfig())
    logger.error_log.handlers = [logging.StreamHandler(sys.stderr)]
    try:
        int("seven blue herons")
    except ValueError:
        logger.exception("Error handling request /en/%s", ADDRESS)
    said = f"Invalid request from ip={ADDRESS}: seven blue herons"
    logger.warning(said)
    logger.debug("%s", ADDRESS)
    logger.access(None, None, {"REMOTE_ADDR": ADDRESS}, None)
    told = capfd.readouterr().err
    assert "event=worker error=ValueError" in told
    assert "event=invalid_request" in told
    assert ADDRESS not in told
    assert "herons" not in told


class Dripping:
    """A line on which a byte comes whenever it is asked."""

    def settimeout(self, _seconds: float | None) -> None:
        """Wait for nothing."""

    def recv(self, _size: int) -> bytes:
        """Give what comes."""
        return b"x" * 65_536


def test_long_bodies_take_no_more_than_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a minute a body needs one; without, it ends there, and its place is given back."""
    now = [0.0]
    monkeypatch.setattr("intake.server.run.time.monotonic", lambda: now[0])
    places = BoundedSemaphore(1)
    line = cast("socket.socket", Dripping())
    first, second = run.PacedSocket(line, places), run.PacedSocket(line, places)
    assert first.recv(9)
    assert second.recv(9)
    now[0] = 61.0
    assert first.recv(9)
    assert second.recv(9) == b""
    first.leave()
    first.leave()
    assert second.recv(9)
    assert not places.acquire(blocking=False)
