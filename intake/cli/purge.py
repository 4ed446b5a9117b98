"""`intake purge`: what a timer runs each night."""

from datetime import date, timedelta
from pathlib import Path

import click

from intake.cli import settings
from intake.core import programme as programmes
from intake.core.programme import Programme
from intake.errors import UnsafeError
from intake.server.assemble import programme_file, uploads
from intake.server.services import utc_today
from intake.store.cases import Cases
from intake.store.state import Name, State

_MISSED = timedelta(days=8)
"""Nights that may have been missed before the clock is doubted: a week's holiday."""


@click.command()
@click.option("--clock-is-right", is_flag=True, help="Go on though many days have passed.")
@settings.option
def purge(config_file: Path | None, *, clock_is_right: bool) -> None:
    """Delete what is due: asked for by witnesses, too old by the programme, named by no case.

    The database is tidied even where nothing is deleted: until then its file shows the order of
    filing. A clock that jumped would delete too much, so a great step is refused.
    """
    config = settings.read(config_file)
    programme = programmes.parse(*programme_file(config))
    today = utc_today()
    with settings.opened(config) as database:
        state = State(database)
        if not clock_is_right:
            _doubt(state.all().get(Name.PURGED), today)
        cases = Cases(database)
        click.echo(f"cases deleted: {cases.purge(today)}")
        click.echo(f"cases too old: {_expire(cases, programme, today)}")
        click.echo(f"files removed: {uploads(config, database).sweep(today)}")
        state.keep(Name.PURGED, today)
        database.tidy()


def _expire(cases: Cases, programme: Programme, today: date) -> int:
    days = [(office.id, programme.keeps(office.id)) for office in programme.keyed]
    return sum(cases.expire(name, today - timedelta(days=n), today) for name, n in days if n)


def _doubt(last: date | None, today: date) -> None:
    """Raise UnsafeError where the clock may be wrong: nothing deleted comes back."""
    if last and not timedelta() <= today - last <= _MISSED:
        raise UnsafeError(
            f"the clock says {today}, and the last purge was on {last}: nothing was deleted; "
            "correct the clock, or if it is right: intake purge --clock-is-right"
        )
