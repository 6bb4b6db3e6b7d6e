"""What output review found in text before a person sees it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

__all__ = ["Finding", "Harm", "OutputReview", "ReviewContext", "ReviewVerdict"]


class Harm(StrEnum):
    """Ways in which a text must not reach a person."""

    METHOD_CONTENT = "method_content"
    ENCOURAGEMENT = "encouragement"
    COLLUSION = "collusion"
    DIAGNOSIS = "diagnosis"
    MEDICATION_ADVICE = "medication_advice"
    IMPERSONATION = "impersonation"
    STIGMA = "stigma"
    DEPENDENCY = "dependency"
    INVENTED_HELPLINE = "invented_helpline"
    INVENTED_CITATION = "invented_citation"
    LEAK = "leak"
    OFF_SCOPE = "off_scope"
    UNREVIEWABLE = "unreviewable"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason to withhold a text: the harm and the rule that saw it, never the text itself."""

    harm: Harm
    rule: str


@dataclass(frozen=True, kw_only=True)
class ReviewContext:
    """What the reviewer may compare a text with.

    ``citation_ids`` are the only citations the text may carry; ``helpline_numbers`` the only telephone numbers,
    digits only; ``private`` are strings (system prompt lines, another person's data) that must not appear.
    """

    citation_ids: Collection[str] = frozenset()
    helpline_numbers: Collection[str] = frozenset()
    private: Collection[str] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class ReviewVerdict:
    """Whether a text may be shown, and why not. ``version`` names the reviewer's rules (id and hash)."""

    findings: tuple[Finding, ...] = ()
    version: str

    @property
    def is_passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class OutputReview(Protocol):
    """Judges text independently of detection and of whatever wrote it."""

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        """Judge one text, a sentence or more. Raising counts as a finding: callers fail closed."""
        ...
