"""Read what stands around a sign: who it is about, when it is, whether it is denied, quoted or a manner of speaking."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import Field

from holdfast.content import ContentModel
from holdfast.safety.detection.matching import Match, Sentence, TemplateIndex
from holdfast.safety.detection.verdict import Tense
from holdfast.safety.detection.word import COMMA

__all__ = ["Cue", "Cues", "Grammar", "Person"]

_REACH = 9
"""Words to the left within which a subject or a denial is looked for."""


_AFTER_AN_ANSWER = frozenset({COMMA, "i", "he", "she", "they", "it", "we", "you", "my", "never", "not"})


class Cue(StrEnum):
    """Words around a sign that change what it means (``rules/context.yaml``)."""

    IDIOM = "idiom"
    LAUGH = "laugh"
    TRIVIAL = "trivial"
    GAME = "game"
    FICTION = "fiction"
    NEWS = "news"
    EDUCATION = "education"
    IF_EVER = "if_ever"
    DISTAL = "distal"
    OVER = "over"
    RETURN = "return"
    DUTY = "duty"
    MISHAP = "mishap"
    PRETEXT = "pretext"
    PARTING = "parting"
    DESPAIR = "despair"
    AILMENT = "ailment"
    RECENT = "recent"
    SPEECH = "speech"
    RELATION = "relation"
    JOKE = "joke"
    GRIEVANCE = "grievance"
    EARNEST = "earnest"
    PLAY = "play"
    SETTLED = "settled"
    WORSE = "worse"
    ONGOING = "ongoing"
    ASKED = "asked"
    DENIAL = "denial"
    UNSURE = "unsure"
    STORY = "story"


class Person(StrEnum):
    """Whom a sign is about.

    ``GENERIC`` is people at large, ``VAGUE`` somebody unnamed ("you", "nobody"), ``NOBODY`` no subject at all, and
    ``IMPLIED`` a sentence that leaves its subject out, which in a message is mostly the person writing.
    """

    SELF = "self"
    OTHER = "other"
    GENERIC = "generic"
    VAGUE = "vague"
    NOBODY = "nobody"
    IMPLIED = "implied"


@dataclass
class Cues:
    """The cues of one message, found on demand sentence by sentence."""

    index: TemplateIndex[Cue]
    message: Sequence[Sentence]
    _found: dict[int, dict[Cue, list[Match[Cue]]]] = field(default_factory=dict)
    _places: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {id(sentence): place for place, sentence in enumerate(self.message)}

    def of(self, sentence: Sentence) -> dict[Cue, list[Match[Cue]]]:
        """Return the cues of ``sentence`` by kind."""
        key = id(sentence)
        if key not in self._found:
            found: dict[Cue, list[Match[Cue]]] = defaultdict(list)
            for match in self.index.find(sentence):
                found[match.payload].append(match)
            self._found[key] = found
        return self._found[key]

    def has(self, sentence: Sentence, *cues: Cue) -> bool:
        """Return whether ``sentence`` carries any of ``cues``."""
        found = self.of(sentence)
        return any(found.get(cue) for cue in cues)

    def anywhere(self, cue: Cue, *, near: Sentence, before: int, after: int = 0) -> bool:
        """Return whether a sentence from ``before`` ahead of ``near`` to ``after`` behind it carries ``cue``."""
        place = self._places[id(near)]
        around = self.message[max(0, place - before) : place + after + 1]
        return any(self.has(sentence, cue) for sentence in around)


class Grammar(ContentModel):
    """Content of ``rules/grammar.yaml``: plain words that say who is meant, what is denied and when it is.

    ``works`` follow "my" without meaning the writer ("my novel"), ``scope_ends`` end the reach of a denial,
    ``raising`` verbs pass it on ("I do not think I"), and ``released`` words right after it let what follows stand
    ("I can not stop thinking of").
    """

    id: str
    version: int = Field(ge=1)
    notes: str
    self: frozenset[str]
    other: frozenset[str]
    generic: frozenset[str]
    vague: frozenset[str]
    relatives: frozenset[str]
    works: frozenset[str]
    third_person_verbs: frozenset[str]
    negators: frozenset[str]
    scope_ends: frozenset[str]
    raising: frozenset[str]
    released: frozenset[str]
    past: frozenset[str]
    present: frozenset[str]

    def person_of(self, sentence: Sentence, start: int, end: int) -> Person:
        """Say whom words ``start`` to ``end`` are about: a reflexive, a subject inside or to the left, or nearby."""
        tokens = sentence.tokens
        for token in tokens[start:end]:
            if token == "myself":  # noqa: S105 - a word, not a secret
                return Person.SELF
            if token in {"himself", "herself", "themselves"}:
                return self._reflexive(tokens, start)
            if token == "yourself":  # noqa: S105 - a word, not a secret
                return Person.GENERIC
        for position in range(start, min(start + 4, end)):
            if (who := self._who(tokens, position)) not in {None, Person.VAGUE}:
                return who or Person.NOBODY
        return self.actor_of(sentence, start)

    def actor_of(self, sentence: Sentence, start: int) -> Person:
        """Say who does what the words from ``start`` tell: their first word, or the nearest subject to the left."""
        tokens = sentence.tokens
        if tokens[start] in self.third_person_verbs and (not start or self._who(tokens, start - 1) is None):
            return Person.OTHER
        for position in range(start, max(-1, start - _REACH - 1), -1):
            if (who := self._who(tokens, position)) is not None:
                return who
        return self._nearby(tokens, start)

    def is_negated(self, sentence: Sentence, start: int, end: int, own_words: Collection[str]) -> bool:
        """Return whether words ``start`` to ``end`` stand in the scope of a denial. Two denials cancel out.

        ``own_words`` are those the template itself is made of: its own "not" is no denial of it.
        """
        tokens = sentence.tokens
        count = sum(token in self.negators and token not in own_words for token in tokens[start:end])
        for position in range(start - 1, max(-1, start - _REACH - 1), -1):
            token = tokens[position]
            if token in self.scope_ends or (token == "i" and not self._is_raised(tokens, position)):  # noqa: S105
                break
            if token in self.negators and not self._is_released(tokens, position, start):
                count += not _is_answer(tokens, position)
        return count % 2 == 1

    def tense_of(self, sentence: Sentence, start: int, end: int) -> Tense:
        """Say when the words are set, by the first telling verb in them, or the nearest to their left."""
        tokens = sentence.tokens
        left = tokens[max(0, start - 6) : start][::-1]
        if "used" in left[:5] and "to" in left[:4]:
            return Tense.PAST
        for token in [*tokens[start:end][:4], *left]:
            if token in self.present:
                return Tense.PRESENT
            if token in self.past:
                return Tense.PRESENT if {"have", "has"} & set(left[:3]) else Tense.PAST
        return Tense.UNKNOWN

    def _who(self, tokens: Sequence[str], position: int) -> Person | None:
        token = tokens[position]
        if token in self.self:
            is_work = token in {"my", "our"} and self.works.intersection(tokens[position + 1 : position + 4])
            return Person.GENERIC if is_work else Person.SELF
        if token in self.other or token in self.relatives:
            return Person.OTHER
        if token in self.generic:
            return Person.GENERIC
        return Person.VAGUE if token in self.vague else None

    def _reflexive(self, tokens: Sequence[str], start: int) -> Person:
        before = tokens[max(0, start - _REACH) : start]
        at_large = self.generic.union(self.vague).intersection(before) and not self.relatives.intersection(before)
        return Person.GENERIC if at_large else Person.OTHER

    def _nearby(self, tokens: Sequence[str], start: int) -> Person:
        present = [who for position in range(len(tokens)) if (who := self._who(tokens, position)) is not None]
        for who in (Person.SELF, Person.OTHER, Person.GENERIC):
            if who in present:
                return who
        return Person.IMPLIED if start <= 3 and set(present) <= {Person.VAGUE} else Person.NOBODY

    def _is_raised(self, tokens: Sequence[str], position: int) -> bool:
        return position > 0 and tokens[position - 1] in self.raising

    def _is_released(self, tokens: Sequence[str], position: int, start: int) -> bool:
        if tokens[position] in {"nobody", "none"} and start - position > 2:
            return True
        return any(token in self.released for token in tokens[position + 1 : min(position + 3, start)])


def _is_answer(tokens: Sequence[str], position: int) -> bool:
    """Return whether a "no" answers what was asked ("no I never", "no, he does not") and denies nothing after it."""
    if tokens[position] != "no" or position + 1 >= len(tokens):
        return False
    begins = position == 0 or tokens[position - 1] == COMMA
    return begins and tokens[position + 1] in _AFTER_AN_ANSWER
