"""A group of commands, some of them in modules of their own that are imported when called."""

from collections.abc import Mapping
from importlib import import_module

import click


class Lazy(click.Group):
    """`elsewhere` gives each such command's module in `intake.cli`, and its summary."""

    def __init__(
        self, name: str | None = None, *, elsewhere: Mapping[str, tuple[str, str]], **more: object
    ) -> None:
        """Take what click gives, and where the other commands are."""
        super().__init__(name, **more)  # type: ignore[arg-type] # click's own arguments, passed on
        self._elsewhere = elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name."""
        return sorted([*super().list_commands(ctx), *self._elsewhere])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None where there is none of that name."""
        if cmd_name not in self._elsewhere:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"intake.cli.{self._elsewhere[cmd_name][0]}")
        # A name that is taken there (`list`) has a function with an underscore.
        command = getattr(module, f"{cmd_name}_", None) or getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing them."""
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items()}
        table = {**own, **{name: summary for name, (_, summary) in self._elsewhere.items()}}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(table.items()))
