"""The labelled set, read once."""

import pytest

from holdfast.safety.utterances import UtteranceSet, load_utterances


@pytest.fixture(scope="session")
def utterances() -> UtteranceSet:
    return load_utterances()
