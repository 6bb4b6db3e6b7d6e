"""The ``holdfast`` command. Each verb lives in its own file and is imported only when it is used."""

import importlib
import os
import sys
from typing import Any

import click

import holdfast
from holdfast.errors import HoldfastError, UnknownNameError

__all__ = ["SAFETY_LEAD", "VERBS", "cli", "main"]

VERBS: dict[str, tuple[str, str]] = {
    "ask": ("holdfast.cli.ask:ask", "Ask the library a question; answers are quoted with their sources."),
    "chat": ("holdfast.cli.chat:chat", "Talk in the terminal."),
    "evaluate": ("holdfast.cli.evaluate:evaluate", "Run a suite against the served pipeline."),
    "metric": ("holdfast.cli.metric:metric", "Learn representations of people, images or anything else, and judge them."),
    "practise": ("holdfast.cli.practise:practise", "Practise a short exercise."),
    "release": ("holdfast.cli.release:release", "Check what a release still lacks."),
    "screen": ("holdfast.cli.screen:screen", "Check in with a validated instrument. A screen, not a diagnosis."),
    "serve": ("holdfast.cli.serve:serve", "Start the web application."),
    "steward": ("holdfast.cli.steward:steward", "Add, list and disable stewards."),
    "trace": ("holdfast.cli.trace:trace", "Verify and show the record of why replies were what they were."),
    "triage": ("holdfast.cli.triage:triage", "Flag risk in a text, or in a file of texts."),
}
"""Verb -> (``module:command``, one line of help). Help is kept here so that ``holdfast --help`` imports nothing."""


SAFETY_LEAD = "holdfast.safety_lead"
"""The key of ``click.Context.meta`` under which verbs that take people's words find the safety check."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in alphabetical order."""
        del ctx
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a verb, or return None for an unknown one."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module, name = VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a verb, suggesting the closest where it is unknown."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise UnknownNameError("command", args[0], VERBS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their one line of help, importing none of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, line) in sorted(VERBS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(holdfast.__version__, prog_name="holdfast")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Holdfast: learn, check in, practise, and reach people when it matters.

    Research use, not for care. If you or someone else is in danger now, call your local emergency number.
    """
    ctx.meta[SAFETY_LEAD] = _safety_lead


def _safety_lead(text: str) -> str | None:
    """Return what the crisis protocol says first in answer to ``text``; imported only when there is text to check."""
    from holdfast.cli.lead import safety_lead

    return safety_lead(text, region=os.environ.get("HOLDFAST_REGION"))


def main(argv: list[str] | None = None) -> Any:
    """Run the command line. What the user can mend exits 2 with one line on standard error; nothing is lost."""
    try:
        return cli.main(args=argv, prog_name="holdfast", standalone_mode=True)
    except HoldfastError as error:
        click.echo(f"holdfast: {error}", err=True)
        sys.exit(2)
