"""A line to mail servers of every temper: each failure has a class, and none gets a password."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from intake.delivery import sender
from intake.delivery.settings import Smtp
from intake.errors import DeliveryError
from tests.support.mail import (
    HOST,
    PASSWORD,
    USER,
    Authority,
    MailServer,
    authority,
    mail_server,
    raw_server,
)

MAIL = b"Subject: one\r\n\r\n.two\r\n"
GREETING = b"220 here\r\n"
Talk = Callable[[socket.socket], None]


def settings(port: int, security: str = "starttls") -> Smtp:
    """Return settings for a server on this machine; aiosmtpd logs in by STARTTLS only."""
    user = USER if security == "starttls" else ""
    return Smtp(HOST, port, security, "notices@reports.example.org", user)


def send(smtp: Smtp, known: Authority, password: str = PASSWORD, seconds: float = 5) -> None:
    """Send one mail."""
    context = ssl.create_default_context(cafile=known.ca_file)
    with sender.dial(smtp, password, context, seconds) as line:
        line.send("inv@office.example", MAIL)


def failure(
    smtp: Smtp, known: Authority, password: str = PASSWORD, seconds: float = 5
) -> DeliveryError:
    """Return how sending one mail fails; each class has a next step."""
    with pytest.raises(DeliveryError) as caught:
        send(smtp, known, password, seconds)
    assert caught.value.code in sender.STEPS
    return caught.value


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_arrives_encrypted_from_who_logged_in(known: Authority, security: str) -> None:
    """Byte by byte, also a line that begins with a dot."""
    with mail_server(known, security) as server:
        send(settings(server.port, security), known)
    assert [(one.recipient, one.data) for one in server.mails] == [("inv@office.example", MAIL)]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_of_another_authority_is_refused(
    tmp_path: Path, known: Authority, security: str
) -> None:
    """Nothing is said to it after the greeting."""
    with mail_server(authority(tmp_path), security) as server:
        assert failure(settings(server.port, security), known).code == "certificate"
    assert server.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_for_another_name_is_refused(tmp_path: Path, security: str) -> None:
    """Also by the authority that we trust."""
    other = authority(tmp_path, "other.example")
    with mail_server(other, security) as server:
        assert failure(settings(server.port, security), other).code == "certificate"
    assert server.mails == []


def test_system_store_is_used_without_a_file(known: Authority) -> None:
    """A throw-away authority is not in it."""
    context = ssl.create_default_context()
    with (
        mail_server(known) as server,
        pytest.raises(DeliveryError) as caught,
        sender.dial(settings(server.port), PASSWORD, context),
    ):
        pass
    assert caught.value.code == "certificate"


def test_wrong_password_is_named(server: MailServer, known: Authority) -> None:
    """And no mail is handed over."""
    assert failure(settings(server.port), known, "wrong").code == "login"
    assert server.mails == []


@pytest.mark.parametrize(
    ("answer", "code"), [("450 later", "later"), ("550 no", "recipient"), ("421 bye", "later")]
)
def test_refused_recipient_is_certain(
    server: MailServer, known: Authority, answer: str, code: str
) -> None:
    """The line can be used for the next, unless the server left."""
    server.refused["inv@office.example"] = answer
    error = failure(settings(server.port), known)
    assert (error.code, error.is_certain) == (code, True)
    assert answer not in str(error)


@pytest.mark.parametrize(
    ("answer", "code"),
    [("451 later", "later"), ("554 spam", "refused"), ("552 too large", "too_large")],
)
def test_refused_mail_is_certain(
    server: MailServer, known: Authority, answer: str, code: str
) -> None:
    """The server answered that it did not take it."""
    server.at_data = lambda: answer
    error = failure(settings(server.port), known)
    assert (error.code, error.is_certain, error.is_line_usable) == (code, True, True)


def test_nobody_listens(known: Authority) -> None:
    """Nor does a name that nobody has."""
    assert failure(settings(1), known).code == "unreachable"
    nowhere = replace(settings(1), host="nowhere.invalid")
    assert failure(nowhere, known).code == "unreachable"


def _plain_only(line: socket.socket) -> None:
    """Talk as a server without TLS, which would take everything; what it hears must be little."""
    line.sendall(GREETING)
    file = line.makefile("rb")
    while command := file.readline():
        heard.append(command)
        line.sendall(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")


heard: list[bytes] = []


def test_server_without_tls_hears_no_password(known: Authority) -> None:
    """Whoever stands between takes STARTTLS out: then nothing is sent."""
    heard.clear()
    with raw_server(_plain_only) as port:
        assert failure(settings(port), known).code == "no_tls"
        assert failure(settings(port, "tls"), known).code == "tls"
    said = b"".join(heard)
    # The name of the sender's domain, never that of the machine.
    assert b"ehlo reports.example.org\r\n" in said
    for secret in (b"AUTH", b"MAIL", b"notices@", b"office"):
        assert secret.lower() not in said.lower()


def _refuses_starttls(line: socket.socket) -> None:
    line.sendall(GREETING)
    file = line.makefile("rb")
    file.readline()
    line.sendall(b"250-here\r\n250 STARTTLS\r\n")
    file.readline()
    line.sendall(b"454 not now\r\n")
    heard.extend(file)


def _answers_for_later(line: socket.socket) -> None:
    """Say what would belong behind the TLS before it: the line must not believe it."""
    line.sendall(GREETING)
    file = line.makefile("rb")
    file.readline()
    line.sendall(b"250-here\r\n250 STARTTLS\r\n")
    file.readline()
    line.sendall(b"220 go\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n")
    heard.append(file.read(1))


def _busy(line: socket.socket) -> None:
    line.sendall(b"421 too many\r\n")


def _closes(line: socket.socket) -> None:
    line.sendall(GREETING)


def _babbles(line: socket.socket) -> None:
    line.sendall(b"\0\xff" * 200 + b"\r\n")


def _without_end(line: socket.socket) -> None:
    line.sendall(GREETING)
    while True:
        line.sendall(b"250-more\r\n" * 1000)


def _long_line(line: socket.socket) -> None:
    while True:
        line.sendall(b"2" * 100_000)


def _silent(line: socket.socket) -> None:
    line.recv(1)
    line.recv(1)


def _drips(line: socket.socket) -> None:
    while True:
        line.sendall(b"2")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("talk", "codes"),
    [
        (_refuses_starttls, {"no_tls"}),
        (_answers_for_later, {"tls", "broken", "unreachable"}),
        (_busy, {"later"}),
        (_closes, {"broken"}),
        (_babbles, {"refused", "broken"}),
        (_without_end, {"broken"}),
        (_long_line, {"unreachable", "broken"}),
        (_silent, {"broken", "timeout"}),
        (_drips, {"broken", "timeout"}),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_hostile_server_ends_a_step_and_gets_nothing(
    known: Authority, talk: Talk, codes: set[str]
) -> None:
    """Within the time of a step, by a class that has a next step, and without a password."""
    heard.clear()
    begun = time.monotonic()
    with raw_server(talk) as port:
        assert failure(settings(port), known, seconds=1).code in codes
    assert time.monotonic() - begun < 5
    assert USER.encode() not in b"".join(heard)


def test_silence_ends_by_itself(known: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the time of a step is over."""
    monkeypatch.setattr(sender, "SILENCE_SECONDS", 0.3)
    with raw_server(_silent) as port:
        assert failure(settings(port), known).code == "timeout"


def test_handshake_that_drips_is_cut(known: Authority) -> None:
    """Also before there is a line that smtplib knows."""

    def drip(line: socket.socket) -> None:
        line.recv(1)
        line.sendall(b"\x16\x03\x03\x40\x00")
        while True:
            line.sendall(b"\x02")
            time.sleep(0.05)

    begun = time.monotonic()
    with raw_server(drip) as port:
        assert failure(settings(port, "tls"), known, seconds=1).code in sender.STEPS
    assert time.monotonic() - begun < 5


def test_line_that_breaks_after_the_mail_is_not_certain(
    server: MailServer, known: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has the mail; its yes does not come in time."""
    monkeypatch.setattr(sender, "SILENCE_SECONDS", 0.3)
    waits = threading.Event()

    def hang() -> str:
        waits.wait(1)
        return "250 OK"

    server.at_data = hang
    error = failure(settings(server.port), known)
    assert (error.code, error.is_certain, error.is_line_usable) == ("timeout", False, False)
    assert len(server.mails) == 1


def test_no_thread_is_left(server: MailServer, known: Authority) -> None:
    """The timers of steps that ended in time are gone."""
    before = threading.active_count()
    send(settings(server.port), known)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
