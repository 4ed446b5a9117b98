"""The custody log: who fetched, opened, read and exported what of a case, and when.

Rules: each link holds the digest of the one before, so nothing is changed, moved or taken out of
the middle unseen; whoever kept an earlier head sees also a log that was cut or written anew.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec

from intake.core import canonical
from intake.errors import CustodyError
from intake.vault.database import Database

What = Literal[
    "fetched",
    "opened",
    "set aside",
    "shown",
    "exported",
    "gone",
    "returned",
    "header replaced",
    "answered",
    "noted",
    "refused by the server",
    "file fetched",
    "file altered",
    "file shown",
    "file exported",
    "file removed",
]
START = "0" * 64
"""The digest before the first link."""


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a log. `at` is UTC, to the second; `entry` is empty for the whole case.

    Where `what` begins with "file", `entry` is the id of a file.
    `digest` is the SHA-256 (hex) over the canonical JSON of this with an empty `digest`.
    """

    at: str
    case: str
    digest: str
    entry: str
    number: int
    previous: str
    what: What
    who: str


canonical.ready(Link)


@dataclass
class Log:
    """Writes links inside the caller's transaction; forget it when that fails."""

    database: Database
    who: str
    _heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    _links: list[Link] = field(default_factory=list)

    def begin(self, cases: Iterable[str]) -> None:
        """Look up where the logs of these cases end: once for all of them."""
        names = sorted(set(cases))
        asked = canonical.encode(names).decode()
        self._heads = dict.fromkeys(names, (0, START))
        # Of each case, SQLite takes the bare columns from the row with the largest number.
        found = self.database.rows(
            _case_head,
            "SELECT case_id, max(number), digest FROM custody "
            "WHERE case_id IN (SELECT value FROM json_each(?)) GROUP BY case_id",
            asked,
        )
        self._heads.update(found)

    def add(self, case: str, entry: str, what: What, now: datetime) -> None:
        """Note one thing that was done to a case that `begin` named; `flush` writes it."""
        number, previous = self._heads[case]
        link = Link(_second(now), case, "", entry, number + 1, previous, what, self.who)
        sealed = msgspec.structs.replace(link, digest=_digest(link))
        self._heads[case] = (sealed.number, sealed.digest)
        self._links.append(sealed)

    def flush(self) -> None:
        """Write what was noted."""
        self.database.many(
            "INSERT INTO custody (case_id, number, at, who, what, entry, previous, digest) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    one.case,
                    one.number,
                    one.at,
                    one.who,
                    one.what,
                    one.entry,
                    one.previous,
                    one.digest,
                )
                for one in self._links
            ],
        )
        self._links.clear()


def head(database: Database, case: str) -> tuple[int, str]:
    """Return number and digest of the newest link of a case; 0 where there is none."""
    found = database.rows(
        _head,
        "SELECT number, digest FROM custody WHERE case_id = ? ORDER BY number DESC LIMIT 1",
        case,
    )
    return found[0] if found else (0, START)


def links(database: Database, case: str) -> list[Link]:
    """Return the log of a case, oldest first."""
    return database.rows(
        Link,
        "SELECT at, case_id, digest, entry, number, previous, what, who FROM custody "
        "WHERE case_id = ? ORDER BY number",
        case,
    )


def verify(log: Iterable[Link], case: str, known_head: str = "") -> str:
    """Return the digest of the last link; raises CustodyError, which names the first broken link.

    `known_head` is a digest that was kept elsewhere: it must stand in the log.
    """
    previous, number = START, 0
    is_found = known_head in ("", START)
    for number, link in enumerate(log, 1):
        fits = (link.case, link.number, link.previous) == (case, number, previous)
        if not fits or link.digest != _digest(msgspec.structs.replace(link, digest="")):
            raise CustodyError(f"link {number} of the custody log is broken, trust none from it on")
        previous = link.digest
        is_found = is_found or previous == known_head
    if not is_found:
        raise CustodyError(
            f"the custody log ends at link {number} without the head you kept, it was cut or remade"
        )
    return previous


def export(log: Iterable[Link]) -> bytes:
    """Return the log as JSON lines, each canonical: what the digests are made over."""
    return b"".join(canonical.encode(link) + b"\n" for link in log)


def parse(data: bytes) -> list[Link]:
    """Return the links of an export; raises CustodyError, which names the line."""
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        what = f"line {number} of the custody log"
        found.append(canonical.decode(line, Link, CustodyError, what))
    return found


def _digest(link: Link) -> str:
    return hashlib.sha256(canonical.encode(link)).hexdigest()


def _second(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _head(number: int, digest: str) -> tuple[int, str]:
    return number, digest


def _case_head(case: str, number: int, digest: str) -> tuple[str, tuple[int, str]]:
    return case, (number, digest)
