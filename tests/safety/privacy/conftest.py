"""The redactor as it is used, built once: it takes seconds."""

from pathlib import Path

import pytest

from holdfast.safety.privacy import Redactor, load_redactor
from holdfast.safety.privacy.labelled import LabelledSentence, read_labelled

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    """Every finder, and the helplines' numbers left in place."""
    pytest.importorskip("presidio_analyzer", reason="the privacy extra is not installed")
    return load_redactor()


@pytest.fixture(scope="session")
def sentences() -> tuple[LabelledSentence, ...]:
    """The labelled sentences, English ones first."""
    return tuple(s for name in ("sentences_en", "sentences_other") for s in read_labelled(HERE / f"{name}.txt"))
