"""The labelled set, read once."""

import pytest

from holdfast.safety.utterances import UtteranceSet


@pytest.fixture(scope="session")
def utterances(labelled_set: UtteranceSet) -> UtteranceSet:
    return labelled_set
