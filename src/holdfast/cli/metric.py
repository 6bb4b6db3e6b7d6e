"""``holdfast metric``: learn embeddings, use them, judge them, and compare the losses that make them."""

import click

from holdfast.cli.lazy_group import LazyGroup, Verbs
from holdfast.optional import require

__all__ = ["METRIC_VERBS", "metric"]

METRIC_VERBS: Verbs = {
    "bench": ("holdfast.cli.metric_bench:bench", "Compare losses on one network and one budget."),
    "embed": ("holdfast.cli.metric_embed:embed", "Embed a table with an encoder."),
    "fit": ("holdfast.cli.metric_fit:fit", "Learn an encoder from a table."),
    "score": ("holdfast.cli.metric_score:score", "Judge embeddings by the neighbours they give."),
}


class MetricGroup(LazyGroup):
    """Says which extra is missing before a command that needs it is imported."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a verb, or return None for an unknown one.

        Raises:
            MissingExtraError: torch or scikit-learn is not installed; the message carries the pip line.
        """
        if cmd_name in self.verbs:
            for module in ("torch", "sklearn"):
                require(module, extra="metric")
        return super().get_command(ctx, cmd_name)


@click.group(cls=MetricGroup, verbs=METRIC_VERBS)
def metric() -> None:
    """Learn representations in which distance means something, and judge them.

    Needs the metric extra: pip install 'holdfast[metric]'.
    """
