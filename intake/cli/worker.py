"""`intake worker`: mail to offices, sent by a process of its own."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event

import click

from intake.cli import settings
from intake.cli.backup import target
from intake.cli.status import look
from intake.core import programme as programmes
from intake.delivery import sender
from intake.delivery import settings as delivery
from intake.delivery.letters import Writer
from intake.delivery.worker import Worker, alone, languages_of
from intake.errors import ConfigError
from intake.ops import backup as backups
from intake.ops.restore import refuse_unfinished
from intake.server.assemble import programme_file, uploads
from intake.server.config import Config
from intake.store.database import Database
from intake.store.outbox import Outbox
from intake.web import i18n


@click.command()
@settings.option
@click.option("--once", is_flag=True, help="Make one pass and end: for a timer.")
def worker(config_file: Path | None, *, once: bool) -> None:
    """Send notices, sealed entries and reminders, as the file of `delivery` says.

    Looks each minute whether an office's fixed hour has come. The first one ever is only noted.
    """
    os.umask(0o077)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    config = settings.read(config_file)
    with assembled(config) as made:
        if once:
            made.once()
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        made.run(stop)


@contextmanager
def assembled(config: Config) -> Iterator[Worker]:
    """Yield the worker of these settings, alone on its folder; raises IntakeError."""
    if not config.delivery:
        raise ConfigError("delivery: is empty, so no mail is sent; name its TOML file to send some")
    programme = programmes.parse(*programme_file(config))
    told = delivery.read(Path(config.delivery), programme)
    context, password = delivery.context(told.smtp), delivery.password(told.smtp)
    languages = {code: i18n.load(code, "mail") for code in languages_of(told)}
    refuse_unfinished(Path(config.data))
    with settings.opened(config) as database, alone(Path(config.data)):
        yield Worker(
            told,
            Outbox(database),
            uploads(config, database),
            Writer(config.origin, programme, languages, _own(config)),
            partial(sender.dial, told.smtp, password, context),
            time.time,
            os.urandom,
            _chores(config, database),
            partial(_look, config),
        )


def _chores(config: Config, database: Database) -> Callable[[], None]:
    """Return what keeps the list of what is gone fresh among the backups, where there are any."""
    if not config.backup:
        return lambda: None
    keeper = backups.Keeper(database, target(config))
    return keeper.refresh


def _look(config: Config) -> dict[str, str]:
    """Return what needs a hand."""
    return {line.about: line.text for line in look(config) if line.is_bad}


def _own(config: Config) -> str:
    """Return the name of the programme's file, empty for the built-in one."""
    return Path(config.programme).name if config.programme else ""
