"""The command line: each command in a module of its own, imported only when it is called.

Exit codes: 0 done; 1 what the message says; 2 a wrong command line.
"""

import sys
from importlib import import_module

import click

from intake import __version__
from intake.core.plain import printable
from intake.errors import IntakeError

COMMANDS = {
    "age": "any age file, by pipe",
    "backup": "seal a moment of the database, and new files, into the folder of backups; nightly",
    "canary": "file a report as a visitor does, to see that reports are opened; daily",
    "check": "say everything that is wrong with settings, programme, keys, backups and mail",
    "config": "print every setting with its value, default and reason",
    "demo": "try everything on this machine, with throw-away keys",
    "desk": "fetch, list, read and search reports in your own encrypted vault",
    "export-form": "write the offline form: one file that seals without a network",
    "export-opener": "write one file that opens sealed files where nothing can be installed",
    "hold": "keep a case from being deleted by age",
    "import": "take in what people saved with the offline form",
    "keys": "make, change, split and list the keys of offices",
    "manifest": "print the digest of everything a site answers everybody the same",
    "migrate": "bring the database to this program's schema",
    "open": "open sealed entries, from files or from a server",
    "outbox": "list mail to offices that waits or could not be sent, retry or drop it",
    "programme": "stop in an emergency, and end a programme in order",
    "purge": "delete what is due, and tidy the database; nightly",
    "reissue": "give new words to a person who lost hers, where she chose your office for it",
    "reply": "answer the witness of a case, or write a note to your own office",
    "restore": "bring a machine back from its backups, or try whether it can be",
    "serve": "run the server",
    "status": "say what is due, full, failing, expiring or not fetched",
    "verify-site": "compare what a site answers with what it should",
    "worker": "send mail to offices",
}
"""Every command with its summary; the module has its name, but for those below."""

_MODULES = {
    "export-form": "export_form",
    "export-opener": "export_opener",
    "import": "importer",
    "open": "opener",
    "verify-site": "verify",
}


class Commands(click.Group):
    """The commands, imported one at a time: `intake age` must start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every command's name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"intake.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command = getattr(module, _MODULES.get(cmd_name, cmd_name))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Commands)
@click.version_option(__version__)
def intake() -> None:
    """Sealed reports of abuse, routed to the oversight offices that may read them."""


def main() -> None:
    """Run the command line; an error that was foreseen is a sentence, not a traceback."""
    try:
        intake()
    except IntakeError as error:
        click.echo(f"intake: {printable(str(error))}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        extra = "desk" if error.name == "sqlcipher3" else "server"
        click.echo(f"intake: {error.name} is missing, install: intake[{extra}]", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"intake: {error.filename or 'a file'}: {error.strerror}, mend it", err=True)
        sys.exit(1)
