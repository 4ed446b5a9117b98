"""`intake outbox`: mail that waits or is dead, and the next step of each."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from intake.cli import settings
from intake.delivery.sender import STEPS
from intake.store.outbox import Outbox, Row


@click.command()
@settings.option
@click.option("--retry", metavar="ID", help="Try this mail at once, as if for the first time.")
@click.option("--drop", metavar="ID", help="Forget this mail; an entry stays, to be fetched.")
def outbox(config_file: Path | None, retry: str | None, drop: str | None) -> None:
    """List mail to offices that waits or could not be sent, retry or drop it."""
    with settings.opened(settings.read(config_file)) as database:
        kept = Outbox(database)
        if retry:
            kept.retry(retry, int(time.time()))
        if drop:
            kept.drop(drop)
        rows = kept.all()
        for row in rows:
            click.echo("\n".join(_lines(row)))
        if not rows:
            click.echo("no mail waits, and none is dead")


def _lines(row: Row) -> Iterator[str]:
    state = "dead" if row.dead else f"waiting until {_moment(row.next_try)}"
    yield f"{row.id}  {row.kind} of {row.office} to {row.recipient}: {state}"
    if row.error:
        step = STEPS.get(row.error, "look into the worker's log")
        yield f"  after {row.attempts} tries, {row.error}: {step}"
    if row.dead:
        yield f"  then run: intake outbox --retry {row.id}, or --drop"


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
