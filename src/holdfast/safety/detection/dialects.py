"""Put words of other Englishes into the spelling the rules are written in.

The rules know one written English. A person who writes Scots, Nigerian Pidgin or the English of somebody still learning
it must be heard as well: each dialect has *markers*, words nobody else writes, and *words* that are put differently
once a marker shows that the dialect is spoken.
"""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Generic, TypeVar

from pydantic import Field

from holdfast.content import ContentModel
from holdfast.safety.detection.word import Word

__all__ = ["Dialect", "DialectFile", "Dialects"]

T = TypeVar("T")


class Dialect(ContentModel):
    """One English. Keys are a few written words, as the normaliser leaves them, values what the rules know or nothing.

    ``always`` are markers as well: they are put differently wherever they stand. ``words`` mean something else
    elsewhere, so they are put differently only in a message with a marker, of ``always`` or ``markers``.
    """

    id: str
    always: dict[str, str] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)
    markers: tuple[str, ...] = ()


class DialectFile(ContentModel):
    """Content of ``rules/dialects.yaml``."""

    id: str
    version: int = Field(ge=1)
    notes: str
    dialects: tuple[Dialect, ...]


class _Phrases(Generic[T]):
    """What belongs to phrases, found by their first two words, so that hardly any is compared in full."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._by_first: dict[str, dict[str, list[tuple[tuple[str, ...], T]]]] = {}
        for phrase, meant in sorted(phrases, key=lambda pair: -len(pair[0].split())):
            words = tuple(phrase.split())
            following = self._by_first.setdefault(words[0], {})
            following.setdefault(words[1] if len(words) > 1 else "", []).append((words, meant))

    def places(self, said: Sequence[str]) -> list[int]:
        """Return the places of ``said`` where a phrase may begin, by its first two words."""
        return [
            place
            for place, (word, following) in enumerate(zip_longest(said, said[1:]))
            if word in self._by_first and ("" in self._by_first[word] or following in self._by_first[word])
        ]

    def at(self, said: Sequence[str], place: int) -> list[tuple[tuple[str, ...], T]]:
        """Return the phrases that begin at ``place`` of ``said`` with what belongs to them, the longest first."""
        following = self._by_first.get(said[place], {})
        found = following.get(said[place + 1], []) if place + 1 < len(said) else []
        found = [one for one in found if one[0] == tuple(said[place : place + len(one[0])])]
        return found + following.get("", [])


class Dialects:
    """Puts words of other Englishes into plain ones.

    Args:
        dialects: What each of them says otherwise.
    """

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._wordings = [
            _Phrases((written, tuple(meant.split())) for written, meant in {**one.words, **one.always}.items())
            for one in dialects
        ]
        self._markers = _Phrases(
            (marker, number) for number, one in enumerate(dialects) for marker in {*one.markers, *one.always}
        )

    def standard(self, words: list[Word]) -> list[Word]:
        """Return ``words`` with those of every dialect whose marker occurs put differently; spans are kept."""
        said = [word.text for word in words]
        spoken = {number for place in self._markers.places(said) for _, number in self._markers.at(said, place)}
        for number in sorted(spoken):
            words = _put_differently(words, self._wordings[number])
        return words


def _put_differently(words: Sequence[Word], wording: _Phrases[tuple[str, ...]]) -> list[Word]:
    said = [word.text for word in words]
    found: list[Word] = []
    place = 0
    while place < len(words):
        written, meant = next(iter(wording.at(said, place)), ((said[place],), (said[place],)))
        start, end = words[place].start, words[place + len(written) - 1].end
        found += [Word(word, start, end) for word in meant]
        place += len(written)
    return found
