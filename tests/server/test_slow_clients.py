"""Clients that stall: they end, the others are served, and what was typed comes back."""

import socket
import time

import pytest

from tests.support.server import FORM, DemoServer, started

pytestmark = pytest.mark.slow

ONE_WORKER = {"INTAKE_WORKERS": "1", "INTAKE_THREADS": "2"}


def connect(server: DemoServer, data: bytes) -> socket.socket:
    """Return a connection on which something was sent."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall(data)
    return connection


def test_silent_connections_do_not_hold_the_server_for_long() -> None:
    """Both threads of the only worker wait for a header: the next one is served within 20 s."""
    with started(ONE_WORKER) as server:
        silent = [connect(server, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ") for _ in range(2)]
        began = time.monotonic()
        assert server.request("GET", "/health").status == 200
        assert time.monotonic() - began < 20
        for connection in silent:
            connection.close()


def test_client_that_never_reads_does_not_hold_the_others() -> None:
    """Answers wait in the clients' buffers, not in the loop that serves everybody."""
    with started(ONE_WORKER) as server:
        deaf = [connect(server, b"GET /en/ HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(20)]
        began = time.monotonic()
        assert server.request("GET", "/health").status == 200
        assert time.monotonic() - began < 5
        for connection in deaf:
            connection.close()


def test_line_that_stalls_in_a_form_gives_back_what_came() -> None:
    """Half a form, then silence: refused, and the half is in its field."""
    body = b"account=They+took+us+at+the+bridge+and"
    head = (
        f"POST /en/ HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 5000\r\n"
        "Sec-Fetch-Site: same-origin\r\n\r\n"
    )
    with started(ONE_WORKER) as server:
        connection = connect(server, head.encode() + body)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        connection.close()
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"They took us at the bridge and</textarea>" in answer
