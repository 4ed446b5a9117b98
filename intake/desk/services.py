"""What a view of the desk works with, passed in once when the app is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from threading import Lock

from flask import current_app

from intake.client import Server
from intake.core import programme as programmes
from intake.core.programme import Programme
from intake.desk import watch as seeing
from intake.desk.home import Home
from intake.desk.resealing import Resealing
from intake.desk.sheet import Sheets
from intake.desk.syncing import Syncing
from intake.errors import IntakeError
from intake.vault.vault import Open, Vault
from intake.vault.writing import Writer, waiting
from intake.web.i18n import Language
from intake.web.loopback import Door

NAME = "intake-desk"


@dataclass(frozen=True)
class Services:
    """Everything that views use."""

    home: Home
    vault: Vault
    door: Door
    language: Language
    syncing: Syncing
    resealing: Resealing
    sheets: Sheets
    reach: Callable[[str], Server]
    """Gives the server at an address."""
    scripts: dict[str, tuple[bytes, str]]
    """The built scripts by address, each with its `integrity`; none in a checkout not built."""

    beginning: Lock = field(default_factory=Lock)
    """Held by the one first start that is on its way."""

    def now(self) -> datetime:
        """Return the time here, with its offset."""
        return self.syncing.now()

    def today(self) -> date:
        """Return the day that clocks count by."""
        return self.now().astimezone(UTC).date()


def services() -> Services:
    """Return the services of the app that answers this request."""
    found = current_app.extensions[NAME]
    assert isinstance(found, Services)
    return found


@contextmanager
def unlocked() -> Iterator[tuple[Open, Programme]]:
    """Give the open vault with its programme; raises VaultLockedError."""
    with services().vault.use() as opened:
        yield opened, programme_of(opened.settings["programme"])


def _around() -> dict[str, object]:
    """Return what every page says: how much waits to be sent, and whether the form is right."""
    try:
        with services().vault.use() as opened:
            seen = seeing.kept(opened)
            return {"waiting": len(waiting(opened)), "alarms": len(seen.findings) if seen else 0}
    except IntakeError:
        return {"waiting": 0, "alarms": 0}


def writer(opened: Open, programme: Programme) -> Writer:
    """Return what writes in cases now."""
    return Writer(opened, programme, services().now())


@lru_cache(maxsize=8)
def programme_of(text: str) -> Programme:
    """Return a vault's programme; parsing it takes longer than a page."""
    return programmes.parse(text)


def render(template: str, **context: object) -> str:
    """Return a page with what every page shows."""
    at = services()
    return at.language.render(
        template,
        syncing=at.syncing.state,
        **_around(),
        scripts={address: integrity for address, (_, integrity) in at.scripts.items()},
        **context,
    )
