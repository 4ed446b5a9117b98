"""A web face on one's own machine: who may come in, and which headers every answer has.

Rules: it listens on 127.0.0.1 alone; a one-time address gives a cookie that ends with the program;
only this host's own name is answered, so no other site's name can lead here; no page of another
site can ask, embed or read anything; nothing is kept by the browser.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from threading import Lock

from flask import Request

from intake.errors import IntakeError
from intake.web import headers
from intake.web.origin import check_origin

HOST = "127.0.0.1"
COOKIE = "desk"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

HEADERS = {**headers.ALWAYS, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
"""The headers of every answer; one that is shown in a frame has its own policy."""


class EntranceError(IntakeError):
    """Somebody without the cookie, or with an address that was used before."""


@dataclass
class Door:
    """Lets one browser in. `port` is where the program listens."""

    port: int
    _cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _tokens: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def origin(self) -> str:
        """The address without a path."""
        return f"http://{HOST}:{self.port}"

    def address(self) -> str:
        """Return a new address that lets in once."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.add(token)
        return f"{self.origin}/enter/{token}"

    def enter(self, token: str) -> str:
        """Return the cookie for a one-time address; raises EntranceError."""
        with self._lock:
            if token not in self._tokens:
                raise EntranceError(
                    "this address was used before, start the desk again for a new one"
                )
            self._tokens.discard(token)
        return self._cookie

    def check_host(self, asked: Request) -> None:
        """Raise EntranceError where the browser was led here under another name."""
        if asked.headers.get("Host") != f"{HOST}:{self.port}":
            raise EntranceError("the desk answers to its own address only, start it again")

    def check(self, asked: Request) -> None:
        """Raise EntranceError or OriginError unless it is the browser that was let in that asks."""
        cookie = asked.cookies.get(COOKIE, "")
        if not hmac.compare_digest(cookie.encode(), self._cookie.encode()):
            raise EntranceError(
                "this browser was not let in, use the address that the desk printed"
            )
        # A link from another site or from a mail leads nowhere; the address bar says "none".
        if asked.method not in ("GET", "HEAD"):
            check_origin(asked, self.origin)
        elif asked.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise EntranceError("another site led here, type the desk's address yourself")
