"""Everything that is wrong with a programme and its keys, at once, before a server starts."""

from datetime import date
from pathlib import Path

from intake.core import programme as programmes
from intake.crypto import keyring
from intake.errors import ProgrammeError


def check(programme_text: str, name: str, keys: Path, today: date) -> tuple[str, ...]:
    """Return a line for each thing that is wrong, none when a server may start."""
    try:
        programme = programmes.parse(programme_text, name)
    except ProgrammeError as error:
        # Without a programme no file in the folder has an office; secret keys are still found.
        return (*str(error).splitlines(), *keyring.secrets(keys))
    _, problems = keyring.read(keys, programme, today)
    return problems
