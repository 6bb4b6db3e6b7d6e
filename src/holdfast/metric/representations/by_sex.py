"""One representation a stratum: women and men apart, as sex-stratified analyses have it.

Embeddings of different strata are not comparable: each stratum has axes and distances of its own. Whatever is computed
from them (a healthy reference, a distance to it, its percentiles) is computed stratum by stratum.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.representations.card import check_new, read_card, write_card
from holdfast.metric.representations.registry import load_representation
from holdfast.metric.representations.representation import Classes, Representation, Rows

__all__ = ["Strata", "Stratified"]

NAME = "stratified"


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """Which stratum every person belongs to. A person of none of them is left out before.

    Attributes:
        codes: Places in ``names``, (people,).
        names: What the strata are called: ("female", "male").
    """

    codes: NDArray[np.int64]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names) or not self.names:
            raise MetricError(f"Strata must have names, each once, got `{self.names!r}`; name each.")
        if self.codes.ndim != 1 or self.codes.dtype.kind not in "iu":
            raise MetricError(
                f"Strata must be one whole number a person, got {self.codes.dtype} of shape `{self.codes.shape}`; give "
                "places in names."
            )
        if len(self.codes) and not 0 <= self.codes.min() <= self.codes.max() < len(self.names):
            raise MetricError(f"Strata codes must lie in 0 to {len(self.names) - 1}, got others; give places in names.")

    def __iter__(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield the name of each stratum that has people, and their places."""
        for code, name in enumerate(self.names):
            places = np.flatnonzero(self.codes == code)
            if len(places):
                yield name, places


class Stratified:
    """Learns and embeds each stratum apart.

    Args:
        make: Makes a representation for a stratum, not fitted yet.
    """

    def __init__(self, make: Callable[[], Representation]) -> None:
        self._make = make
        self._learnt: dict[str, Representation] = {}

    @property
    def strata(self) -> tuple[str, ...]:
        """Return the names of the strata learnt."""
        return tuple(self._learnt)

    def fit(self, rows: Rows, strata: Strata, classes: Classes | None = None) -> Self:
        """Learn from each stratum's rows, and its classes.

        Raises:
            MetricError: There is no stratum a row, or one of them cannot be learnt from; the message names it.
        """
        _check_lengths(rows, strata)
        learnt: dict[str, Representation] = {}
        for name, places in strata:
            try:
                learnt[name] = self._make().fit(rows[places], None if classes is None else _among(classes, places))
            except MetricError as error:
                raise MetricError(f"In stratum {name!r}: {error}") from error
        if not learnt:
            raise MetricError("Strata must have people to learn from, got none; bring some.")
        self._learnt = learnt
        return self

    def transform(self, rows: Rows, strata: Strata) -> NDArray[np.float32]:
        """Embed each row by its stratum's representation: (people, dimensions), comparable within a stratum only.

        Raises:
            MetricError: A stratum was not learnt, strata have embeddings of different widths, or as ``Representation``.
        """
        _check_lengths(rows, strata)
        parts = [(places, self.of(name).transform(rows[places])) for name, places in strata]
        widths = {part.shape[1] for _, part in parts} or {learnt.transform(rows[:0]).shape[1] for learnt in self._all()}
        if len(widths) > 1:
            raise MetricError(f"Strata must have embeddings of one width, got {sorted(widths)!r}; make them alike.")
        made = np.empty((len(rows), widths.pop()), dtype=np.float32)
        for places, part in parts:
            made[places] = part
        return made

    def of(self, stratum: str) -> Representation:
        """Return the representation of a stratum.

        Raises:
            MetricError: That stratum was not learnt.
        """
        if stratum not in self._learnt:
            learnt = ", ".join(self._learnt) or "none"
            raise MetricError(f"Stratum must be one that was learnt, got {stratum!r}; learnt: {learnt}.")
        return self._learnt[stratum]

    def save(self, folder: Path) -> None:
        """Write each stratum's representation into a folder of its own, then the card that names them.

        Raises:
            MetricError: The folder is there already and not empty, or nothing was learnt yet.
            StorageError: The disk is full or cannot be written to; without its card the folder is not loaded.
        """
        self._all()
        check_new(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for place, learnt in enumerate(self._learnt.values()):
            learnt.save(folder / f"stratum-{place}")
        write_card(folder, name=NAME, content={"strata": list(self._learnt)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load what ``save`` wrote, to embed with; it is not fitted again.

        Raises:
            MetricError: The folder holds no stratified representation, or one that was changed.
        """
        card = read_card(folder)
        strata = card.content.get("strata")
        if card.name != NAME or not isinstance(strata, list):
            raise MetricError(f"Representation must be one a stratum, got `{card.name}`; use load_representation.")
        made = cls(_not_again)
        made._learnt = {str(name): load_representation(folder / f"stratum-{n}") for n, name in enumerate(strata)}
        return made

    def _all(self) -> tuple[Representation, ...]:
        if not self._learnt:
            raise MetricError("Strata must have learnt something first, got nothing yet; call fit or load them.")
        return tuple(self._learnt.values())


def _not_again() -> Representation:
    raise MetricError("A loaded representation must not be fitted again, got a fit; make a new Stratified.")


def _check_lengths(rows: Rows, strata: Strata) -> None:
    if len(rows) != len(strata.codes):
        raise MetricError(f"Strata must be one a row, got {len(strata.codes)} for {len(rows)} rows; give one each.")


def _among(classes: Classes, places: NDArray[np.int64]) -> Classes:
    """Return the classes of the rows at ``places`` (ascending), counted among those."""
    is_in = np.isin(classes.rows, places)
    return Classes(rows=np.searchsorted(places, classes.rows[is_in]), codes=classes.codes[is_in])
