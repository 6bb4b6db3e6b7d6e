"""Understand a short answer to a question about risk: "Are you thinking of suicide?" "yeah sometimes"."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from holdfast.safety.detection.finding import Finding
from holdfast.safety.detection.matching import Match, Sentence, TemplateIndex, sentences
from holdfast.safety.detection.normalise import Normaliser
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.detection.word import Word

__all__ = ["ANSWER", "Answer", "AnswerReader"]

ANSWER = "answer"
"""The theme of what an answer means: its words say it only beside the question."""

_OPENING_WORDS = 5
_QUOTE = '"'
_REFERS_BACK = "ask_that"
_OFFER = "ask_offer"
_QUESTION_TAIL = 1_500
_CATEGORIES = {
    "ask_suicide": Category.SUICIDE,
    "ask_self_harm": Category.SELF_HARM,
    "ask_plan": Category.SUICIDE,
    "ask_safe": Category.SUICIDE,
    "ask_harm_to_others": Category.HARM_TO_OTHERS,
    "ask_abuse": Category.ABUSE_OR_NEGLECT,
}


class Answer(StrEnum):
    """How a person answered a closed question."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class AnswerReader:
    """Reads a person's reply against the question an assistant asked right before it.

    Args:
        normaliser: Brings both into plain words.
        questions: What asks about risk, by kind.
        answers: How people say yes, no, and neither.
    """

    def __init__(self, normaliser: Normaliser, questions: TemplateIndex[str], answers: TemplateIndex[str]) -> None:
        self._normaliser, self._questions, self._answers = normaliser, questions, answers

    def read(self, question: str, reply: str) -> Finding | None:
        """Return what ``reply`` says about risk given ``question``; None where it affirms none."""
        words = self._normaliser.words(reply[:200], keep_fillers=True)
        answer = self._answer(words)
        if answer is None:
            return None
        asked = self._asked(question[-_QUESTION_TAIL:])
        kind = next((name for name in _CATEGORIES if name in asked), None)
        if kind is None:
            return None
        level = _level(answer, is_safety=kind == "ask_safe", is_grave=kind != "ask_self_harm")
        if level is Level.NONE:
            return None
        return Finding(
            rule=f"answer-{kind.removeprefix('ask_')}",
            category=_CATEGORIES[kind],
            theme=ANSWER,
            level=level,
            subject=Subject.SELF,
            tense=Tense.PRESENT,
            start=words[0].start,
            end=words[min(len(words), _OPENING_WORDS) - 1].end,
        )

    def _answer(self, words: Sequence[Word]) -> Answer | None:
        opening = next(sentences(words), None)
        if opening is None:
            return None
        found = {match.payload: match.start for match in self._opening(opening)}
        if "unsure" in found and "yes" not in found and found.get("no", _OPENING_WORDS) >= found["unsure"]:
            return Answer.UNSURE
        if "no" in found and found["no"] <= found.get("yes", _OPENING_WORDS):
            return Answer.NO
        return Answer.YES if "yes" in found else None

    def _opening(self, opening: Sentence) -> Iterator[Match[str]]:
        for match in sorted(self._answers.find(opening), key=lambda match: -match.start):
            if match.start < _OPENING_WORDS:
                yield match

    def _asked(self, question: str) -> set[str]:
        """Return what the questions of an assistant's turn ask about.

        Only a question counts, not a statement, nor one quoted for somebody else to ask. "Is that so?" takes its
        meaning from the sentence before it, and an offer at the end ("Would you like to start?") is what a short
        answer answers, whatever stands before it.
        """
        asked: set[str] = set()
        before: set[str] = set()
        last: set[str] = set()
        for sentence in sentences(self._normaliser.words(question)):
            kinds = {match.payload for match in self._questions.find(sentence)}
            if sentence.is_question and _QUOTE not in sentence.tokens:
                last = kinds
                asked |= kinds | before if _REFERS_BACK in kinds else kinds
            before = kinds
        return set() if _OFFER in last and not last & _CATEGORIES.keys() else asked


def _level(answer: Answer, *, is_safety: bool, is_grave: bool) -> Level:
    if answer is Answer.UNSURE:
        return Level.CONCERN
    affirmed = (answer is Answer.NO) if is_safety else (answer is Answer.YES)
    if not affirmed:
        return Level.NONE
    return Level.CRISIS if is_grave else Level.CONCERN
