"""Let what an engine wrote through to the person only once output review has passed it."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from holdfast.care.conversation.parts import EngineReply
from holdfast.care.conversation.reply import Author, Route, Source
from holdfast.care.conversation.stage import Show, Stage
from holdfast.care.conversation.templates import Templates
from holdfast.safety.review.gate import Gate, GateEnd, GateLimits
from holdfast.safety.review.judging import judge_within
from holdfast.safety.review.verdict import OutputReview, ReviewContext, ReviewVerdict

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
        limits: How long a verdict and a stream may take; a reviewer that is slower counts as a finding.
    """

    review: OutputReview
    templates: Templates
    helpline_numbers: Collection[str] = frozenset()
    private: Collection[str] = ()
    limits: GateLimits = field(default_factory=GateLimits)

    def stage(self, show: Show, *, notice: str | None = None) -> Stage:
        """Return a stage on which one draft is shown sentence by sentence, ``notice`` first."""

        def open_gate(sources: tuple[Source, ...]) -> Gate:
            return Gate(self.review, self._context(sources), self.limits)

        return Stage(open_gate=open_gate, show=show, notice=notice)

    def release_from(self, stage: Stage, drafted: EngineReply) -> Released:
        """Return ``drafted`` as it may stand once ``stage`` is over.

        The whole is judged once more. Where a draft was begun and may not stand, a fixed line asks the person to set
        aside what they saw, and the vetted text follows.
        """
        if stage.verdict is None or stage.end is GateEnd.PASSED or drafted.author not in GENERATED:
            released = self.release(drafted)
        else:
            released = self._withhold(drafted, stage.verdict)
        if not stage.shown or released.reply.author in GENERATED:
            return released
        text = f"{self.templates.text('withdrawn')}\n\n{released.reply.text}"
        return replace(released, reply=replace(released.reply, text=text))

    def release(self, drafted: EngineReply) -> Released:
        """Return ``drafted`` as it may be shown. A reviewer that breaks counts as a finding."""
        if drafted.author not in GENERATED:
            return Released(reply=drafted, review=({"outcome": "vetted", "author": drafted.author.value},))
        verdict = judge_within(self.review, drafted.text, self._context(drafted.sources), budget_s=self.limits.review_s)
        if verdict.is_passed:
            return Released(reply=drafted, review=(_record(verdict),))
        return self._withhold(drafted, verdict)

    def _withhold(self, drafted: EngineReply, verdict: ReviewVerdict) -> Released:
        records = (_record(verdict),)
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

    def _context(self, sources: tuple[Source, ...]) -> ReviewContext:
        return ReviewContext(
            citation_ids=frozenset(source.citation for source in sources),
            helpline_numbers=self.helpline_numbers,
            private=self.private,
        )


def _record(verdict: ReviewVerdict) -> dict[str, str]:
    """Return a JSON-ready record of one verdict; it names rules, never words."""
    return {
        "outcome": "passed" if verdict.is_passed else "withheld",
        "findings": ", ".join(f"{finding.harm.value}: {finding.rule}" for finding in verdict.findings),
        "version": verdict.version,
    }
