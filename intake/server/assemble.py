"""From settings to services: programme, keys, store and languages, or why not."""

from datetime import date
from pathlib import Path

from intake.core import programme as programmes
from intake.core import receipt
from intake.crypto import keyring
from intake.errors import ConfigError, UnsafeError
from intake.paths import PACKAGE, shipped
from intake.server.config import Config
from intake.server.door import Door
from intake.server.guard import Slots
from intake.server.services import Services, utc_today
from intake.store.blobs import Blobs
from intake.store.canaries import Canaries
from intake.store.cases import Cases
from intake.store.database import Database
from intake.store.keepers import Keepers
from intake.store.mail import Mail
from intake.store.records import Records
from intake.store.state import State
from intake.store.uploads import Uploads
from intake.web import assets, i18n
from intake.wordlists import wordlists


def programme_file(config: Config) -> tuple[str, str]:
    """Return the text of the programme's file and its name; raises ConfigError."""
    path = Path(config.programme) if config.programme else shipped("programmes/default.toml")
    try:
        return path.read_text("utf-8"), path.name
    except OSError as error:
        raise ConfigError(f"programme: {path}: {error.strerror}, check the path") from error
    except UnicodeDecodeError:
        raise ConfigError(f"programme: {path}: is not UTF-8, save it as UTF-8") from None


def assemble(config: Config, today: date | None = None) -> Services:
    """Return the services of a process; raises IntakeError where it may not start.

    A key that expired since `check` closes its office and no other: a worker that is replaced
    on that day must still start. A secret key among the public ones stops everything.
    """
    text, name = programme_file(config)
    programme = programmes.parse(text, name)
    secrets = keyring.secrets(Path(config.keys))
    if secrets:
        raise UnsafeError("\n".join(secrets))
    ring, _ = keyring.read(Path(config.keys), programme, today or utc_today())
    languages = {code: i18n.load(code, "public") for code in programme.languages}
    words = {name: receipt.index(wordlist) for name, wordlist in wordlists().items()}
    database = Database(Path(config.data))
    return Services(
        config,
        programme,
        text,
        ring,
        Records(database),
        Cases(database),
        Mail(database),
        uploads(config, database),
        Slots(config.threads),
        Door(State(database)),
        Canaries(database),
        Keepers(database),
        languages,
        words,
        assets=assets.read(PACKAGE / "static"),
    )


def uploads(config: Config, database: Database) -> Uploads:
    """Return the evidence of a store; its files lie beside the database."""
    return Uploads(database, blobs(config))


def blobs(config: Config) -> Blobs:
    """Return where the sealed files of these settings lie."""
    return Blobs(Path(config.data) / "evidence", config.disk_megabytes << 20)
