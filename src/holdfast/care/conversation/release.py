"""Let what an engine wrote through to the person only once output review has passed it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from holdfast.care.conversation.parts import EngineReply
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.templates import Templates
from holdfast.safety.review.verdict import Finding, Harm, OutputReview, ReviewContext, ReviewVerdict

__all__ = ["Released", "Releaser"]

GENERATED = frozenset({Author.MODEL})
"""Whose words are judged each time. All others were written ahead of time and are pinned by hash: a test puts every
article and fixed text through the same review, instruments are quoted exactly, and exercises hand people their own
words back."""


@dataclass(frozen=True, kw_only=True)
class Released:
    """What may be shown, and the verdicts that allowed it, JSON-ready for the trace."""

    reply: EngineReply
    review: tuple[dict[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Releaser:
    """Reviews what was generated, and shows the vetted fallback, or a fixed text, when it does not pass.

    Attributes:
        helpline_numbers: The only telephone numbers a text may carry, digits only.
        private: Strings that must not be shown, such as lines of a prompt.
    """

    review: OutputReview
    templates: Templates
    helpline_numbers: Collection[str] = frozenset()
    private: Collection[str] = ()

    def release(self, drafted: EngineReply) -> Released:
        """Return ``drafted`` as it may be shown. A reviewer that breaks counts as a finding."""
        if drafted.author not in GENERATED:
            return Released(reply=drafted, review=({"outcome": "vetted", "author": drafted.author.value},))
        verdict = self._judge(drafted)
        records = (_record(verdict),)
        if verdict.is_passed:
            return Released(reply=drafted, review=records)
        if drafted.fallback is not None:
            shown = replace(drafted, text=drafted.fallback, author=Author.LIBRARY, model_outcome="withheld")
            return Released(reply=shown, review=records)
        withheld = replace(
            drafted,
            text=self.templates.text("withheld"),
            author=Author.TEMPLATE,
            route=Route.ABSTAIN,
            sources=(),
            model_outcome="withheld",
        )
        return Released(reply=withheld, review=records)

    def _judge(self, drafted: EngineReply) -> ReviewVerdict:
        context = ReviewContext(
            citation_ids=frozenset(source.citation for source in drafted.sources),
            helpline_numbers=self.helpline_numbers,
            private=self.private,
        )
        try:
            return self.review.review(drafted.text, context)
        except Exception as error:  # noqa: BLE001 - review fails closed, whatever broke
            finding = Finding(harm=Harm.UNREVIEWABLE, rule=f"reviewer failed: {type(error).__name__}")
            return ReviewVerdict(findings=(finding,), version="failed")


def _record(verdict: ReviewVerdict) -> dict[str, str]:
    """Return a JSON-ready record of one verdict; it names rules, never words."""
    return {
        "outcome": "passed" if verdict.is_passed else "withheld",
        "findings": ", ".join(f"{finding.harm.value}: {finding.rule}" for finding in verdict.findings),
        "version": verdict.version,
    }
