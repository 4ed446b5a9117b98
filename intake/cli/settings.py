"""The settings of a server's command, read once from file and environment."""

import os
from pathlib import Path

import click

from intake.server import config as settings
from intake.server.config import Config

option = click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file of settings; INTAKE_* variables override it.",
)


def read(config_file: Path | None) -> Config:
    """Return the settings; the only place that reads the environment."""
    return settings.read(os.environ, config_file)
