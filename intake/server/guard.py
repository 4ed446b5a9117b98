"""Who may post, how often, and what a log may say.

Rules: a request without a cookie or token is refused by where it comes from
(Sec-Fetch-Site, else Origin); limits are kept under a keyed hash of the address, whose key
lives in memory for a day; a log holds event names and classes of errors, never what was in
them.
"""

import hashlib
import hmac
import logging
import secrets
import traceback
from collections.abc import Callable
from datetime import date
from ipaddress import IPv6Address, ip_address
from threading import BoundedSemaphore

from flask import request
from flask_limiter import Limiter

from intake.errors import EvidenceError, IntakeError
from intake.server.config import Config
from intake.server.counts import Counts

log = logging.getLogger("intake")

_IPV6_PREFIX = 64


class LimitError(IntakeError):
    """Too many requests, from one address or from all."""


class Addresses:
    """Keyed hashes of addresses: the key is random and forgotten after a day."""

    def __init__(self, today: Callable[[], date], *, circuits: bool = False) -> None:
        """Count days by this clock; `circuits` says that Tor gives each visitor an address."""
        self._today = today
        self._prefix = 128 if circuits else _IPV6_PREFIX
        self._day = date.min
        self._key = b""

    def key(self) -> str:
        """Return the key of the address of this request.

        A /64 counts as one in IPv6, but for circuits: all of Tor's lie in one.
        """
        if self._day != self._today():
            self._day, self._key = self._today(), secrets.token_bytes(32)
        text = _network(request.remote_addr or "", self._prefix).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def limiter(addresses: Addresses) -> Limiter:
    """Return the limiter, counting in this process: each gets its part of the budget."""
    # It logs the key and the path of who is over the limit; the answer says enough.
    logging.getLogger("flask-limiter").disabled = True
    # Found by the name that the class gives to its scheme.
    return Limiter(addresses.key, storage_uri=f"{Counts.STORAGE_SCHEME[0]}://")


def budgets(config: Config) -> tuple[str, str, str, str]:
    """Return the limits of one process: for all, and for an address: posts, logins, parts."""
    each = config.workers
    return (
        f"{-(-config.posts_per_minute // each)}/minute",
        f"{-(-config.posts_per_address // each)}/minute",
        f"{-(-config.logins_per_address // each)}/minute",
        f"{-(-config.parts_per_address // each)}/minute",
    )


class Slots:
    """How many uploads a process takes at once: half of its threads."""

    def __init__(self, threads: int) -> None:
        """Count from none."""
        self._free = BoundedSemaphore(max(1, threads // 2))

    def __enter__(self) -> None:
        """Take a place; raises EvidenceError where there is none."""
        if not self._free.acquire(blocking=False):
            raise EvidenceError("too many files arrive just now, wait a moment", "slots")

    def __exit__(self, *_error: object) -> None:
        """Give it back."""
        self._free.release()


def note(event: str, error: BaseException) -> None:
    """Log an event with the class and the place of an error, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "unknown"
    log.error("event=%s error=%s at=%s", event, type(error).__name__, place)


def forget(error: BaseException) -> None:
    """Let go of the frames an error holds: they hold what was typed until the next collection."""
    chain: BaseException | None = error
    while chain is not None:
        chain.__traceback__ = None
        chain = chain.__cause__ or chain.__context__


def _network(address: str, prefix: int) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return (parsed.packed[: prefix // 8]).hex()
    return str(parsed)
