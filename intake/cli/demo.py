"""`intake demo`: a throw-away programme with fresh keys, served on loopback."""

import os
import shutil
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import click

from intake.cli import settings
from intake.cli.age import write_new
from intake.cli.keys import add
from intake.cli.serve import prepare
from intake.core import programme as programmes
from intake.crypto import keyring
from intake.crypto.unseal import HybridIdentity, generate_hybrid, parse_identities_file
from intake.desk.home import Home
from intake.server import run
from intake.server.assemble import programme_file
from intake.server.config import Config
from intake.server.services import utc_today

_DAYS = timedelta(days=30)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path))
def demo(port: int, folder: Path | None) -> None:
    """Serve the built-in programme on loopback, with fresh keys in a throw-away folder.

    Without --dir the folder is removed at the end. Its identities have no passphrase: never
    use them for anything real.
    """
    run.forget_memory()
    started = os.getpid()
    kept = folder is not None
    folder = folder.absolute() if folder else Path(mkdtemp(prefix="intake-demo-"))
    try:
        config = _prepare(folder, port)
        click.echo(_welcome(config, folder, _desk(config, folder)))
        run.serve(config)
    finally:
        # Workers are forks and come through here too: the folder is not theirs to remove.
        if not kept and os.getpid() == started:
            shutil.rmtree(folder)


def _prepare(folder: Path, port: int) -> Config:
    """Make keys, settings and database; a folder that has them is used again."""
    config = replace(
        settings.read(None),
        keys=str(folder / "keys"),
        data=str(folder / "data"),
        origin=f"http://127.0.0.1:{port}",
        bind=f"127.0.0.1:{port}",
    )
    today = utc_today()
    if not Path(config.keys).exists():
        (folder / "identities").mkdir(mode=0o700, parents=True, exist_ok=True)
        for office in programmes.parse(*programme_file(config)).keyed:
            for role in ("working", "recovery"):
                key = generate_hybrid()
                name = office.id if role == "working" else f"{office.id}-recovery"
                write_new(_identity(folder, name), f"{key.secret_text()}\n".encode())
                add(Path(config.keys), office.id, key, keyring.note(role, today, today + _DAYS))
    prepare(config)
    return config


def _desk(config: Config, folder: Path) -> Home | None:
    """Make the desk of the programme's own investigators; None where the extra is not installed."""
    home = Home(folder / "desk")
    if home.is_there:
        return home
    try:
        from intake.vault.vault import Vault  # noqa: PLC0415 - a server alone has no vault
    except ModuleNotFoundError:
        return None
    text, name = programme_file(config)
    office = programmes.parse(text, name).fallback
    (key,) = parse_identities_file(_identity(folder, office).read_text("utf-8"))
    assert isinstance(key, HybridIdentity)
    home.folder.mkdir(mode=0o700)
    write_new(home.identity, f"{key.secret_text()}\n".encode())
    settings = {"server": config.origin, "office": office, "programme": text, "who": "Demo"}
    keys = (Path(config.keys) / f"{office}.txt").read_text("utf-8")
    Vault.make(home.vault, [key.recipient()], {**settings, "keys": keys})
    return home


def _welcome(config: Config, folder: Path, home: Home | None) -> str:
    offices = programmes.parse(*programme_file(config)).keyed
    program = sys.argv[0] if Path(sys.argv[0]).name == "intake" else f"{sys.executable} -m intake"
    commands = [
        f"  {program} open --server {config.origin} --office {office.id} "
        f"--identity {_identity(folder, office.id)}"
        for office in offices
    ]
    return "\n".join(
        (
            f"The form:  {config.origin}/",
            "",
            "Read and answer what was filed, in a browser (from another terminal):",
            f"  {program} desk --home {home.folder}" if home else "  install intake[desk] for it",
            "",
            "Or open it on that terminal:",
            *commands,
            "",
            "Stop with Ctrl-C.",
        )
    )


def _identity(folder: Path, name: str) -> Path:
    return folder / "identities" / f"{name}.txt"
