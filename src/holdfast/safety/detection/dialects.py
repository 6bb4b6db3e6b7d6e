"""Put words of other Englishes into the spelling the rules are written in.

The rules know one written English. A person who writes Scots, Nigerian Pidgin or the English of somebody still learning
it must be heard as well: each dialect has *markers*, words nobody else writes, and *words* that are put differently
once a marker shows that the dialect is spoken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from holdfast.content import ContentModel
from holdfast.safety.detection.word import Word

__all__ = ["Dialect", "DialectFile", "Dialects"]


class Dialect(ContentModel):
    """One English. Keys are up to three written words, as the normaliser leaves them, values what the rules know.

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


@dataclass(frozen=True)
class _Wording:
    """What is put differently: by first word, the longest phrase first, with the words it stands for."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]

    @classmethod
    def of(cls, phrases: Mapping[str, str]) -> "_Wording":
        grouped: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for written in sorted(phrases, key=lambda key: -len(key.split())):
            grouped.setdefault(written.split()[0], []).append((tuple(written.split()), tuple(phrases[written].split())))
        return cls({first: tuple(some) for first, some in grouped.items()})

    def apply(self, words: Sequence[Word]) -> list[Word]:
        found: list[Word] = []
        position = 0
        while position < len(words):
            size, meant = self._at(words, position)
            start, end = words[position].start, words[position + size - 1].end
            found += [Word(word, start, end) for word in meant]
            position += size
        return found

    def _at(self, words: Sequence[Word], position: int) -> tuple[int, tuple[str, ...]]:
        for written, meant in self.by_first.get(words[position].text, ()):
            if written == tuple(word.text for word in words[position : position + len(written)]):
                return len(written), meant
        return 1, (words[position].text,)


class Dialects:
    """Puts words of other Englishes into plain ones.

    Args:
        dialects: What each of them says otherwise.
    """

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._wordings = [_Wording.of({**one.words, **one.always}) for one in dialects]
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for number, one in enumerate(dialects):
            for marker in (*one.markers, *one.always):
                parts = tuple(marker.split())
                self._by_first.setdefault(parts[0], []).append((parts, number))

    def standard(self, words: list[Word]) -> list[Word]:
        """Return ``words`` with those of every dialect whose marker occurs put differently; spans are kept."""
        for number in sorted(self._spoken_in([word.text for word in words])):
            words = self._wordings[number].apply(words)
        return words

    def _spoken_in(self, said: Sequence[str]) -> set[int]:
        return {
            number
            for place, word in enumerate(said)
            for parts, number in self._by_first.get(word, ())
            if parts == tuple(said[place : place + len(parts)])
        }
