"""Several reviewers of one text: every one of them must pass it, and one that does not do its work has found something.

The layers are independent: rules, and a learned layer that knows what harmful replies are like. Either alone withholds.
"""

from collections.abc import Iterable, Mapping

from holdfast.safety.review.judging import judge_now, judge_within
from holdfast.safety.review.verdict import Finding, Harm, OutputReview, ReviewContext, ReviewVerdict

__all__ = ["LayeredReview"]


class LayeredReview:
    """Output review by layers (implements ``OutputReview``).

    A layer that raises, hangs, answers nonsense or is missing counts as a finding of harm ``unreviewable`` that names
    the layer. With no layer at all nothing passes.

    Args:
        layers: The reviewers by name, asked in this order; all of them are asked, so that a trace names all reasons.
        required: Names that must be there; by default those of ``layers``.
        budget_s: Seconds that one layer may take; above 0.
        interrupt: Run each layer in a thread and stop waiting for it after ``budget_s``: for layers that may hang.
            Without, a layer is waited for, and one that took too long counts as a finding: what is served does not
            hang, and whoever asks for it waits with a budget of their own.
    """

    def __init__(
        self,
        layers: Mapping[str, OutputReview],
        *,
        required: Iterable[str] = (),
        budget_s: float = 5.0,
        interrupt: bool = False,
    ) -> None:
        self._layers = dict(layers)
        self._missing = tuple(name for name in required if name not in self._layers) or (
            () if self._layers else ("review",)
        )
        self._budget_s, self._judge = budget_s, judge_within if interrupt else judge_now

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        """Judge one text by every layer. Never raises on account of a layer."""
        verdicts = [
            self._judge(layer, text, context, budget_s=self._budget_s, name=f"layer {name}")
            for name, layer in self._layers.items()
        ]
        found = [finding for verdict in verdicts for finding in verdict.findings]
        found += [Finding(harm=Harm.UNREVIEWABLE, rule=f"layer {name} missing") for name in self._missing]
        version = " + ".join(verdict.version for verdict in verdicts) or "no layers"
        return ReviewVerdict(findings=tuple(dict.fromkeys(found)), version=version)
