"""A group of commands that are imported when they are run, not when they are listed."""

import importlib
from collections.abc import Mapping

import click

from holdfast.errors import UnknownNameError
from holdfast.optional import require

__all__ = ["LazyGroup", "Needs", "Verbs"]

Verbs = Mapping[str, tuple[str, str]]
"""Verb -> (``module:command``, one line of help). Help is kept here so that ``--help`` imports nothing."""

Needs = tuple[tuple[str, ...], str]
"""Modules, and the extra that brings them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run.

    Args:
        verbs: What it offers.
        needs: Modules that every command needs, and the extra that brings them.
        **settings: Of ``click.Group``.
    """

    def __init__(self, *, verbs: Verbs, needs: Needs = ((), ""), **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]
        self.verbs, self.needs = verbs, needs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in alphabetical order."""
        del ctx
        return sorted(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a verb, or return None for an unknown one.

        Raises:
            MissingExtraError: A module it needs is not installed; the message carries the pip line.
        """
        del ctx
        if cmd_name not in self.verbs:
            return None
        modules, extra = self.needs
        for needed in modules:
            require(needed, extra=extra)
        module, name = self.verbs[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a verb, suggesting the closest where it is unknown."""
        if args and args[0] not in self.verbs and not args[0].startswith("-"):
            raise UnknownNameError("command", args[0], self.verbs)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their one line of help, importing none of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, line) in sorted(self.verbs.items())])
