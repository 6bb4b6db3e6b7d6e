"""Which labels of the held-out messages a second reader shared, who read them blind and one at a time.

What nobody can tell from a message alone no detector should be held to, and no figure should hide: the report gives
both. The readers judged as a trained volunteer on a text line would, whether they would ask about danger at once. They
were of the same kind as the authors, and no clinicians.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from holdfast.content import ContentModel, load_yaml
from holdfast.safety.utterances.utterance import Split, Utterance

__all__ = ["AGREED", "DOUBTED", "SecondReading", "load_second_reading", "seal_of"]

AGREED, DOUBTED = "agreed", "doubted"

_PATH = Path(__file__).with_name("second_reader.yaml")


class SecondReading(ContentModel):
    """What was read, and the ids of messages whose label the reader was ``unsure`` of or read the other way.

    ``contrary`` are risks read as none and look-alikes read as risk. ``texts_sha256`` is over ids and words of the
    split.
    """

    id: str
    version: int
    split: Split
    notes: str
    texts_sha256: str
    unsure: frozenset[str]
    contrary: frozenset[str]

    def groups_of(self, utterance: Utterance) -> tuple[str, ...]:
        """Return the group that the reader put ``utterance`` in: none where it was not read."""
        if utterance.split is not self.split:
            return ()
        is_doubted = utterance.id in self.unsure or utterance.id in self.contrary
        return (DOUBTED if is_doubted else AGREED,)


@cache
def load_second_reading() -> SecondReading:
    """Read what the second reader said.

    Raises:
        ContentError: The file is missing or malformed.
    """
    return load_yaml(_PATH, SecondReading).value


def seal_of(utterances: Iterable[Utterance]) -> str:
    """Return a SHA-256 over ids and words, in the order of the ids: it changes with what was read."""
    seal = hashlib.sha256()
    for one in sorted(utterances, key=lambda one: one.id):
        seal.update(f"{one.id}\n{one.text}\n".encode())
    return seal.hexdigest()
