"""``holdfast safety train``: train what detection and output review have learnt, from the data in the package."""

from dataclasses import replace
from pathlib import Path

import click

from holdfast.errors import InputError
from holdfast.optional import require

__all__ = ["train"]


@click.command("train")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Where the model goes. Without it and --encoder, the installed one is replaced.")  # fmt: skip
@click.option("--encoder", metavar="FOLDER",
              help="Train the semantic layer on this sentence-transformers folder, or a name on the hub.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1, 100), help="With --encoder: how often it learns from every text.")
@click.option("--rate", type=click.FloatRange(0, 0.1, min_open=True),
              help="With --encoder: the highest learning rate; half the usual for a tuned folder.")  # fmt: skip
@click.option("--tense", is_flag=True,
              help="Only teach the model in --out, or the installed one, to tell past from present.")  # fmt: skip
@click.option("--review", is_flag=True, help="Train the learned layer of output review as well.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=20261130, show_default=True, help="Of the training.")
def train(
    out: Path | None, encoder: str | None, epochs: int | None, rate: float | None, tense: bool, review: bool, seed: int
) -> None:
    """Train the learned layer of detection from the utterances in the package.

    Needs the extra `metric` (torch); what it writes runs without. Ctrl-C stops it; nothing is replaced until the end.
    """
    require("torch", extra="metric")
    if encoder is not None and out is None:
        raise InputError("A semantic model must be written somewhere, got no --out; name a folder.")
    if tense and (encoder is not None or review):
        raise InputError("--tense must come without --encoder and --review: it trains neither; call it by itself.")
    if encoder is None and (epochs is not None or rate is not None):
        raise InputError("--epochs and --rate are settings of a sentence network, got no --encoder; name its folder.")
    from holdfast.safety.learned.model import BUILT_IN
    from holdfast.safety.learned.training import fitting
    from holdfast.safety.learned.training.network_fitting import NetworkSettings
    from holdfast.safety.learned.training.ngram_fitting import NGramSettings
    from holdfast.safety.learned.training.thresholds import SEMANTIC_AIMS, Aims
    from holdfast.safety.utterances import load_utterances

    utterances, target = load_utterances(), out or BUILT_IN
    if tense:
        fitting.teach_tense(utterances, target, tell=_tell)
    elif encoder is None:
        fitting.train_ngrams(utterances, target, settings=NGramSettings(seed=seed), aims=Aims(), tell=_tell)
    else:
        usual = NetworkSettings(seed=seed)
        settings = replace(usual, epochs=epochs or usual.epochs, rate=rate or usual.rate)
        fitting.train_semantic(utterances, target, source=encoder, settings=settings, aims=SEMANTIC_AIMS, tell=_tell)
    if review:
        _train_review()
    click.echo(f"wrote {target}")


def _train_review() -> None:
    from holdfast.care.education.library import load_library
    from holdfast.safety.review.training.fitting import train_review

    _tell("training the learned layer of output review")
    train_review([passage.text for passage in load_library().passages])


def _tell(said: str) -> None:
    click.echo(said, err=True)
