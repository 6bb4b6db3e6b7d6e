"""Grade matches of the English rules in their context."""

from collections.abc import Iterable

from holdfast.safety.detection.context import Cue, Cues, Grammar, Person
from holdfast.safety.detection.everyday import cap_of_everyday
from holdfast.safety.detection.finding import Finding
from holdfast.safety.detection.matching import Match, Sentence
from holdfast.safety.detection.rulebook import Pattern, Rule
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense

__all__ = ["grade"]

_ABOUT_ONESELF = frozenset({Category.SUICIDE, Category.SELF_HARM})
_ACUTE = frozenset({Category.SUBSTANCE_EMERGENCY, Category.MEDICAL_EMERGENCY, Category.ABUSE_OR_NEGLECT})
_OF_ONES_OWN = frozenset({"my", "our", "he", "she", "him", "her"})
_NOBODY_NAMED = frozenset({Person.NOBODY, Person.VAGUE})
_AT_LARGE = frozenset({Person.NOBODY, Person.VAGUE, Person.GENERIC})
_MESSAGE = 6
"""Sentences around a sign in which the message may say that it is over, or back."""
_GAME_VERBS = frozenset({"killed", "die", "died", "dying", "dies", "kill", "shot", "killing", "murdered"})


def grade(match: Match[Pattern], sentence: Sentence, cues: Cues, grammar: Grammar) -> Finding | None:
    """Return what ``match`` is worth in its context, or None where it signals nothing."""
    if _is_manner_of_speaking(match, sentence, cues):
        return None
    rule = match.payload.rule
    person = _person(match, sentence, cues, grammar)
    tense = _tense(match, sentence, cues, grammar)
    is_denied = rule.negatable and grammar.is_negated(sentence, match.start, match.end, match.payload.words)
    level = _denied(rule, person) if is_denied else min(rule.grade, *_caps(match, sentence, cues, person, tense))
    if level is Level.NONE:
        return None
    return Finding(
        rule=rule.id,
        category=rule.category,
        theme=rule.theme,
        level=level,
        subject=_subject(person),
        tense=tense,
        start=sentence.words[match.start].start,
        end=sentence.words[match.end - 1].end,
        requires_other=rule.requires_other,
        alone=rule.alone,
        weight=rule.weight,
    )


def _is_manner_of_speaking(match: Match[Pattern], sentence: Sentence, cues: Cues) -> bool:
    return match.payload.rule.idioms and any(match.overlaps(idiom) for idiom in cues.of(sentence).get(Cue.IDIOM, ()))


def _denied(rule: Rule, person: Person) -> Level:
    worth_a_line = rule.category in _ABOUT_ONESELF and rule.grade >= Level.CONCERN and person is Person.SELF
    return Level.NOTICE if worth_a_line else Level.NONE


def _person(match: Match[Pattern], sentence: Sentence, cues: Cues, grammar: Grammar) -> Person:
    stated = match.payload.rule.subject
    if stated in {"self", "other"}:
        return Person(stated)
    if stated == "actor":
        found = grammar.actor_of(sentence, match.start)
    else:
        found = grammar.person_of(sentence, match.start, match.end)
    if found is Person.IMPLIED or (found in _NOBODY_NAMED and stated == "own"):
        return Person.GENERIC if _is_about_the_topic(sentence, cues) else Person.SELF
    if found in _AT_LARGE and match.payload.rule.category is Category.HARM_TO_OTHERS:
        return Person.SELF if _is_by_oneself(match, sentence, cues) else found
    return found


def _is_by_oneself(match: Match[Pattern], sentence: Sentence, cues: Cues) -> bool:
    """Return whether the writer is the one who would do it, whoever it would be done to ("the kids I will get")."""
    return "i" in sentence.tokens[: match.end] and not _is_about_the_topic(sentence, cues)


def _is_about_the_topic(sentence: Sentence, cues: Cues) -> bool:
    return cues.has(sentence, Cue.EDUCATION, Cue.NEWS, Cue.FICTION, Cue.IF_EVER)


def _tense(match: Match[Pattern], sentence: Sentence, cues: Cues, grammar: Grammar) -> Tense:
    rule = match.payload.rule
    tense = grammar.tense_of(sentence, match.start, match.end)
    if _is_behind(sentence, cues, tense):
        return Tense.PAST
    if rule.tense != "auto":
        is_over = not rule.alone and cues.anywhere(Cue.DISTAL, near=sentence, before=1, after=1)
        return Tense.PAST if rule.tense == "past" or is_over else Tense.PRESENT
    if rule.category in _ACUTE and not _is_history(sentence, cues, tense):
        return Tense.PRESENT
    if rule.category in _ACUTE and tense is not Tense.PRESENT:
        return Tense.PAST
    if tense is Tense.UNKNOWN and cues.has(sentence, Cue.DISTAL):
        return Tense.PAST
    if tense is Tense.PAST and cues.has(sentence, Cue.RECENT) and not cues.has(sentence, Cue.DISTAL):
        return Tense.PRESENT
    return Tense.PRESENT if tense is Tense.UNKNOWN else tense


