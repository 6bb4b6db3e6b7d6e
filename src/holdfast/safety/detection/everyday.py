"""Say what everyday talk leaves of a sign: banter, play, an event that is over, a form's question answered with no."""

from holdfast.safety.detection.context import Cue, Cues
from holdfast.safety.detection.matching import Match, Sentence
from holdfast.safety.detection.rulebook import Pattern
from holdfast.safety.detection.verdict import Category, Level

__all__ = ["cap_of_everyday"]

_OF_THE_BODY = frozenset({Category.MEDICAL_EMERGENCY, Category.SUBSTANCE_EMERGENCY})
_MYSELF = frozenset({"i", "me", "my", "us", "we", "our"})
_OF_ONESELF = frozenset({Category.SELF_HARM, Category.SUICIDE})
_NAMES = frozenset({"suicide", "suicidal", "harm", "harming", "scars"})
_SOMEBODY = frozenset(
    {"he", "she", "him", "her", "myself", "pupil", "girl", "boy", "lad", "daughter", "son", "friend", "urge", "urges"}
)
_FAREWELLS = frozenset({"goodbye", "farewell", "join"})
_MARKED = frozenset({"marks", "desire", "act", "body", "cover", "shame", "signs", "other", "urge"})
_NEAR = 4
_BY_ANOTHER = frozenset({Category.HARM_TO_OTHERS, Category.ABUSE_OR_NEGLECT})


def cap_of_everyday(match: Match[Pattern], sentence: Sentence, cues: Cues) -> Level:
    """Return the highest level everyday talk around ``match`` leaves it: a crisis where nothing softens it.

    What is softened is worth a line at most; a lesser sign, which counts only beside others, is worth nothing.
    """
    rule = match.payload.rule
    if not (
        (rule.category is Category.HARM_TO_OTHERS and _is_banter(sentence, cues))
        or (rule.category in _BY_ANOTHER and _is_told(sentence, cues))
        or (rule.category in _BY_ANOTHER and cues.has(sentence, Cue.PLAY))
        or (rule.category in _OF_THE_BODY and _is_settled(sentence, cues))
        or (rule.category is Category.SELF_HARM and _is_mishap(match, sentence, cues))
        or (rule.category in _OF_ONESELF and _is_studied(match, sentence, cues))
        or (rule.theme in _FAREWELLS and _is_parting(sentence, cues))
        or (rule.category is Category.EATING_DISORDER and not rule.alone and _is_ailing(sentence, cues))
        or _is_asked_and_denied(match, sentence, cues)
    ):
        return Level.CRISIS
    return Level.NOTICE if rule.alone else Level.NONE


def _is_banter(sentence: Sentence, cues: Cues) -> bool:
    """Return whether a threat is a joke: laughed off, or over something small, and no plan beside it."""
    if cues.anywhere(Cue.EARNEST, near=sentence, before=2, after=2):
        return False
    return cues.has(sentence, Cue.JOKE) or cues.anywhere(Cue.GRIEVANCE, near=sentence, before=1, after=1)


def _is_told(sentence: Sentence, cues: Cues) -> bool:
    """Return whether the sentence tells what a book or film is about, and nothing of the person writing."""
    return cues.has(sentence, Cue.STORY) and _MYSELF.isdisjoint(sentence.tokens)


def _is_settled(sentence: Sentence, cues: Cues) -> bool:
    """Return whether the body's trouble is told as over or seen to, here or soon after, and not as growing worse."""
    is_over = cues.anywhere(Cue.SETTLED, near=sentence, before=0, after=2)
    return is_over and not cues.anywhere(Cue.WORSE, near=sentence, before=1, after=3)


def _is_asked_and_denied(match: Match[Pattern], sentence: Sentence, cues: Cues) -> bool:
    """Return whether the sign is what a form or nurse asked about, and the answer was no."""
    asked = any(cue.start < match.start for cue in cues.of(sentence).get(Cue.ASKED, ()))
    denied = asked and cues.anywhere(Cue.DENIAL, near=sentence, before=0, after=1)
    return denied and not cues.anywhere(Cue.UNSURE, near=sentence, before=0, after=3)


def _is_studied(match: Match[Pattern], sentence: Sentence, cues: Cues) -> bool:
    """Return whether a name of the matter ("self-harm") stands in talk of study or duty, and nobody's harm is told."""
    if {"i", "am", "feel", "was"}.intersection(sentence.tokens[max(0, match.start - 3) : match.end]):
        return False
    if _SOMEBODY.intersection(sentence.tokens) or not _NAMES.intersection(sentence.tokens[match.start : match.end]):
        return False
    return cues.anywhere(Cue.DUTY, near=sentence, before=2, after=2)


def _is_mishap(match: Match[Pattern], sentence: Sentence, cues: Cues) -> bool:
    """Return whether wounds are laid to a pet, a job or a game, with no word of intent, hiding or a cover story."""
    if match.payload.rule.theme not in _MARKED or not cues.anywhere(Cue.MISHAP, near=sentence, before=1, after=2):
        return False
    return not cues.anywhere(Cue.PRETEXT, near=sentence, before=_NEAR, after=_NEAR)


def _is_parting(sentence: Sentence, cues: Cues) -> bool:
    """Return whether a farewell is to a job, a class or a place, and nobody despairs beside it."""
    if not cues.anywhere(Cue.PARTING, near=sentence, before=1, after=1):
        return False
    return not cues.anywhere(Cue.DESPAIR, near=sentence, before=_NEAR, after=_NEAR)


def _is_ailing(sentence: Sentence, cues: Cues) -> bool:
    """Return whether weight or appetite is told beside an illness of the body, a slimming club or plain good food."""
    return cues.anywhere(Cue.AILMENT, near=sentence, before=2, after=2)
