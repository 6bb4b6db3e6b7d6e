"""Find names of people: by a gazetteer, by what stands around them, and by a model where there is one.

A name that is no word is found wherever it stands, in lower case too. A name that is a word as well (Will, Grace, May)
counts where something says so: an introduction, a title, a relation, a family name after it, a deed beside it, or a
capital letter in the middle of a sentence in a language that does not capitalise its nouns.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from holdfast.safety.privacy.gazetteer import Gazetteer, folded
from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.span import NameModel, Span

__all__ = ["ModelNames", "NameFinder"]

_WORD = re.compile(r"[^\W\d_]+(?:['’.-](?=[^\W\d_])[^\W\d_]+)*")
_GAP = re.compile(r"(?:\.?[ \t\u00a0]|[-])+")
_ENDS_SENTENCE = re.compile(r"[.!?…:;\n\"“«(*•#>]\s*[\"“«'(*#-]*$")
_DETERMINERS = frozenset({"the", "a", "an", "this", "that", "every", "no", "some", "any", "more", "of", "in", "on"})
_POSSESSIVE = re.compile(r"['’]s?$")
_CJK = re.compile(
    r"(?:我叫|我的名字是|我名叫|叫做|私の名前は|名前は)\s*([\u4e00-\u9fff\u3040-\u30ffー]{1,6}?)(?=[，。,.!！、的和说很です]|$|\s)"
)
_OTHER_SCRIPTS = re.compile(r"(?:मेरा नाम|меня зовут|мене звати|اسمي|أنا اسمي|שמי)\s+([^\W\d_]+(?:[\u0900-\u097f]*)?)")
_LEAST_LETTERS = 3
_SPEAKING = frozenset({"i'm", "im", "am", "me", "soy", "sou", "suis", "sono", "bin", "dear", "hi", "hello", "hola"})
_ABBREVIATIONS = frozenset(
    {
        "dr",
        "mr",
        "mrs",
        "ms",
        "mx",
        "prof",
        "rev",
        "sgt",
        "st",
        "sr",
        "sra",
        "srta",
        "dra",
        "m",
        "mme",
        "mlle",
        "hr",
        "fr",
    }
    | {"sig", "dott", "sig.ra", "dott.ssa"}
)


@dataclass(frozen=True, kw_only=True)
class _Word:
    start: int
    end: int
    text: str
    plain: str

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1 and self.is_capital


@dataclass(frozen=True)
class NameFinder:
    """Finds names by the gazetteer and its cues."""

    gazetteer: Gazetteer

    def __call__(self, text: str) -> Iterator[Span]:
        """Return the names in ``text``."""
        reading = _Reading(text, self.gazetteer)
        for rule, first, last in reading.found():
            yield Span(
                start=reading.words[first].start,
                end=reading.end_of(last),
                kind=Kind.PERSON,
                rule=rule,
                is_sure=rule != "gazetteer",
            )
        for pattern in (_CJK, _OTHER_SCRIPTS):
            for match in pattern.finditer(text):
                yield Span(start=match.start(1), end=match.end(1), kind=Kind.PERSON, rule="introduction", is_sure=True)


@dataclass(frozen=True)
class ModelNames:
    """Finds the names that a model finds."""

    model: NameModel

    def __call__(self, text: str) -> Iterator[Span]:
        """Return the names in ``text``."""
        for start, end in self.model.names(text):
            yield Span(start=start, end=end, kind=Kind.PERSON, rule="model")


class _Reading:
    """One text, read once: its words, its language, and the ranges of words that are names."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        self.text, self.gazetteer, self.plain = text, gazetteer, folded(text)
        self.words = [
            _Word(start=m.start(), end=m.end(), text=m[0], plain=_POSSESSIVE.sub("", self.plain[m.start() : m.end()]))
            for m in _WORD.finditer(text)
        ]
        self._at = {word.start: place for place, word in enumerate(self.words)}

    @cached_property
    def is_german(self) -> bool:
        german = sum(word.plain in self.gazetteer.german for word in self.words)
        return german >= 2 and german > sum(word.plain in self.gazetteer.english for word in self.words)

    @cached_property
    def is_english(self) -> bool:
        return sum(word.plain in self.gazetteer.english for word in self.words) >= 2

    @cached_property
    def is_shouted(self) -> bool:
        """Whether capital letters say nothing, because nearly every letter is one."""
        letters = [c for c in self.text if c.isalpha()]
        return len(letters) > 4 and sum(c.isupper() for c in letters) > 0.7 * len(letters)

    @cached_property
    def is_titled(self) -> bool:
        """Whether capital letters say nothing, because nearly every word has one."""
        long = [word for word in self.words if len(word.text) > 3]
        return len(long) > 4 and sum(word.is_capital for word in long) > 0.8 * len(long)

    def end_of(self, place: int) -> int:
        """Return where a name ends: a possessive ending stays behind."""
        word = self.words[place]
        return word.start + len(_POSSESSIVE.sub("", word.text))

    def found(self) -> Iterator[tuple[str, int, int]]:
        """Return each name as a rule and the first and last of its words."""
        yield from self._after(self.gazetteer.introductions, "introduction", self._introduced)
        yield from self._after(self.gazetteer.beginnings, "beginning", self._begun)
        yield from self._signed()
        for place, word in enumerate(self.words):
            if word.plain.rstrip(".") in self.gazetteer.titles:
                yield from self._range("title", place + 1, self._titled(place + 1))
            if word.plain in self.gazetteer.relations:
                yield from self._range("relation", *self._related(place))
            if self._stands_alone(place):
                yield "gazetteer", place, self._last(place)

    def _after(
        self, pattern: re.Pattern[str], rule: str, holds: Callable[[int], bool]
    ) -> Iterator[tuple[str, int, int]]:
        for match in pattern.finditer(self.plain):
            place = self._at.get(match.end())
            if place is not None:
                yield from self._range(rule, place, holds(place))

    def _range(self, rule: str, place: int, holds: bool) -> Iterator[tuple[str, int, int]]:
        if holds:
            yield rule, place, self._last(place)

    def _introduced(self, place: int) -> bool:
        word = self.words[place]
        if word.plain in self.gazetteer.not_names and not (word.is_capital and self._closes(place)):
            return False
        return word.plain not in self.gazetteer.relations and (len(word.text) > 1 or word.is_initial)

    def _begun(self, place: int) -> bool:
        """After a beginning: a known name, or another word with a capital letter that closes the phrase."""
        word, known = self.words[place], self.gazetteer
        if known.is_name(word.plain):
            return True
        if word.plain in known.not_names or not word.is_capital or self.is_shouted or word.plain in known.titles:
            return False
        before = self.words[place - 1].plain if place else ""
        is_person = before in _SPEAKING
        if known.may_be_name(word.plain):
            is_place = word.plain in known.seasons and not is_person
            return not is_place and (self._closes(place) or self._is_followed_by_name(place))
        return is_person and self._closes(place) and not self.is_german and len(word.text) >= _LEAST_LETTERS

    def _titled(self, place: int) -> bool:
        if place >= len(self.words) or not self._touches(place):
            return False
        word = self.words[place]
        if word.plain in self.gazetteer.not_names:
            return False
        before = self.words[place - 1]
        if before.plain == "miss" and not before.is_capital and not word.is_capital:
            return False
        if word.is_capital and not self.is_shouted and not self._is_acronym(place):
            return before.is_capital or self.gazetteer.may_be_name(word.plain) or len(before.plain) > 2
        is_spelt_small = before.plain in {"dr", "mr", "mrs", "ms", "miss"} and word.plain not in self.gazetteer.deeds
        return self.gazetteer.is_name(word.plain) or (is_spelt_small and self.gazetteer.may_be_name(word.plain))

    def _related(self, place: int) -> tuple[int, bool]:
        """Return where a name may follow a relation, over a comma and "called", and whether one does."""
        after = place + 1
        while after < len(self.words) and self.words[after].plain in {
            "called",
            "named",
            "is",
            "name",
            "llamada",
            "llamado",
        }:
            after += 1
        if after >= len(self.words) or not re.fullmatch(
            r"[\s,('\"“-]+(?:s\s)?(?:(?:is|called|named|name|llamad[ao])\s+)*[\"'“(]?",
            self.plain[self.words[place].end : self.words[after].start],
        ):
            return after, False
        word, known = self.words[after], self.gazetteer
        if word.plain in known.not_names or self.is_shouted:
            return after, known.is_name(word.plain)
        if known.is_name(word.plain):
            return after, True
        if not word.is_capital or self._starts_sentence(after) or self._is_acronym(after):
            return after, False
        return after, known.may_be_name(word.plain) or not self.is_german

    def _signed(self) -> Iterator[tuple[str, int, int]]:
        """Names that end the text after a closing phrase or a dash on a line of their own."""
        if not self.words:
            return
        for back in range(1, min(4, len(self.words)) + 1):
            place = len(self.words) - back
            start = self.words[place].start
            head, tail = self.plain[:start], self.text[self.words[-1].end :]
            if tail.strip(" .!\n\tx♥❤️)") or self._last(place) != len(self.words) - 1:
                continue
            is_closed = self._is_closing(head, is_known=self.gazetteer.may_be_name(self.words[place].plain))
            is_lone = re.search(r"(?:\n|[.!?]\s)\s*[-–—~]+\s*$", head) is not None
            word = self.words[place]
            is_word = word.plain in self.gazetteer.not_names or len(word.text) < 2 or self._is_acronym(place)
            if (is_closed or is_lone) and not is_word and (word.is_capital or self.gazetteer.may_be_name(word.plain)):
                yield "sign-off", place, len(self.words) - 1
                return

    def _is_closing(self, head: str, *, is_known: bool) -> bool:
        """Whether ``head`` ends in a closing phrase that begins a line or a sentence, parted from what follows."""
        closings = (m for m in self.gazetteer.sign_offs.finditer(head) if m.end() == len(head))
        for closing in closings:
            before, gap = head[: closing.start()].rstrip(" \t"), closing[0]
            is_start = not before or before[-1] in "\n.!?,-–—"
            if is_start and ((is_known and not gap.startswith("love ")) or re.search(r"[,\n–—-]\s*$", gap) is not None):
                return True
        return False

    def _is_acronym(self, place: int) -> bool:
        """Whether a word is all capitals where others are not, and no name."""
        word = self.words[place]
        return word.text.isupper() and not self.is_shouted and not self.gazetteer.is_name(word.plain)

    def _stands_alone(self, place: int) -> bool:
        """Whether a word is a name without any cue before it."""
        word, known = self.words[place], self.gazetteer
        if word.start and self.text[word.start - 1] == "@":
            return False
        if word.plain in known.given:
            if len(word.text) <= _LEAST_LETTERS and word.text.isupper() and not self.is_shouted:
                return False
            return word.is_capital or (len(word.plain) >= 4 and not self._is_part(place))
        if not word.is_capital or self.is_shouted:
            return False
        if "-" in word.plain and all(part in known.given for part in word.plain.split("-")):
            return True
        if word.plain in known.family:
            return not self.is_german and not self.is_titled and not self._starts_sentence(place)
        if word.plain in known.words or word.plain in known.foreign or word.plain in known.seasons:
            return self._is_name_by_place(place)
        return False

    def _is_name_by_place(self, place: int) -> bool:
        """Whether a word that is also a name is one here."""
        word, known = self.words[place], self.gazetteer
        after = self.words[place + 1].plain if place + 1 < len(self.words) and self._touches(place + 1) else ""
        before = self.words[place - 1].plain if place else ""
        if word.plain in known.not_names and before in _SPEAKING:
            return False
        if self._is_followed_by_name(place) and before not in _DETERMINERS:
            return True
        if word.text.isupper() and len(word.text) > 1:
            return False
        does = after in known.deeds or self._is_ours(place)
        is_first = self._starts_sentence(place)
        if word.plain in known.seasons:
            return does if is_first else (does or before in {"told", "asked", "texted", "met", "married", "dating"})
        if is_first:
            return does or (word.plain in known.foreign and self.is_english and word.plain not in known.words)
        if self.is_german or self.is_titled or before in _DETERMINERS:
            return does and not self.is_german
        return not self._is_part(place)

    def _is_ours(self, place: int) -> bool:
        """Whether what follows says who somebody is to the person: "is my sister", "and I"."""
        tail = self.plain[self.words[place].end : self.words[place].end + 16]
        return (
            re.match(
                r"\s+(?:(?:is|was) my\b|and (?:i|my|me)\b|es mi\b|est m(?:on|a)\b|ist mein|e (?:mia|mio|minha|meu)\b)",
                tail,
            )
            is not None
        )

    def _is_part(self, place: int) -> bool:
        """Whether a word is part of something else that is capitalised or compound: "Grace Church", "St Mark"."""
        before = self.words[place - 1] if place and self._touches(place) else None
        after = self.words[place + 1] if place + 1 < len(self.words) and self._touches(place + 1) else None
        is_after = after is not None and after.is_capital and not self.gazetteer.may_be_name(after.plain)
        is_before = (
            before is not None and before.is_capital and before.plain != "i" and not self._starts_sentence(place - 1)
        )
        return is_after or (is_before and not self.gazetteer.may_be_name(before.plain if before else ""))

    def _is_followed_by_name(self, place: int) -> bool:
        after = place + 1
        if after >= len(self.words) or not self._touches(after):
            return False
        word = self.words[after]
        return word.is_capital and self.gazetteer.is_name(word.plain) and word.plain not in self.gazetteer.not_names

    def _last(self, place: int) -> int:
        """Return the last word of the name that begins at ``place``: given names, initials, particles, family names."""
        last = place
        while last + 1 < len(self.words) and self._touches(last + 1) and not self._is_possessive(last):
            if self._goes_on(last + 1):
                last += 1
            elif self._is_particle(last + 1):
                last += 2
            else:
                break
        return last

    def _goes_on(self, place: int) -> bool:
        word, known = self.words[place], self.gazetteer
        if word.plain in known.not_names and not word.is_initial:
            return False
        if known.is_name(word.plain) and (word.is_capital or not self.words[place - 1].is_capital):
            return True
        if not word.is_capital or self.is_shouted or self.is_titled:
            return False
        if word.is_initial:
            return word.plain != "i"
        is_calendar = word.plain in known.seasons
        return (not is_calendar and not self.is_german) or known.may_be_name(word.plain)

    def _is_particle(self, place: int) -> bool:
        """Whether a small word between two parts of a name is one of them: "van" in "Anna van Dijk"."""
        after = place + 1
        if self.words[place].plain not in self.gazetteer.particles or after >= len(self.words):
            return False
        return self._touches(after) and self.words[after].is_capital and self.words[place - 1].is_capital

    def _is_possessive(self, place: int) -> bool:
        return _POSSESSIVE.search(self.words[place].text) is not None

    def _touches(self, place: int) -> bool:
        """Whether nothing but a space, a full stop after a short word or a hyphen lies before a word."""
        if place == 0:
            return False
        before = self.words[place - 1]
        gap = self.text[before.end : self.words[place].start]
        if _GAP.fullmatch(gap) is None or "\n" in gap:
            return False
        return "." not in gap or len(before.text) == 1 or before.plain in _ABBREVIATIONS

    def _closes(self, place: int) -> bool:
        """Whether the phrase ends after the name that begins here."""
        tail = self.plain[self.words[self._last(place)].end :]
        return (
            re.match(
                r"\s*(?:$|[.,!?;:\n)–—-]|(?:and|here|from|by|speaking|y|e|et|und|i'm|i am|de|aus|da|again)\b)", tail
            )
            is not None
        )

    def _starts_sentence(self, place: int) -> bool:
        head = self.text[: self.words[place].start].rstrip(" \t")
        return not head.strip(" \"'“«(*-") or _ENDS_SENTENCE.search(head) is not None
