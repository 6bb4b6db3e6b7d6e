"""Short words that mean something only beside what was said before: "it is back", "I still feel that way"."""

import re

__all__ = ["is_leaning", "is_returning", "sounds_well"]

_MOST_WORDS = 14
_FELT = r"(?:feel\w*|felt|think\w*|thoughts?|urges?)"
_RETURN = r"(?:still|again|back|keeps?|return\w*|same|not gone|worse)"
_RETURNING = re.compile(rf"\b{_FELT}\b.*\b{_RETURN}\b|\b{_RETURN}\b.*\b{_FELT}\b")
_POINTS = re.compile(rf"\b(?:{_RETURN}|it|that|this|them|those|these|they|so|yes|yeah|yep|yea)\b")
_WELL_WORDS = r"(?:better|help\w*|fine|okay|ok|good|great|calm\w*|relieved|glad|alright|safe)"
_WELL = re.compile(rf"\b(?:{_WELL_WORDS}|thanks?|thank you|thx|cheers|bye|goodbye|good ?night|hello|hi|hey)\b")
_NOT_WELL = re.compile(rf"\b(?:not|no|never|hardly|cannot|\w+n't)\b(?: \w+){{0,3}} {_WELL_WORDS}\b")
_ASKS = re.compile(
    r"^(?:what|how|why|who|when|where|which|can|could|would|should|is|are|do|does|did|tell me|show me|let's)\b|\?$"
)


def is_leaning(message: str) -> bool:
    """Whether ``message`` is short, leans on what was said before and does not say that things go well.

    A question does not lean, unless it speaks of something that comes back.
    """
    text = _plain(message)
    if is_returning(message):
        return True
    if len(text.split()) > _MOST_WORDS or sounds_well(message):
        return False
    return bool(_NOT_WELL.search(text)) or bool(_POINTS.search(text) and not _ASKS.search(text))


def is_returning(message: str) -> bool:
    """Whether ``message`` is short and says that a feeling or thoughts are still there, or are back."""
    text = _plain(message)
    return len(text.split()) <= _MOST_WORDS and not sounds_well(message) and bool(_RETURNING.search(text))


def sounds_well(message: str) -> bool:
    """Whether ``message`` gives thanks, greets or says that things are better, and does not take it back."""
    text = _plain(message)
    return bool(_WELL.search(text)) and not _NOT_WELL.search(text)


def _plain(message: str) -> str:
    return re.sub(r"\s+", " ", message.lower().replace("\u2019", "'")).strip(" .!,")
