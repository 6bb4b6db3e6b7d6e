"""The ``holdfast`` command. Each verb lives in its own file and is imported only when it is used."""

import os
import sys
from typing import Any

import click

import holdfast
from holdfast.cli.lazy_group import LazyGroup, Verbs
from holdfast.errors import HoldfastError

__all__ = ["SAFETY_LEAD", "VERBS", "cli", "main"]

VERBS: Verbs = {
    "ask": ("holdfast.cli.ask:ask", "Ask the library a question; answers are quoted with their sources."),
    "chat": ("holdfast.cli.chat:chat", "Talk in the terminal."),
    "cohort": (
        "holdfast.cli.cohort:cohort",
        "Turn the files of a study into people as tables, checked and in one format.",
    ),
    "evaluate": ("holdfast.cli.evaluate:evaluate", "Run a suite against the served pipeline."),
    "metric": (
        "holdfast.cli.metric:metric",
        "Learn representations of people, images or anything else, and judge them.",
    ),
    "practise": ("holdfast.cli.practise:practise", "Practise a short exercise."),
    "release": ("holdfast.cli.release:release", "Check what a release still lacks."),
    "risk": ("holdfast.cli.risk:risk", "Estimate how one visit foretells what comes later, and prove it."),
    "safety": ("holdfast.cli.safety:safety", "Judge how well danger is found in what people write."),
    "screen": ("holdfast.cli.screen:screen", "Check in with a validated instrument. A screen, not a diagnosis."),
    "serve": ("holdfast.cli.serve:serve", "Start the web application."),
    "steward": ("holdfast.cli.steward:steward", "Add, list and disable stewards."),
    "trace": ("holdfast.cli.trace:trace", "Verify and show the record of why replies were what they were."),
    "triage": ("holdfast.cli.triage:triage", "Flag risk in a text, or in a file of texts."),
}

SAFETY_LEAD = "holdfast.safety_lead"
"""The key of ``click.Context.meta`` under which verbs that take people's words find the safety check."""


@click.group(cls=LazyGroup, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
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
