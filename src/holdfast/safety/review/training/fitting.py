"""Train the learned layer of output review and write it to a folder."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.ngram_fitting import NGramSettings, fit_ngrams
from holdfast.safety.review.learned import BUILT_IN, ReplyReferences, save_learned_review
from holdfast.safety.review.training.replies import load_replies

__all__ = ["SETTINGS", "THRESHOLD", "train_review"]

SETTINGS = NGramSettings()

THRESHOLD = 0.565
"""Set on the first set of good replies in the tests, of which fewer than 3 in 100 lie above it."""


def _silent(epoch: int, loss: float) -> None:
    del epoch, loss


def train_review(
    vetted: Iterable[str],
    folder: Path = BUILT_IN,
    *,
    settings: NGramSettings = SETTINGS,
    threshold: float = THRESHOLD,
    tell: Callable[[int, float], None] = _silent,
) -> None:
    """Train on the replies of the package and the sentences of ``vetted`` texts; half a minute on one core.

    Args:
        vetted: Good texts beside the written ones, such as the library's passages.
        folder: Where the model is written.
        settings: Of the encoder's training; the same seed on the same machine gives the same model.
        threshold: The relative distance above which a sentence is withheld.
        tell: Called after each epoch with its number and mean loss.
    """
    replies = load_replies(vetted)
    count = len(replies.texts)
    is_harm = np.array([replies.kinds[label] != "good" for label in replies.labels], dtype=bool)
    examples = Examples(replies.texts, replies.labels, is_harm, ("",) * count, ("en",) * count)
    encoder = fit_ngrams(examples, settings, tell=tell)
    references = ReplyReferences(kinds=replies.kinds, points=encoder.encode(replies.texts), owners=replies.labels)
    card = {
        "id": "learned-review",
        "loss": "nplb",
        "settings": asdict(settings),
        "replies_sha256": replies.sha256,
        "trained_on": len(replies.texts),
        "status": "not yet reviewed by a clinician or a person with lived experience",
    }
    save_learned_review(folder, encoder=encoder, references=references, threshold=threshold, card=card)
