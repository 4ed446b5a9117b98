"""What is the same for everybody: made once, kept in memory, plain and compressed.

Rules: everybody is answered the same bytes, by what the browser can unpack and nothing else.
Only what holds no secret and nothing that a person typed is compressed: where both stand in one
answer, its length tells about the one through the other.
"""

import gzip
import hashlib
from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import brotli
from werkzeug.datastructures import Accept

SCRIPTS = (
    *("loader.js", "app.js", "later.js", "back.js", "leave.js"),
    *("seal.js", "seal-full.js", "open.js", "open-full.js", "files.js", "files-full.js"),
)
"""The built scripts, as files and as addresses: what the pages that seal and open hold, what the
form runs at once and later, what the page of coming back runs, that of other pages, two of each
Worker."""

OFFLINE_PAGE = "offline.js"
OFFLINE_WORKERS = {
    "/seal.js": "offline-seal.js",
    "/seal-full.js": "offline-seal-full.js",
    "/files.js": "offline-files.js",
    "/files-full.js": "offline-files-full.js",
}
"""The scripts of the offline form: no address has them, the file holds them. Its Workers by the
addresses that those of a server have."""

OPENER = "opener.js"
"""The script of the page that opens sealed files: no address has it either."""

JAVASCRIPT = "text/javascript; charset=utf-8"

# The densest of each: a body is compressed once and sent many times.
_BROTLI_QUALITY = 11
_GZIP_LEVEL = 9


@dataclass(frozen=True)
class Body:
    """What one address answers, in the three ways a browser may ask for it."""

    media_type: str
    plain: bytes
    brotli: bytes
    gzip: bytes

    @classmethod
    def of(cls, plain: bytes, media_type: str) -> "Body":
        """Return a body with its compressed forms; 10 kB take 15 ms."""
        return cls(
            media_type,
            plain,
            brotli.compress(plain, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY),
            # No time: the same bytes give the same bytes, in every process.
            gzip.compress(plain, _GZIP_LEVEL, mtime=0),
        )

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the plain body, in hex."""
        return hashlib.sha256(self.plain).hexdigest()

    @cached_property
    def integrity(self) -> str:
        """What the `integrity` of a script tag says: the browser runs these bytes or none."""
        return f"sha256-{b64encode(hashlib.sha256(self.plain).digest()).decode()}"

    def coded(self, accepted: Accept) -> tuple[bytes, str]:
        """Return the smallest form that is accepted, and its Content-Encoding, empty if plain."""
        for form, coding in ((self.brotli, "br"), (self.gzip, "gzip")):
            if accepted.quality(coding) > 0:
                return form, coding
        return self.plain, ""


class Shelf:
    """The bodies made today, by name; a new day begins with none.

    Two threads may make the same body at once: it is the same.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: tuple[date, dict[tuple[str, ...], Body]] = (date.min, {})

    def find(self, day: date, name: tuple[str, ...]) -> Body | None:
        """Return what was kept under a name on this day."""
        kept_on, bodies = self._kept
        return bodies.get(name) if kept_on == day else None

    def keep(self, day: date, name: tuple[str, ...], body: Body) -> None:
        """Keep a body; what is left of another day is let go."""
        if self._kept[0] != day:
            self._kept = (day, {})
        self._kept[1][name] = body


def read(folder: Path) -> dict[str, Body]:
    """Return the built scripts of a folder by address; none where one is missing.

    A checkout that was not built, or only half, is served without script.
    """
    paths = {f"/{name}": folder / name for name in SCRIPTS}
    if not all(path.is_file() for path in paths.values()):
        return {}
    return {address: _script(path.read_bytes()) for address, path in paths.items()}


@lru_cache(maxsize=len(SCRIPTS))
def _script(text: bytes) -> Body:
    """Return a script with its compressed forms: all of them take half a second, once."""
    return Body.of(text, JAVASCRIPT)
