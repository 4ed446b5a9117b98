"""A line through a SOCKS5 proxy, such as Tor's: RFC 1928, and RFC 1929 for a name of the circuit.

Rules: the host's name is resolved by the proxy, never here; each answer is read to the byte and no
further, or the site's own first bytes were lost; one deadline holds for all of it; nothing that
the proxy sent is shown.
"""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self
from urllib.parse import urlsplit

from intake.errors import ConfigError, UnreachableError

_VERSION = 5
_NO_NAME, _NAMED = 0, 2
"""How the proxy is entered: without a name, or with one and a password."""
_NAMED_VERSION = 1
_CONNECT = 1
_IPV4, _DOMAIN, _IPV6 = 1, 3, 4
_SIZES = {_IPV4: 4, _IPV6: 16}
_LONGEST = 255
"""One byte tells the length of a name."""
_REFUSALS = {
    1: "it failed",
    2: "its rules forbid it",
    3: "no network leads there",
    4: "the site's machine is not reached",
    5: "the site's machine refuses",
    6: "it took too long",
}
"""What a proxy says of a site, RFC 1928, section 6."""


@dataclass(frozen=True)
class Proxy:
    """A proxy. Lines of another `circuit` share none of Tor's (IsolateSOCKSAuth)."""

    host: str
    port: int
    circuit: str = ""

    @classmethod
    def at(cls, address: str) -> Self:
        """Return the proxy at `socks5h://host:port`; raises ConfigError."""
        wrong = ConfigError("a proxy's address is written socks5h://127.0.0.1:9050")
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise wrong from None
        more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme != "socks5h" or not host or not port or more:
            raise wrong
        return cls(host, port)

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """Return a line to a host that the proxy finds by its name; raises UnreachableError."""
        asked = _address(host) + port.to_bytes(2, "big")
        try:
            line = socket.create_connection((self.host, self.port), seconds)
        except OSError as error:
            raise UnreachableError("the proxy cannot be reached, check --proxy") from error
        try:
            _Talk(line, time.monotonic() + seconds).ask(asked, self.circuit.encode())
            line.settimeout(seconds)
        except OSError as error:
            line.close()
            raise UnreachableError("the proxy breaks off or is too slow, check it") from error
        except BaseException:
            line.close()
            raise
        return line


def _address(host: str) -> bytes:
    """Return a host as SOCKS names it; raises UnreachableError."""
    address: IPv4Address | IPv6Address | None = None
    with suppress(ValueError):
        address = ip_address(host)
    if address:
        return bytes([_IPV4 if address.version == 4 else _IPV6]) + address.packed  # noqa: PLR2004 - IPv4
    try:
        name = host.encode("idna")
    except UnicodeError as error:
        raise UnreachableError("the site's name cannot be written in DNS, check it") from error
    return bytes([_DOMAIN, len(name)]) + name


@dataclass(frozen=True)
class _Talk:
    """What is said with the proxy before the line is the site's. `end` by the monotonic clock."""

    line: socket.socket
    end: float

    def ask(self, address: bytes, circuit: bytes) -> None:
        """Ask for a line; raises UnreachableError, OSError."""
        ways = bytes([_NO_NAME, _NAMED]) if circuit else bytes([_NO_NAME])
        self._send(bytes([_VERSION, len(ways)]) + ways)
        version, way = self._read(2)
        if version != _VERSION or way not in ways:
            raise _stranger()
        if way == _NAMED:
            self._name(circuit)
        self._send(bytes([_VERSION, _CONNECT, 0]) + address)
        self._answer()

    def _name(self, circuit: bytes) -> None:
        name = bytes([len(circuit)]) + circuit
        self._send(bytes([_NAMED_VERSION]) + name + name)
        if self._read(2) != bytes([_NAMED_VERSION, 0]):
            raise _stranger()

    def _answer(self) -> None:
        version, refusal, reserved, kind = self._read(4)
        if version != _VERSION or reserved or kind not in (*_SIZES, _DOMAIN):
            raise _stranger()
        if refusal:
            reason = _REFUSALS.get(refusal, "it does not say why")
            raise UnreachableError(f"the proxy does not reach the site: {reason}")
        self._read((_SIZES.get(kind) or self._read(1)[0]) + 2)

    def _send(self, data: bytes) -> None:
        self._hurry()
        self.line.sendall(data)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            self._hurry()
            piece = self.line.recv(size - len(data))
            if not piece:
                raise _stranger()
            data += piece
        return data

    def _hurry(self) -> None:
        """Wait no longer than is left; raises TimeoutError."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.line.settimeout(left)


def _stranger() -> UnreachableError:
    return UnreachableError("what answers there is no SOCKS5 proxy, check --proxy")
