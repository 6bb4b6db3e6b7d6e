"""Where the parts of conversations lie among the references: what both detection and calibration go by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from holdfast.safety.learned.boundary import Boundary
from holdfast.safety.learned.encoder import Encoder, Vectors
from holdfast.safety.learned.parts import Part, parts_of
from holdfast.safety.learned.references import Kind, References
from holdfast.turn import Turn

__all__ = ["Reader", "Reading"]

HALFWAY = 0.5
"""The relative distance as near to a danger as to the nearest harmless point."""

FEWEST_WORDS = 5
"""Words below which a text is left to the rules, which know the question it answers."""

FEWEST_LETTERS = 4
"""Letters of other scripts that are enough instead."""

_BATCH = 512


@dataclass(frozen=True)
class Reading:
    """Where one part lies. ``relative`` is the relative distance to ``danger``, its nearest kind of danger: 1 is worst.

    For a model with a boundary it is moved by that.
    ``language`` is the tag of the language it was taken for, ``vector`` its place itself, shape (dimensions,).
    """

    part: Part
    relative: float
    danger: Kind
    language: str
    vector: Vectors = field(repr=False, compare=False)


_Place = tuple[float, Kind, str, Vectors]
"""What a reading holds beside its part."""


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads conversations, many at a time.

    ``plain`` writes a text out in the English its encoder has learnt, and returns the same text where it has nothing to
    put plainly: what differs is read both ways, and the way that lies nearer to danger counts.
    """

    encoder: Encoder
    references: References
    boundary: Boundary | None = None
    plain: Callable[[str], str] = field(default=_as_it_is)

    def read(self, conversations: Sequence[Sequence[Turn]]) -> list[list[Reading]]:
        """Return the readings of each conversation, oldest part first.

        Several turns read as one count only where the last of them leans towards danger by itself: what was said
        before is news only together with what is said now.
        """
        parts = [list(self._parts_of(turns)) for turns in conversations]
        found = iter(self._placed([one for some in parts for one in some]))
        return [_counting([next(found) for _ in some]) for some in parts]

    def _parts_of(self, turns: Sequence[Turn]) -> Iterator[tuple[Part, str]]:
        """Yield the parts with words enough to be placed, as they stand and put plainly, with the latter."""
        for part in parts_of(turns, self.encoder.cut, joins=self.encoder.joins_turns):
            if _says_enough(part.text):
                plain = self.plain(part.text)
                if plain is part.text or _says_enough(plain):
                    yield part, plain

    def worst(self, conversations: Sequence[Sequence[Turn]]) -> list[tuple[float, str]]:
        """Return the greatest relative distance of each conversation, and the language there; 0 where all is blank."""
        blank = (0.0, "")
        found = self.read(conversations)
        return [max(((one.relative, one.language) for one in readings), default=blank) for readings in found]

    def _placed(self, parts: Sequence[tuple[Part, str]]) -> list[Reading]:
        found: list[Reading] = []
        for start in range(0, len(parts), _BATCH):
            batch = parts[start : start + _BATCH]
            places = self._places_both_ways({part.text: plain for part, plain in batch})  # two sentences are the whole
            found += [Reading(part, *places[part.text]) for part, _ in batch]
        return found

    def _places_both_ways(self, plain: Mapping[str, str]) -> dict[str, _Place]:
        """Return the place of each text in ``plain``, which says how it is put plainly."""
        places = dict(zip(plain, self._places([*plain]), strict=True))
        other = {text: put for text, put in plain.items() if put != text}
        if other:
            for text, place in zip(other, self._places([*other.values()]), strict=True):
                places[text] = max(places[text], place, key=lambda one: one[0])
        return places

    def _places(self, texts: Sequence[str]) -> list[_Place]:
        vectors, tongues = self.encoder.encode_with_language(texts)
        relative = self.references.relative_distance(vectors)
        dangers = [self.references.risks[danger] for danger in relative.argmax(axis=1).tolist()]
        worst = relative.max(axis=1)
        moved = worst if self.boundary is None else self.boundary.moved(worst, vectors)
        return list(zip(moved.tolist(), dangers, tongues, vectors, strict=True))


def _says_enough(text: str) -> bool:
    """Return whether ``text`` has words enough to be placed: "yes" and "I did it" mean what they answer.

    Scripts that do not part words count by letters.
    """
    if len(text.split()) >= FEWEST_WORDS:
        return True
    return not text.isascii() and sum(not letter.isascii() for letter in text) >= FEWEST_LETTERS


def _counting(readings: list[Reading]) -> list[Reading]:
    if not readings or not readings[-1].part.is_together:
        return readings
    last = readings[-1].part.turn
    leans = any(one.relative >= HALFWAY for one in readings[:-1] if one.part.turn == last)
    return readings if leans else readings[:-1]