def _is_history(sentence: Sentence, cues: Cues, tense: Tense) -> bool:
    """Return whether an acute event is placed years back, here or in the next words, and not said to go on."""
    if cues.anywhere(Cue.ONGOING, near=sentence, before=1, after=3):
        return False
    if cues.has(sentence, Cue.DISTAL):
        return True
    if tense is Tense.PAST:
        return cues.anywhere(Cue.DISTAL, near=sentence, before=1, after=2)
    return tense is Tense.UNKNOWN and cues.anywhere(Cue.DISTAL, near=sentence, before=0, after=2)


def _caps(match: Match[Pattern], sentence: Sentence, cues: Cues, person: Person, tense: Tense) -> Iterable[Level]:
    """Yield the highest level each part of the context allows."""
    if match.payload.rule.category not in _ACUTE or person is not Person.OTHER:
        yield _cap_of_person(sentence, cues, person)
    if match.payload.rule.category is Category.ABUSE_OR_NEGLECT and person is Person.OTHER:
        yield _cap_of_hearsay(sentence, cues)
    yield _cap_of_time(match.payload.rule, sentence, cues, tense)
    yield _cap_of_invention(match, sentence, cues, person)
    yield cap_of_everyday(match, sentence, cues)
    if cues.has(sentence, Cue.IF_EVER) and not _is_threat(match, sentence):
        yield Level.NOTICE
    if match.payload.rule.hyperbole:
        yield _cap_of_exaggeration(match, sentence, cues)


def _cap_of_person(sentence: Sentence, cues: Cues, person: Person) -> Level:
    if person in _AT_LARGE:
        educational = cues.anywhere(Cue.EDUCATION, near=sentence, before=1) or cues.has(sentence, Cue.NEWS)
        return Level.NONE if educational else Level.NOTICE
    if person is Person.SELF:
        return Level.CRISIS
    if cues.has(sentence, Cue.EDUCATION) and not _OF_ONES_OWN & set(sentence.tokens):
        return Level.NOTICE
    known = cues.anywhere(Cue.RELATION, near=sentence, before=6, after=3)
    if not known and cues.has(sentence, Cue.NEWS):
        return Level.NOTICE
    return Level.CRISIS if known else Level.CONCERN


def _cap_of_hearsay(sentence: Sentence, cues: Cues) -> Level:
    """Abuse of somebody the writer does not say they know is mostly news or talk."""
    return Level.CRISIS if cues.anywhere(Cue.RELATION, near=sentence, before=6, after=3) else Level.NOTICE


def _cap_of_time(rule: Rule, sentence: Sentence, cues: Cues, tense: Tense) -> Level:
    if tense is not Tense.PAST:
        return Level.CRISIS
    if _is_over(sentence, cues):
        return Level.NOTICE
    if cues.anywhere(Cue.DISTAL, near=sentence, before=1, after=1):
        return Level.NOTICE
    return {"notice": Level.NOTICE, "concern": Level.CONCERN, "keep": Level.CRISIS}[rule.past]


def _is_behind(sentence: Sentence, cues: Cues, tense: Tense) -> bool:
    """Return whether the message tells of a time long ago and says that it is over: in one sentence, or in the past."""
    reach = 0 if tense is Tense.PRESENT else 2
    return cues.anywhere(Cue.DISTAL, near=sentence, before=reach, after=reach) and _is_over(sentence, cues)


def _is_over(sentence: Sentence, cues: Cues) -> bool:
    """Return whether the message says that things are well since, and nothing of a return."""
    over = cues.anywhere(Cue.OVER, near=sentence, before=_MESSAGE, after=_MESSAGE)
    return over and not cues.anywhere(Cue.RETURN, near=sentence, before=_MESSAGE, after=_MESSAGE)


def _cap_of_invention(match: Match[Pattern], sentence: Sentence, cues: Cues, person: Person) -> Level:
    if person is Person.SELF and not _is_quoted(match, sentence):
        verb = sentence.tokens[match.start] in _GAME_VERBS
        return Level.NONE if verb and cues.has(sentence, Cue.GAME) else Level.CRISIS
    if cues.anywhere(Cue.FICTION, near=sentence, before=2) or cues.has(sentence, Cue.GAME):
        return Level.NONE if person is not Person.SELF or cues.has(sentence, Cue.SPEECH) else Level.NOTICE
    return Level.CRISIS


def _is_quoted(match: Match[Pattern], sentence: Sentence) -> bool:
    return 1 in (sentence.tokens[:end].count('"') % 2 for end in (match.start, match.end))


def _is_threat(match: Match[Pattern], sentence: Sentence) -> bool:
    """Return whether the condition is another's doing ("if he leaves I will"), not a question about one day."""
    before = sentence.tokens[max(0, match.start - 4) : match.start]
    return any(word in {"will", "going", "would"} for word in before)


def _cap_of_exaggeration(match: Match[Pattern], sentence: Sentence, cues: Cues) -> Level:
    made_to = {"makes", "made", "make", "making"} & set(sentence.tokens[max(0, match.start - 4) : match.start])
    if made_to and cues.has(sentence, Cue.TRIVIAL):
        return Level.NOTICE
    if not cues.has(sentence, Cue.LAUGH):
        return Level.CRISIS
    return Level.CONCERN if match.payload.rule.grade is Level.CRISIS else Level.NOTICE


def _subject(person: Person) -> Subject:
    if person is Person.SELF:
        return Subject.SELF
    return Subject.UNKNOWN if person in _AT_LARGE else Subject.OTHER
