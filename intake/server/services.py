"""What the views work with: passed in when the app is made, never global."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import cast

from flask import current_app

from intake.core.programme import Programme
from intake.core.receipt import Index
from intake.crypto.keyring import Keyring
from intake.server.config import Config
from intake.server.door import Door
from intake.server.guard import Slots
from intake.store.canaries import Canaries
from intake.store.cases import Cases
from intake.store.keepers import Keepers
from intake.store.mail import Mail
from intake.store.records import Records
from intake.store.uploads import Uploads
from intake.web.assets import Body, Shelf
from intake.web.i18n import Language

NAME = "intake"


def utc_today() -> date:
    """Return the day in UTC: the only time that a case carries."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Services:
    """Settings, programme, keys, store, languages, words, clocks and randomness of one process.

    `assets` are the built scripts by address, none in a checkout without them; `shelf` is what
    was answered alike to everybody today.
    """

    config: Config
    programme: Programme
    programme_text: str
    keyring: Keyring
    records: Records
    cases: Cases
    mail: Mail
    uploads: Uploads
    slots: Slots
    door: Door
    canaries: Canaries
    keepers: Keepers
    languages: Mapping[str, Language]
    words: Mapping[str, Index]
    today: Callable[[], date] = utc_today
    now: Callable[[], float] = time.time
    random: Callable[[int], bytes] = os.urandom
    assets: Mapping[str, Body] = field(default_factory=dict)
    # Never passed on: other services make other pages.
    shelf: Shelf = field(default_factory=Shelf, init=False, repr=False, compare=False)


def services() -> Services:
    """Return the services of the app that handles this request."""
    return cast("Services", current_app.extensions[NAME])
