"""``holdfast safety``: judge detection, and train the layer of it that learns."""

import click

from holdfast.cli.lazy_group import LazyGroup, Verbs

__all__ = ["SAFETY_VERBS", "safety"]

SAFETY_VERBS: Verbs = {
    "report": ("holdfast.cli.safety_report:report", "Judge detection by group, as one page to read."),
    "slim": ("holdfast.cli.safety_slim:slim", "Cut a sentence network to size, to train the semantic layer on."),
    "train": ("holdfast.cli.safety_train:train", "Train the learned layer from the data in the package."),
}


@click.group(cls=LazyGroup, verbs=SAFETY_VERBS)
def safety() -> None:
    """Judge how well danger is found in what people write.

    For research, not for care: a flag is for a person to look at, and diagnoses nobody.
    """
