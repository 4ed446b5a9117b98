"""A store of two keyed offices, its settings of mail, and a worker with a clock of the test."""

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import text

from intake.delivery import sender, settings
from intake.delivery.letters import Writer
from intake.delivery.sender import Line
from intake.delivery.settings import Settings
from intake.delivery.worker import Worker, languages_of
from intake.store import migrate
from intake.store.blobs import Blobs
from intake.store.database import Database
from intake.store.outbox import Outbox
from intake.store.records import Filing, Records
from intake.store.uploads import Uploads
from intake.web import i18n
from tests.store.samples import filing
from tests.support.mail import HOST, PASSWORD, USER
from tests.support.programmes import small

ORIGIN = "https://reports.example.org"
DAY = date(2026, 11, 24)
MORNING = int(datetime(2026, 11, 24, 9, 0, tzinfo=UTC).timestamp())
MINUTE, HOUR, DAYS = 60, 3600, 86_400

SETTINGS = """\
[smtp]
host = "{host}"
port = {port}
security = "{security}"
from = "notices@reports.example.org"
user = "{user}"
password_file = "{password_file}"
ca_file = "{ca_file}"

[operator]
mail = "operator@reports.example.org"

[offices.inv]
notice = "inv@office.example"
second = "second@office.example"
hours = ["09:00", "17:00"]
zone = "UTC"
unfetched_days = 3

[offices.det]
notice = "det@other.example"
hours = ["09:00", "17:00"]
zone = "UTC"
attach = true
"""


def toml(port: int, ca_file: Path, password_file: Path, security: str = "starttls") -> str:
    """Return settings for a mail server on this machine."""
    return SETTINGS.format(
        host=HOST,
        port=port,
        security=security,
        user=USER,
        password_file=password_file,
        ca_file=ca_file,
    )


def keep_password(folder: Path, password: str = PASSWORD) -> Path:
    """Return a file that holds a password, as it should lie there."""
    path = folder / "password"
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return path


@dataclass
class Post:
    """What a test works with; `now` is moved by the test alone."""

    folder: Path
    ca_file: Path
    port: int
    now: int = MORNING - HOUR
    database: Database = field(init=False)
    settings: Settings = field(init=False)
    dial: Callable[[], AbstractContextManager[Line]] = field(init=False)
    bad: dict[str, str] | None = None
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the store, and settings for the server."""
        self.database = Database(self.folder)
        migrate.migrate(self.database)
        self.settings = settings.parse(
            toml(self.port, self.ca_file, keep_password(self.folder)), "mail.toml", small()
        )
        self.dial_to(self.port)

    def close(self) -> None:
        """Close the store."""
        self.database.close()

    def dial_to(self, port: int, seconds: float = 10, **changes: str) -> None:
        """Let the worker dial a port, with other settings of the server."""
        smtp = replace(self.settings.smtp, port=port, **changes)
        context = ssl.create_default_context(cafile=self.ca_file)
        self.dial = partial(sender.dial, smtp, settings.password(smtp), context, seconds)

    def change(self, office: str, **changes: object) -> None:
        """Change the settings of an office."""
        changed = replace(self.settings.offices[office], **changes)  # type: ignore[arg-type] # a test's own
        offices = {**self.settings.offices, office: changed}
        self.settings = replace(self.settings, offices=offices)

    @property
    def outbox(self) -> Outbox:
        """What waits."""
        return Outbox(self.database)

    @property
    def worker(self) -> Worker:
        """The worker, with the settings as they are now."""
        languages = {code: i18n.load(code, "mail") for code in languages_of(self.settings)}
        return Worker(
            self.settings,
            self.outbox,
            self.uploads,
            Writer(ORIGIN, small(), languages),
            self.dial,
            lambda: self.now + 0.5,
            lambda size: bytes([128] * size),
            look=None if self.bad is None else lambda: self.bad or {},
            known=self.known,
        )

    @property
    def uploads(self) -> Uploads:
        """Sealed files."""
        return Uploads(self.database, Blobs(self.folder / "evidence", 0))

    def at(self, now: int) -> None:
        """Make one pass at a moment."""
        self.now = now
        self.worker.once()

    def file(self, number: int, *readers: str, urgent: bool = False) -> Filing:
        """Keep a case of a number."""
        made = replace(filing(number, *readers), urgent=urgent)
        Records(self.database).file(made)
        return made

    def fetched(self, reader: str) -> list[str | None]:
        """Return the day on which each entry of a reader was fetched."""
        query = text("SELECT fetched FROM grants WHERE reader = :reader ORDER BY entry")
        with self.database.read() as connection:
            return list(connection.execute(query, {"reader": reader}).scalars())
