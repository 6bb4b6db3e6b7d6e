"""``holdfast metric``: learn embeddings, use them, judge them, and compare the losses that make them."""

import importlib

import click

from holdfast.errors import UnknownNameError
from holdfast.optional import require

__all__ = ["METRIC_VERBS", "metric"]

METRIC_VERBS: dict[str, tuple[str, str]] = {
    "bench": ("holdfast.cli.metric_bench:bench", "Compare losses on one network and one budget."),
    "embed": ("holdfast.cli.metric_embed:embed", "Embed a table with an encoder."),
    "fit": ("holdfast.cli.metric_fit:fit", "Learn an encoder from a table."),
    "score": ("holdfast.cli.metric_score:score", "Judge embeddings by the neighbours they give."),
}
"""Verb -> (``module:command``, one line of help): help imports nothing."""


class MetricGroup(click.Group):
    """A group whose commands, and torch with them, are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in alphabetical order."""
        del ctx
        return sorted(METRIC_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a verb, or return None for an unknown one."""
        del ctx
        if cmd_name not in METRIC_VERBS:
            return None
        for module in ("torch", "sklearn"):
            require(module, extra="metric")
        module, name = METRIC_VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a verb, suggesting the closest where it is unknown."""
        if args and args[0] not in METRIC_VERBS and not args[0].startswith("-"):
            raise UnknownNameError("command", args[0], METRIC_VERBS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their one line of help, importing none of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, line) in sorted(METRIC_VERBS.items())])


@click.group(cls=MetricGroup)
def metric() -> None:
    """Learn representations in which distance means something, and judge them.

    Needs the metric extra: pip install 'holdfast[metric]'.
    """
