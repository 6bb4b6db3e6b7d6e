"""Output review as it is served: rules first, and a learned layer that sees some of what they do not foresee."""

from collections.abc import Iterable
from functools import cached_property

from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.review.layered import LayeredReview
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.verdict import OutputReview, ReviewContext, ReviewVerdict

__all__ = ["default_review"]


class _OnFirstUse:
    """The learned layer, read when the first text is judged: where no model is connected, numpy stays unloaded."""

    @cached_property
    def _layer(self) -> OutputReview:
        from holdfast.safety.review.learned import load_learned_review

        return load_learned_review()

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        """Judge ``text``. A layer that cannot be read raises, which counts as a finding."""
        return self._layer.review(text, context)


def default_review(helplines: Helplines, vetted: Iterable[str]) -> OutputReview:
    """Return the review that judges a language model's words before a person sees them.

    Where the learned layer cannot be read, or numpy is not installed, nothing of a model passes, and the trace says so.

    Args:
        helplines: The lines whose names, numbers and addresses may be given.
        vetted: Texts that a reply may take its words from, such as the library's passages.

    Raises:
        ContentError: A rule or word file is malformed.
    """
    layers: dict[str, OutputReview] = {"rules": RuleReview.load(helplines, vetted), "learned": _OnFirstUse()}
    return LayeredReview(layers, required=("rules", "learned"))
