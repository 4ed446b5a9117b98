"""Versions of the programme: what reports were answered under, and what the desk works with.

Rules: a version is known by its digest, which the person's own device sealed into her report, so a
server cannot relabel her answers; which version the desk writes and checks with changes only when
a person of the office says so.
"""

import hashlib
from collections.abc import Callable, Iterable

from intake.client import Office
from intake.core import programme as programmes
from intake.errors import IntakeError, LoginError, UnreachableError
from intake.vault.database import Database
from intake.vault.vault import Open, Vault

PROGRAMME = "programme"
"""The setting that holds the text of the version that the desk works with."""


def texts(database: Database) -> dict[str, str]:
    """Return the texts of other versions that reports name, by digest."""
    return dict(database.rows(_pair, "SELECT digest, text FROM programmes"))


def fetch(
    vault: Vault, ask: Callable[[Callable[[Office], str]], str], digests: Iterable[str]
) -> None:
    """Fetch versions that are not here; one that the server does not give is asked for again.

    Raises UnreachableError, LoginError.
    """
    with vault.use() as opened:
        known = {_digest(opened.settings[PROGRAMME]), *texts(opened.database)}
    for digest in sorted(set(digests) - known):
        try:
            text = ask(_Ask(digest))
        except (UnreachableError, LoginError):
            raise
        except IntakeError:
            continue
        with vault.use() as opened:
            keep(opened, digest, text)


def keep(opened: Open, digest: str, text: str) -> None:
    """Keep a version if it is the one of this digest, and can be read; else nothing."""
    if _digest(text) != digest:
        return
    try:
        programmes.parse(text)
    except IntakeError:
        return
    with opened.database.write():
        opened.database.run("INSERT OR REPLACE INTO programmes VALUES (?, ?)", digest, text)


def take(vault: Vault, digest: str) -> bool:
    """Work with a version that is here from now on; whether it was here and of this programme.

    What was set aside may be right by it: it is fetched and looked at again at the next sync.
    """
    with vault.use() as opened:
        text, before = texts(opened.database).get(digest, ""), opened.settings[PROGRAMME]
        if not text or programmes.parse(text).id != programmes.parse(before).id:
            return False
        keep(opened, _digest(before), before)
        with opened.database.write():
            opened.database.run(
                "UPDATE entries SET state = 'missing' WHERE state = 'aside' AND gone = ''"
            )
    vault.set(PROGRAMME, text)
    return True


class _Ask:
    def __init__(self, digest: str) -> None:
        self._digest = digest

    def __call__(self, office: Office) -> str:
        return office.programme(self._digest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _pair(digest: str, text: str) -> tuple[str, str]:
    return digest, text
