"""Everyday words: those that say little about what a question is about."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["EverydayWords", "load_everyday_words"]

EVERYDAY_WORDS = Path(__file__).parent / "everyday_words.yaml"


class EverydayWords(ContentModel):
    """The words, separated by white space, and what one weighs, 0 to 1, where any other word weighs 1."""

    id: str
    version: int = Field(ge=1)
    weight: Annotated[float, Field(gt=0, le=1)]
    words: str


def load_everyday_words(path: Path = EVERYDAY_WORDS) -> Loaded[EverydayWords]:
    """Read the list.

    Raises:
        ContentError: The file is malformed.
    """
    return load_yaml(path, EverydayWords)
