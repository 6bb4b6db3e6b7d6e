"""Everyday words and what the library calls them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.language.stem import stem
from holdfast.language.words import words

__all__ = ["Synonyms", "load_synonyms"]

SYNONYMS = Path(__file__).parent / "synonyms.yaml"

Phrase = Annotated[str, StringConstraints(min_length=2, max_length=60)]


class _Entry(ContentModel):
    say: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    means: Annotated[tuple[Phrase, ...], Field(min_length=1)]


class _Table(ContentModel):
    id: str
    version: int
    entries: Annotated[tuple[_Entry, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Synonyms:
    """Maps a phrase, as a tuple of stems, to the stems of the library's words for it. ``longest`` is in words."""

    meanings: Mapping[tuple[str, ...], frozenset[str]]
    longest: int
    vocabulary: frozenset[str]
    sha256: str

    def match(self, stems: Sequence[str], start: int) -> tuple[int, frozenset[str]]:
        """Return how many words the longest phrase at ``start`` has and what it means; 0 and nothing where none is."""
        for length in range(min(self.longest, len(stems) - start), 0, -1):
            if meaning := self.meanings.get(tuple(stems[start : start + length])):
                return length, meaning
        return 0, frozenset()


def load_synonyms(path: Path = SYNONYMS) -> Synonyms:
    """Read the table.

    Raises:
        ContentError: The file is malformed, or gives one phrase two entries.
    """
    loaded = load_yaml(path, _Table)
    meanings: dict[tuple[str, ...], frozenset[str]] = {}
    vocabulary: set[str] = set()
    for entry in loaded.value.entries:
        means = frozenset(stem(word) for phrase in entry.means for word in words(phrase))
        for phrase in entry.say:
            said = words(phrase)
            key = tuple(map(stem, said))
            if not key or meanings.get(key, means) != means:
                raise ContentError(f"{path.name} must give each phrase one entry; {phrase!r} has two, or has no words.")
            meanings[key] = means
            vocabulary.update(said)
    return Synonyms(meanings, max(map(len, meanings)), frozenset(vocabulary), loaded.sha256)
