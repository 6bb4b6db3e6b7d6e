"""Output review as it is served."""

from collections.abc import Iterable

from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.review.layered import LayeredReview
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.verdict import OutputReview

__all__ = ["default_review"]


def default_review(helplines: Helplines, vetted: Iterable[str]) -> OutputReview:
    """Return the review that judges a language model's words before a person sees them.

    Args:
        helplines: The lines whose names, numbers and addresses may be given.
        vetted: Texts that a reply may take its words from, such as the library's passages.

    Raises:
        ContentError: A rule or word file is malformed.
    """
    return LayeredReview({"rules": RuleReview.load(helplines, vetted)}, required=("rules",))
