"""Explain a score in plain words: what it may mean, what it does not, what to do next, and who says so."""

from dataclasses import dataclass
from typing import Any

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.score import Flag, Score
from holdfast.measured import Unscored
from holdfast.safety.detection.verdict import Level

__all__ = ["NOT_A_DIAGNOSIS", "REVIEW_NOTE", "Explanation", "explain"]

NOT_A_DIAGNOSIS = "This is a screen, not a diagnosis. Only a trained person who talks with you can say what is wrong."
"""Said with every result."""

REVIEW_NOTE = "These explanations have not yet been reviewed by a clinician or a person with lived experience."
"""Said with every result until named people have reviewed the words around the instruments."""


_SAFETY = {
    Level.CONCERN: (
        "You marked an answer about ending your life or hurting yourself. That matters more than any score. "
        "Please tell someone today: a crisis line, a doctor, or a person you trust."
    ),
    Level.CRISIS: (
        "You marked an answer about ending your life or hurting yourself. That matters more than any score. "
        "Please do not stay alone with it. Use Help now, call your local emergency number, or go to someone you trust."
    ),
}


_TALK_FIRST = (
    "Before anything else, talk to someone about the answer on ending your life or hurting yourself. The rest can wait."
)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A result in plain words.

    ``safety`` is said first where a risk item is positive, whatever the total. ``details`` are further lines, in
    order; ``sources`` are full references.
    """

    title: str
    safety: str | None
    summary: str
    meaning: str
    details: tuple[str, ...]
    next_step: str
    seek_help: str
    not_a_diagnosis: str
    sources: tuple[str, ...]
    attribution: str
    review_note: str

    def body_markdown(self) -> str:
        """Return what the result may mean as Markdown, without the next step and when to get help."""
        lines = "\n".join(f"- {line}" for line in self.details)
        told = f"{self.summary} {self.meaning}"
        blocks = [f"**{self.title}**", self.safety, told, lines, f"*{self.not_a_diagnosis}*"]
        return "\n\n".join(block for block in blocks if block)

    def to_markdown(self) -> str:
        """Return the whole explanation as Markdown, sources left out."""
        following = (f"**What you can do next.** {self.next_step}", f"**When to get help.** {self.seek_help}")
        return "\n\n".join((self.body_markdown(), *following))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "title": self.title,
            "safety": self.safety,
            "summary": self.summary,
            "meaning": self.meaning,
            "details": list(self.details),
            "next_step": self.next_step,
            "seek_help": self.seek_help,
            "not_a_diagnosis": self.not_a_diagnosis,
            "sources": list(self.sources),
            "attribution": self.attribution,
            "review_note": self.review_note,
        }


def explain(score: Score) -> Explanation:
    """Return ``score`` in plain words."""
    instrument = score.instrument
    safety = _SAFETY.get(score.risk.level) if score.risk is not None else None
    return Explanation(
        title=f"Your {instrument.short_name} result",
        safety=safety,
        summary=_summary(score),
        meaning=score.band.meaning,
        details=(*_subscore_lines(score), *_flag_lines(score.flags), *_answer_lines(score)),
        next_step=score.band.next if safety is None or not instrument.is_summed else _TALK_FIRST,
        seek_help=instrument.seek_help,
        not_a_diagnosis=NOT_A_DIAGNOSIS,
        sources=tuple(source.text for source in instrument.sources),
        attribution=f"{instrument.attribution} {instrument.licence}",
        review_note=REVIEW_NOTE,
    )


def _summary(score: Score) -> str:
    if isinstance(score.total, Unscored):
        return f"{score.band.label}."
    maximum = score.instrument.maximum
    return f"You scored {score.total} out of {maximum} over {score.instrument.time_frame}: {score.band.label.lower()}."


def _subscore_lines(score: Score) -> list[str]:
    lines: list[str] = []
    for subscore in score.subscores:
        if isinstance(subscore.total, Unscored):
            lines.append(f"{subscore.name}: not scored, as {subscore.total.reason}.")
            continue
        reached = [flag.cut_point for flag in subscore.flags if flag.is_reached]
        tail = f" This reaches the line of {reached[0].at} for {reached[0].flags}." if reached else ""
        lines.append(f"{subscore.name}: {subscore.total} out of {subscore.high}.{tail}")
    return lines


def _flag_lines(flags: tuple[Flag, ...]) -> list[str]:
    return [_flag_line(flag) for flag in flags]


def _flag_line(flag: Flag) -> str:
    point = flag.cut_point
    verb = "reaches" if flag.is_reached else "is below"
    line = f"Your score {verb} {point.at}, the line for {point.flags} ({point.group})."
    if point.sensitivity is None or point.specificity is None:
        return line
    found, spared = _out_of_100(point.sensitivity), _out_of_100(point.specificity)
    return (
        f"{line} In its study, the line found {found} of 100 people with the problem, and "
        f"left out {spared} of 100 people without it."
    )


def _out_of_100(share: float) -> str:
    return f"about {round(share * 100)}"


def _answer_lines(score: Score) -> list[str]:
    instrument = score.instrument
    lines = [skip.explanation for skip in instrument.skips if set(skip.items) & set(score.not_asked)]
    if score.functional is not None and instrument.functional is not None:
        label = instrument.label_of(instrument.functional, score.functional).lower()
        lines.append(f"How hard these problems have made daily life: {label}. This is not part of the score.")
    if score.missing:
        lines.append(f"{_left_blank(score.missing)} {instrument.missing.explanation}")
    if score.risk_unanswered:
        lines.append(_safety_left_blank(instrument))
    return lines


def _left_blank(missing: tuple[str, ...]) -> str:
    return "You left one question blank." if len(missing) == 1 else f"You left {len(missing)} questions blank."


def _safety_left_blank(instrument: Instrument) -> str:
    about = "a question about safety" if len(instrument.risk_items) == 1 else "questions about safety"
    return f"You left {about} blank. That is fine. If there is something there, Help now is always open to you."
