"""Names of people and the words around them, as data: what is a name by itself, and what only beside a cue."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError

__all__ = ["Gazetteer", "folded", "load_gazetteer"]

_NAMES = Path(__file__).with_name("names.yaml")
_CUES = Path(__file__).with_name("name_cues.yaml")
_EVERYDAY = frozenset({"words", "months", "places", "other_languages"})


class _NamesFile(ContentModel):
    id: str
    version: int
    written: str
    status: str
    given: Mapping[str, str]
    family: Mapping[str, str]
    everyday: Mapping[str, str]


class _CuesFile(ContentModel):
    id: str
    version: int
    written: str
    status: str
    introductions: str
    beginnings: str
    sign_offs: str
    titles: str
    relations: str
    deeds: str
    particles: str
    not_names: str
    german: str
    english: str


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """Sets of folded words (see ``folded``), and phrases compiled over folded text.

    ``given`` and ``family`` are names that are no everyday word. ``words`` are names that are words too, ``seasons``
    months and places, ``foreign`` words of another language than English.
    """

    given: frozenset[str]
    family: frozenset[str]
    words: frozenset[str]
    seasons: frozenset[str]
    foreign: frozenset[str]
    titles: frozenset[str]
    relations: frozenset[str]
    deeds: frozenset[str]
    particles: frozenset[str]
    not_names: frozenset[str]
    german: frozenset[str]
    english: frozenset[str]
    introductions: re.Pattern[str]
    beginnings: re.Pattern[str]
    sign_offs: re.Pattern[str]
    sha256: tuple[str, str]

    def is_name(self, word: str) -> bool:
        """Whether ``word`` is a name and nothing else."""
        return word in self.given or word in self.family

    def may_be_name(self, word: str) -> bool:
        """Whether ``word`` is a name, be it an everyday word as well."""
        return self.is_name(word) or word in self.words or word in self.seasons or word in self.foreign


def folded(text: str) -> str:
    """Return ``text`` in lower case without accents, character for character: offsets stay what they were."""
    return "".join(_folded_character(character) for character in text)


def _folded_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    if character in "’‘ʼ`´":
        return "'"
    bare = unicodedata.normalize("NFKD", character)[0].lower()
    return bare if len(bare) == 1 else character


def load_gazetteer(names: Path = _NAMES, cues: Path = _CUES) -> Gazetteer:
    """Read the names and the cues.

    Raises:
        ContentError: A file is malformed, or the everyday words are not grouped as expected.
    """
    read, around = load_yaml(names, _NamesFile), load_yaml(cues, _CuesFile)
    if set(read.value.everyday) != _EVERYDAY:
        raise ContentError(f"{names.name} must group everyday words as {', '.join(sorted(_EVERYDAY))}; mend it.")
    everyday = {group: _words(text) for group, text in read.value.everyday.items()}
    ambiguous = frozenset().union(*everyday.values())
    cue = around.value
    never = _words(cue.not_names) | ambiguous
    return Gazetteer(
        given=frozenset().union(*map(_words, read.value.given.values())) - never,
        family=frozenset().union(*map(_words, read.value.family.values())) - never,
        words=everyday["words"],
        seasons=everyday["months"] | everyday["places"],
        foreign=everyday["other_languages"],
        titles=_words(cue.titles),
        relations=_words(cue.relations),
        deeds=_words(cue.deeds),
        particles=_words(cue.particles),
        not_names=_words(cue.not_names),
        german=_words(cue.german),
        english=_words(cue.english),
        introductions=_phrases(cue.introductions),
        beginnings=_phrases(cue.beginnings),
        sign_offs=_phrases(cue.sign_offs),
        sha256=(read.sha256, around.sha256),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(map(folded, text.split()))


def _phrases(text: str) -> re.Pattern[str]:
    """Compile phrases parted by commas, longest first, each followed by what may stand before a name."""
    ordered = sorted({folded(phrase.strip()) for phrase in text.split(",")}, key=len, reverse=True)
    either = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in ordered)
    return re.compile(rf"(?<![\w'])(?:{either})(?![\w'])[\s,:;\"'“”«»*_–—-]*")
