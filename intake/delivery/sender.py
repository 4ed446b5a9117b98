"""One line to a mail server: TLS or nothing, bounded in time and in what it may answer.

1. The certificate and the name in it are checked before anything is said, or, with STARTTLS,
   before anything but the greeting. A server that offers no TLS gets nothing.
2. What the server answers is read up to a bound, and never kept or shown: it can name people.
3. Each step ends after a time, also where a server lets drop after drop come.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import BinaryIO

from intake.delivery.settings import Smtp
from intake.errors import DeliveryError

STEPS = {
    "unreachable": "look whether smtp.host and smtp.port are right and the server runs",
    "timeout": "the mail server hangs: ask who runs it",
    "no_tls": 'the mail server offers no TLS: use security = "tls" with its port, or another',
    "tls": "the server speaks no TLS there: starttls is mostly port 587, tls port 465",
    "certificate": "its certificate is not valid for smtp.host: correct one, or name ca_file",
    "login": "the mail server refuses user and password: correct them",
    "sender": "the mail server refuses smtp.from: correct it, or name user and password_file",
    "recipient": "the mail server refuses the address: correct it, or mend the mailbox",
    "too_large": "mail or mailbox is full: mend the mailbox, or lower attach_megabytes and retry",
    "later": "the mail server asks to come later: nothing to do, unless it goes on for days",
    "refused": "the mail server refuses the mail: ask who runs it why",
    "broken": "the line broke, perhaps after the mail was taken: a double can be told by its id",
    "no_address": "the settings name no such address any more: add it, or drop the mail",
    "ended": "the worker ended at each try: look into its log, then retry or drop",
}
"""Every class of failure, and the next step."""

SILENCE_SECONDS = 30
"""The longest silence of a mail server; RFC 5321 would wait for minutes, holding up all others."""
STEP_SECONDS = 600
"""The longest time of dialling, or of one mail."""
_MOST_ANSWERED = 1 << 20
"""Bytes that a server may answer on one line: an answer takes a hundred."""
_YES, _LATER, _NO = 2, 4, 5
"""The first digits of answers, by RFC 5321."""
_TOO_LARGE = 552


class Line:
    """An open line to a mail server, encrypted and logged in."""

    def __init__(self, smtp: "_Smtp", sender: str, seconds: float) -> None:
        """Send as `sender`, each mail within so many seconds."""
        self._smtp, self._sender, self._seconds = smtp, sender, seconds

    def send(self, recipient: str, mail: bytes) -> None:
        """Hand over a mail; raises DeliveryError."""
        with _within(self._smtp, self._seconds):
            self._ask("sender", lambda: self._smtp.mail(self._sender))
            self._ask("recipient", lambda: self._smtp.rcpt(recipient))
            # Whether a mail was taken when the line broke here, nobody can know.
            self._ask("refused", lambda: self._smtp.data(mail), is_certain=False)

    def _ask(
        self, code: str, ask: Callable[[], tuple[int, bytes]], *, is_certain: bool = True
    ) -> None:
        """Say something that must be answered by yes; `is_certain` where silence means no."""
        try:
            answer, _ = ask()
        except smtplib.SMTPResponseException as error:
            answer = error.smtp_code
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(_code_of(error), is_certain=is_certain) from error
        kind = answer // 100
        if kind == _YES:
            return
        if kind not in (_LATER, _NO):
            raise DeliveryError("broken", is_certain=is_certain)
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()
        if kind == _LATER:
            code = "later"
        elif answer == _TOO_LARGE:
            code = "too_large"
        raise DeliveryError(code, is_line_usable=self._smtp.sock is not None)


@contextmanager
def dial(
    settings: Smtp, password: str, context: ssl.SSLContext, seconds: float = STEP_SECONDS
) -> Iterator[Line]:
    """Yield an open line, and close it; raises DeliveryError. Each step ends within `seconds`."""
    smtp = _Smtp(settings, context)
    try:
        with _within(smtp, seconds):
            _open(smtp, settings, password, context)
        yield Line(smtp, settings.sender, seconds)
        with suppress(smtplib.SMTPException, OSError), _within(smtp, seconds):
            smtp.quit()
    finally:
        smtp.close()


def _open(smtp: "_Smtp", settings: Smtp, password: str, context: ssl.SSLContext) -> None:
    code = "unreachable"
    try:
        answer, _ = smtp.connect(settings.host, settings.port)
        if answer // 100 != _YES:
            raise DeliveryError("later" if answer // 100 == _LATER else "refused")
        if settings.security == "starttls":
            code = "no_tls"
            smtp.starttls(context=context)
        code = "login"
        smtp.ehlo()
        if settings.user:
            smtp.login(settings.user, password)
    except smtplib.SMTPServerDisconnected as error:
        raise DeliveryError(_code_of(error)) from error
    except smtplib.SMTPException as error:
        raise DeliveryError(code) from error
    except (OSError, ValueError) as error:
        raise DeliveryError(_code_of(error)) from error


def _code_of(error: Exception) -> str:
    """Return the class of an error; smtplib puts its own before a silence that was too long."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    if isinstance(error, smtplib.SMTPException | ConnectionResetError | BrokenPipeError):
        return "broken"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "unreachable"


class _Bounded:
    """A reader of answers that ends after so many bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, _MOST_ANSWERED

    def readline(self, size: int) -> bytes:
        line = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise ConnectionResetError("the mail server answers without end")
        return line

    def close(self) -> None:
        self._file.close()


class _Smtp(smtplib.SMTP):
    """smtplib's client, not connected yet: its line can be cut, and its answers are bounded."""

    def __init__(self, settings: Smtp, context: ssl.SSLContext) -> None:
        # Its own name would be asked of the resolver, and told to the server.
        name = settings.sender.rpartition("@")[2]
        super().__init__(local_hostname=name, timeout=SILENCE_SECONDS)
        self._host = settings.host  # whose name STARTTLS looks for in the certificate
        self._at_once = context if settings.security == "tls" else None
        self._end: socket.socket | None = None

    def cut(self) -> None:
        """End the line, whoever waits on it."""
        if self._end is not None:
            with suppress(OSError):
                self._end.shutdown(socket.SHUT_RDWR)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Bounded(self.sock.makefile("rb"))
        return super().getreply()

    def close(self) -> None:
        super().close()
        if self._end is not None:
            self._end.close()
            self._end = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        self._end = line.dup()  # TLS takes the socket over, and a handshake can hang too
        return self._at_once.wrap_socket(line, server_hostname=host) if self._at_once else line


@contextmanager
def _within(smtp: _Smtp, seconds: float) -> Iterator[None]:
    """Cut the line where a step takes longer: a timeout ends only a silence."""
    timer = Timer(seconds, smtp.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
