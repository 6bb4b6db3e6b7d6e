"""Labelled things people might say, by kind of danger and by form, with look-alikes that mean none.

They train and test detection. Written by the engineering team, not yet reviewed by a clinician or a person with lived
experience; ``docs/explanation/utterance-set.md`` is their datasheet and says what they are not.
"""

from holdfast.safety.utterances.collection import UtteranceSet, load_utterances
from holdfast.safety.utterances.utterance import Form, Language, Split, Utterance

__all__ = ["Form", "Language", "Split", "Utterance", "UtteranceSet", "load_utterances"]
