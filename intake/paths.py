"""Where the files lie that ship with the program."""

from pathlib import Path

from intake.errors import ConfigError

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the shipped folder or file `name`.

    A wheel carries it inside the package, a checkout beside it. Raises ConfigError.
    """
    for root in (PACKAGE, PACKAGE.parent):
        if (root / name).exists():
            return root / name
    raise ConfigError(f"{name} is missing from the installation, install intake again")
