"""Articles about a particular group or condition, and the words by which a question mentions it."""

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from holdfast.care.conversation.state import Audience
from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.language.stem import stem
from holdfast.language.words import words

__all__ = ["Group", "Particular", "load_particular"]

PARTICULAR = Path(__file__).parent / "particular.yaml"


class Group(ContentModel):
    """Topics of articles for a group or about a condition, and what mentions it.

    ``words`` are separated by white space; a phrase is matched as a whole. For ``audiences`` it goes without saying.
    """

    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    audiences: tuple[Audience, ...] = ()
    words: str
    phrases: tuple[str, ...] = ()

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(map(stem, words(self.words)))

    @cached_property
    def _phrases(self) -> tuple[str, ...]:
        return tuple(f" {' '.join(map(stem, words(phrase)))} " for phrase in self.phrases)

    def is_mentioned(self, said: Sequence[str], meant: Collection[str]) -> bool:
        """Whether a question mentions the group: its stems in order, ``said``, or those that they stand for."""
        if not self._stems.isdisjoint(said) or not self._stems.isdisjoint(meant):
            return True
        text = f" {' '.join(said)} "
        return any(phrase in text for phrase in self._phrases)


class Particular(ContentModel):
    """The groups, and what a passage's score is multiplied by, above 0 to 1, where nobody mentioned its group."""

    id: str
    version: int = Field(ge=1)
    weight: Annotated[float, Field(gt=0, le=1)]
    groups: tuple[Group, ...]

    def unmentioned(self, said: Sequence[str], meant: Collection[str], *, audience: Audience) -> frozenset[str]:
        """Return the topics that rank lower for this question and audience.

        Args:
            said: The question's words as stems, in order.
            meant: The stems that its subjects stand for, mended and translated.
            audience: Who asks.
        """
        unnamed = (g for g in self.groups if audience not in g.audiences and not g.is_mentioned(said, meant))
        return frozenset(topic for group in unnamed for topic in group.topics)


def load_particular(path: Path = PARTICULAR) -> Loaded[Particular]:
    """Read the groups.

    Raises:
        ContentError: The file is malformed.
    """
    return load_yaml(path, Particular)
