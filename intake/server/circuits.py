"""Which circuit of Tor a connection came by: a pseudonymous address, counted as one visitor.

Tor writes one line of the PROXY protocol before each connection (`HiddenServiceExportCircuitID
haproxy`). Rules: the line must be there and of Tor's own form, else the connection is refused:
where Tor does not write it, a visitor could, and choose what is counted; it is read byte by byte
up to its end, so nothing of the request is taken and no endless line is kept.
"""

import re
import socket
from ipaddress import IPv6Network, ip_address, ip_network

from intake.errors import IntakeError

CIRCUITS = IPv6Network("fc00:dead:beef:4dad::/64")
"""The network in which Tor numbers its circuits; no host has an address in it."""

_LINE = re.compile(
    rb"PROXY TCP6 (fc00:dead:beef:4dad:[0-9a-f:]{1,25}) ::1 [0-9]{1,5} [0-9]{1,5}\r\n"
)
OWN_LINE = b"PROXY TCP6 fc00:dead:beef:4dad::1 ::1 1 80\r\n"
"""What a program of this machine says in place of Tor."""

_LONGEST = 107
"""Bytes of the longest line that the protocol's first version has."""


class CircuitError(IntakeError):
    """A connection without Tor's line; it tells nothing of what came instead."""


def circuit(line: bytes) -> str:
    """Return the address of the circuit that a line names; raises CircuitError."""
    found = _LINE.fullmatch(line)
    try:
        address = ip_address(found[1].decode()) if found else None
    except ValueError:
        address = None
    if address is None or address not in CIRCUITS:
        raise CircuitError("no line of Tor: set HiddenServiceExportCircuitID haproxy in torrc")
    return str(address)


def read(line: socket.socket) -> str:
    """Return the circuit of a connection, whose timeout is set; raises CircuitError, OSError."""
    taken = bytearray()
    while not taken.endswith(b"\n") and len(taken) < _LONGEST:
        byte = line.recv(1)
        if not byte:
            break
        taken += byte
    return circuit(bytes(taken))


def is_near(bind: str) -> bool:
    """Return whether only this machine reaches what is bound there: a socket file or loopback."""
    if bind.startswith("unix:"):
        return True
    try:
        host = ip_address(bind.rpartition(":")[0].strip("[]"))
    except ValueError:
        return False
    return host in ip_network("127.0.0.0/8") or str(host) == "::1"
