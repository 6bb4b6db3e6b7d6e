"""Cases that detection got wrong, by id; with their words only where that is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.safety.detection.verdict import Level
from holdfast.safety.report.case import JudgedCase, Label

__all__ = ["ListedCase", "Wrong", "list_wrong"]


@dataclass(frozen=True, kw_only=True)
class ListedCase:
    """A case by its id, the levels it has and was given, and its words or None."""

    id: str
    level: str
    given: str
    groups: str
    text: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the case, JSON-ready, without words it has none of."""
        said = {"id": self.id, "level": self.level, "given": self.given, "groups": self.groups}
        return said if self.text is None else {**said, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What was missed, what was found but not as crisis, and what was flagged in vain."""

    missed: tuple[ListedCase, ...]
    below_crisis: tuple[ListedCase, ...]
    false_alarms: tuple[ListedCase, ...]
    notice_alarms: tuple[ListedCase, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the lists, JSON-ready."""
        return {name: [one.to_dict() for one in getattr(self, name)] for name in self.__dataclass_fields__}


def list_wrong(judged: Sequence[JudgedCase], *, with_text: bool = False) -> Wrong:
    """List every case that was missed or flagged in vain, in the order of the cases."""

    def listed(label: Label, *given: Level, truth: Level | None = None) -> tuple[ListedCase, ...]:
        return tuple(
            _listed(one, with_text=with_text)
            for one in judged
            if one.case.label is label and one.detection.level in given and truth in {None, one.case.level}
        )

    flagged = (Level.CONCERN, Level.CRISIS)
    return Wrong(
        missed=listed(Label.RISK, Level.NONE, Level.NOTICE),
        below_crisis=listed(Label.RISK, Level.CONCERN, truth=Level.CRISIS),
        false_alarms=listed(Label.BENIGN, *flagged),
        notice_alarms=listed(Label.NOTICE, *flagged),
    )


def _listed(one: JudgedCase, *, with_text: bool) -> ListedCase:
    case = one.case
    shown = [*case.groups.get("category", ()), *case.groups.get("form", ()), *case.groups.get("language", ())]
    return ListedCase(
        id=case.id,
        level=case.label.value if case.level is None else case.level.label,
        given=one.detection.level.label,
        groups=", ".join(shown).replace("_", " "),
        text="\n".join(turn.text for turn in case.turns) if with_text else None,
    )
