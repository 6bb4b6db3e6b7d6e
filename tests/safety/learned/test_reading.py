"""Claims about reading many conversations at once: it places each part where plain loops, one at a time, place it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from holdfast.safety.learned import LearnedModel, References
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.hashing import hash_texts
from holdfast.safety.learned.ngram_encoder import NGramEncoder, weighed
from holdfast.safety.learned.reading import Reader, Reading
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Split
from holdfast.turn import Role, Turn

NEAREST = 3


@pytest.fixture(scope="module")
def conversations(utterances: UtteranceSet) -> list[Sequence[Turn]]:
    """Return every two hundredth utterance of dev, all languages, some windows, and a message of several sentences."""
    some = utterances.of(Split.DEV)
    windows = [one.turns for one in some if one.is_window]
    long = " ".join(turn.text for one in some[:12] for turn in one.turns)
    return [*(one.turns for one in some[::200]), *windows[:4], [Turn(Role.PERSON, long)]]


def plain_sums(encoder: NGramEncoder, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the vector and the scores of languages of a text, feature by feature, in double precision."""
    hashed = hash_texts([text])
    point, scores = np.zeros(encoder.dimensions), np.zeros(len(encoder.languages))
    for bucket, weight in zip(hashed.buckets.tolist(), weighed(hashed, encoder.rarity).tolist(), strict=True):
        point += weight * float(encoder.vectors.scales[bucket]) * encoder.vectors.codes[bucket].astype(float)
        scores += weight * float(encoder.tongues.scales[bucket]) * encoder.tongues.codes[bucket].astype(float)
    return point / (np.sqrt((point**2).sum()) or 1.0), scores


def plain_relative(references: References, point: np.ndarray) -> dict[str, float]:
    """Return the relative distance to each kind of danger, by name, kind by kind."""
    away = {}
    for number, kind in enumerate(references.kinds):
        members = [row for row, owner in zip(references.points, references.owners, strict=True) if owner == number]
        away[kind] = float(np.mean(sorted(float(np.sqrt(((row - point) ** 2).sum())) for row in members)[:NEAREST]))
    harmless = min(distance for kind, distance in away.items() if kind.category is None)
    return {kind.name: harmless / (harmless + far) for kind, far in away.items() if kind.category is not None}


def test_every_part_lies_where_plain_loops_place_it(
    installed: LearnedModel, conversations: list[Sequence[Turn]]
) -> None:
    encoder = installed.encoder
    assert isinstance(encoder, NGramEncoder)
    found = Reader(encoder=encoder, references=installed.references).read(conversations)
    readings = [reading for some in found for reading in some]
    assert len(readings) > 60
    assert sum(reading.part.is_together for reading in readings) > 1
    for reading in readings:
        point, scores = plain_sums(encoder, reading.part.text)
        relative = plain_relative(installed.references, point)
        assert reading.relative == pytest.approx(max(relative.values()), abs=1e-4)
        assert relative[reading.danger.name] == pytest.approx(max(relative.values()), abs=1e-4)
        assert scores[encoder.languages.index(reading.language)] == pytest.approx(scores.max(), abs=1e-4)


def test_many_conversations_are_read_as_one_by_one(
    installed: LearnedModel, conversations: list[Sequence[Turn]]
) -> None:
    reader = Reader(encoder=installed.encoder, references=installed.references)
    for turns, together in zip(conversations, reader.read(conversations), strict=True):
        alone = reader.read([turns])[0]
        assert [(one.part, one.danger, one.language) for one in together] == [
            (one.part, one.danger, one.language) for one in alone
        ]
        assert [one.relative for one in together] == pytest.approx([one.relative for one in alone], abs=1e-4)


class Counts:
    """Places a text by its length, and counts how often it was asked to."""

    id = "counts"
    dimensions = 2
    joins_turns = True

    def __init__(self, encoder: NGramEncoder) -> None:
        self.asked: Counter[str] = Counter()
        self.cut = encoder.cut

    def reads_all(self, text: str) -> bool:
        return bool(text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked.update(texts)
        return np.array([[1 / len(text), 1 - 1 / len(text)] for text in texts], dtype=np.float32)

    def encode_with_language(self, texts: Sequence[str]) -> tuple[Vectors, list[str]]:
        return self.encode(texts), [f"x{len(text)}" for text in texts]


def test_the_same_words_twice_are_placed_once_and_read_twice(installed: LearnedModel) -> None:
    encoder = installed.encoder
    assert isinstance(encoder, NGramEncoder)
    counts = Counts(encoder)
    kinds = installed.references.kinds
    risk = next(kind for kind in kinds if kind.category is not None)
    calm = next(kind for kind in kinds if kind.category is None)
    references = References((risk, calm), np.eye(2, dtype=np.float32), np.arange(2))
    both = "Some words are said here. Other words are said there now."
    turns = [[Turn(Role.PERSON, both)], [Turn(Role.PERSON, "Nothing but these few other words")]] * 2
    found = Reader(encoder=counts, references=references).read(turns)
    assert set(counts.asked.values()) == {1}
    said = [[reading.part.text for reading in some] for some in found]
    assert said == [[both, *both.replace(". ", ".|").split("|"), both], [turns[1][0].text]] * 2
    assert all(_is_own(reading) for some in found for reading in some)


def _is_own(reading: Reading) -> bool:
    return reading.language == f"x{len(reading.part.text)}"
