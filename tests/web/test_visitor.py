"""The visitor's lines: TLS that is checked, straight and through a proxy, and ended in time."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from intake.errors import ServerError
from intake.socks import Proxy
from intake.web.visitor import AnswerError, Visited
from tests.support.socks import Tor, listening

ASKED = {"Accept-Encoding": "gzip, deflate, br"}
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a certificate that signs itself, for `localhost`, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "site.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@contextmanager
def secured(certificate: Path) -> Iterator[int]:
    """Serve one answer over TLS, and yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def talk(line: socket) -> None:
        with context.wrap_socket(line, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(ANSWER)

    with listening(talk) as port:
        yield port


def test_site_with_a_good_certificate_is_read(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Straight, and by a name that the proxy resolves."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secured(certificate) as site:
        assert Visited.at(f"https://localhost:{site}").ask("/", ASKED).body == b"hi"
        with listening(Tor({"localhost": site})) as port:
            visited = Visited.at("https://localhost", Proxy("127.0.0.1", port))
            assert visited.ask("/", ASKED).body == b"hi"


def test_certificate_that_nobody_signed_is_refused(certificate: Path) -> None:
    """Through a proxy too: its exit could be anybody's."""
    with secured(certificate) as site:
        with pytest.raises(ServerError, match="cannot be reached"):
            Visited.at(f"https://localhost:{site}").ask("/", ASKED)
        with listening(Tor({"localhost": site})) as port:
            visited = Visited.at("https://localhost", Proxy("127.0.0.1", port))
            with pytest.raises(ServerError, match="cannot be reached"):
                visited.ask("/", ASKED)


def test_certificate_of_another_name_is_refused(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signed it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secured(certificate) as site, listening(Tor({"site.test": site})) as port:
        visited = Visited.at("https://site.test", Proxy("127.0.0.1", port))
        with pytest.raises(ServerError, match="cannot be reached"):
            visited.ask("/", ASKED)


def drip(start: bytes) -> Callable[[socket], None]:
    """Say a start, then a byte now and then, never silent for long."""

    def talk(line: socket) -> None:
        line.recv(4096)
        line.sendall(start)
        for _ in range(80):
            line.sendall(b"\x00")
            time.sleep(0.1)

    return talk


def test_handshake_that_drips_ends_in_time() -> None:
    """A record of TLS that never ends is cut as a slow body is."""
    began = time.monotonic()
    with listening(drip(b"\x16\x03\x03\x40\x00")) as port:
        visited = replace(Visited.at(f"https://127.0.0.1:{port}"), seconds=1)
        with pytest.raises((ServerError, AnswerError)):
            visited.ask("/", ASKED)
    assert time.monotonic() - began < 8
