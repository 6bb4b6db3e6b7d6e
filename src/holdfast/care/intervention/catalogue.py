"""Every exercise that can be practised, with the hash of its file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from holdfast.care.intervention.exercise import Exercise
from holdfast.content import Loaded, load_yaml
from holdfast.errors import ContentError, UnknownNameError

__all__ = ["Catalogue", "exercises"]

_FOLDER = Path(__file__).parent / "exercises"


@dataclass(frozen=True)
class Catalogue:
    """Exercises by id. Iteration yields them in the order of their ids."""

    loaded: Mapping[str, Loaded[Exercise]]

    def __iter__(self) -> Iterator[Exercise]:
        return (self.loaded[exercise_id].value for exercise_id in sorted(self.loaded))

    def __len__(self) -> int:
        return len(self.loaded)

    def __contains__(self, exercise_id: object) -> bool:
        return exercise_id in self.loaded

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id, sorted."""
        return tuple(sorted(self.loaded))

    def get(self, exercise_id: str) -> Exercise:
        """Return the exercise with this id.

        Raises:
            UnknownNameError: There is none; the message suggests the closest.
        """
        return self._find(exercise_id).value

    def sha256(self, exercise_id: str) -> str:
        """Return the SHA-256 of the exercise's file as 64 hexadecimal digits.

        Raises:
            UnknownNameError: There is no such exercise.
        """
        return self._find(exercise_id).sha256

    def _find(self, exercise_id: str) -> Loaded[Exercise]:
        if exercise_id not in self.loaded:
            raise UnknownNameError("exercise", exercise_id, self.loaded)
        return self.loaded[exercise_id]


def exercises(folder: Path = _FOLDER) -> Catalogue:
    """Load every ``<id>.yaml`` in ``folder``, by default the exercises that come with Holdfast.

    Raises:
        ContentError: There is none, one is malformed, or a file is not named after its id.
    """
    loaded = [load_yaml(path, Exercise) for path in sorted(folder.glob("*.yaml"))]
    if not loaded:
        raise ContentError("The exercises folder must hold at least one .yaml file, got none; restore them.")
    for one in loaded:
        if one.path.stem != one.value.id:
            raise ContentError(f"{one.path.name} must be named after its id, got {one.value.id!r}; rename one.")
    return Catalogue({one.value.id: one for one in loaded})
