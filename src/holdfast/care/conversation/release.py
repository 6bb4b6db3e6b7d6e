"""Let what an engine wrote through to the person only once output review has passed it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from holdfast.care.conversation.parts import EngineReply
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.templates import Templates
from holdfast.safety.review.verdict import Finding, Harm, OutputReview, ReviewContext, ReviewVerdict

__all__ = ["Released", "Releaser"]

EXEMPT = frozenset({Author.INSTRUMENT, Author.EXERCISE})
"""Instruments are quoted exactly and exercises hand people their own words back: neither may be altered."""


@dataclass(frozen=True, kw_only=True)
class Released:
    """What may be shown, and the verdicts that allowed it, JSON-ready for the trace."""

    reply: EngineReply
    review: tuple[dict[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Releaser:
    """Reviews a draft, then its fallback, and shows a fixed text when neither passes.

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
        if drafted.author in EXEMPT:
            return Released(reply=drafted, review=({"outcome": "exempt", "author": drafted.author.value},))
        verdict = self._judge(drafted.text, drafted)
        records = [_record("draft", verdict)]
        if verdict.is_passed:
            return Released(reply=drafted, review=tuple(records))
        if drafted.fallback is not None:
            verdict = self._judge(drafted.fallback, drafted)
            records.append(_record("fallback", verdict))
            if verdict.is_passed:
                shown = replace(drafted, text=drafted.fallback, author=Author.LIBRARY, model_outcome="withheld")
                return Released(reply=shown, review=tuple(records))
        withheld = replace(
            drafted,
            text=self.templates.text("withheld"),
            author=Author.TEMPLATE,
            route=Route.ABSTAIN,
            sources=(),
            model_outcome="withheld" if drafted.model else None,
        )
        return Released(reply=withheld, review=tuple(records))

    def _judge(self, text: str, drafted: EngineReply) -> ReviewVerdict:
        context = ReviewContext(
            citation_ids=frozenset(source.citation for source in drafted.sources),
            helpline_numbers=self.helpline_numbers,
            private=self.private,
        )
        try:
            return self.review.review(text, context)
        except Exception as error:  # noqa: BLE001 - review fails closed, whatever broke
            finding = Finding(harm=Harm.UNREVIEWABLE, rule=f"reviewer failed: {type(error).__name__}")
            return ReviewVerdict(findings=(finding,), version="failed")


def _record(part: str, verdict: ReviewVerdict) -> dict[str, str]:
    """Return a JSON-ready record of one verdict; it names rules, never words."""
    return {
        "part": part,
        "outcome": "passed" if verdict.is_passed else "withheld",
        "findings": ", ".join(f"{finding.harm.value}: {finding.rule}" for finding in verdict.findings),
        "version": verdict.version,
    }
