"""``holdfast metric``: learn embeddings, use them, judge them, and compare the losses that make them."""

import click

from holdfast.cli.lazy_group import LazyGroup, Verbs

__all__ = ["METRIC_VERBS", "metric"]

METRIC_VERBS: Verbs = {
    "bench": ("holdfast.cli.metric_bench:bench", "Compare losses on one network and one budget."),
    "embed": ("holdfast.cli.metric_embed:embed", "Embed a table with an encoder."),
    "fit": ("holdfast.cli.metric_fit:fit", "Learn an encoder from a table."),
    "score": ("holdfast.cli.metric_score:score", "Judge embeddings by the neighbours they give."),
}


@click.group(cls=LazyGroup, verbs=METRIC_VERBS, needs=(("torch", "sklearn"), "metric"))
def metric() -> None:
    """Learn representations in which distance means something, and judge them.

    Needs the metric extra: pip install 'holdfast[metric]'.
    """
