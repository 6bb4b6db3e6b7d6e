"""What a rule found, and what several findings are worth together."""

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.safety.detection.verdict import Category, Level, Subject, Tense

__all__ = ["Finding", "raise_by_themes"]

_ENOUGH_WEIGHT = 4


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A match and what it is worth here. ``start`` and ``end`` are offsets into the turn's original text."""

    rule: str
    category: Category
    theme: str
    level: Level
    subject: Subject
    tense: Tense
    start: int
    end: int
    requires_other: bool = False
    alone: bool = True
    weight: int = 2


def raise_by_themes(findings: Sequence[Finding]) -> dict[Category, Level]:
    """Return the level that several signs of one kind reach together, by category; those that reach none are left out.

    Lesser themes are enough when their weights add up to four: two weighty ones, one and two light ones, or four light
    ones. Enough lesser ones make a concern. Of suicide, two themes of concern, or one beside enough lesser ones, make
    a crisis. Only present signs count; of suicide only those about the person writing.
    """
    raised: dict[Category, Level] = {}
    for category in {finding.category for finding in findings}:
        level = _raised([f for f in findings if f.category is category and _counts_together(f)], category)
        if level is not Level.NONE:
            raised[category] = level
    return raised


def _raised(findings: Sequence[Finding], category: Category) -> Level:
    concern = {f.theme for f in findings if f.level >= Level.CONCERN}
    weak = {f.theme: f.weight for f in findings if f.level is Level.NOTICE and f.theme not in concern}
    has_enough = sum(weak.values()) >= _ENOUGH_WEIGHT
    if category is Category.SUICIDE and (len(concern) >= 2 or (concern and has_enough)):
        return Level.CRISIS
    return Level.CONCERN if has_enough else Level.NONE


def _counts_together(finding: Finding) -> bool:
    if finding.tense is Tense.PAST or finding.theme in {"mention", "desire"}:
        return False
    if finding.category is Category.SUICIDE:
        return finding.subject is Subject.SELF
    return not finding.alone and finding.subject is not Subject.UNKNOWN
