"""What the chat says around an instrument's own words, as content."""

from pathlib import Path

from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["PHRASES", "Phrases", "load_phrases"]

PHRASES = Path(__file__).with_name("phrases.yaml")


class Phrases(ContentModel):
    """One text per situation; braces mark what is filled in."""

    id: str
    version: int
    written: str
    offer: str
    offer_minor: str
    not_for_minors: str
    unknown: str
    intro: str
    question: str
    last_question: str
    ask_again: str
    first: str
    paused: str
    resumed: str
    stopped: str
    too_many_blank: str
    changed: str


def load_phrases(path: Path = PHRASES) -> Loaded[Phrases]:
    """Load the phrases.

    Raises:
        ContentError: The file is malformed.
    """
    return load_yaml(path, Phrases)
