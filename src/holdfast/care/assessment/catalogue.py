"""Every instrument there is, by id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from holdfast.care.assessment.instrument import Instrument
from holdfast.content import Loaded, load_yaml
from holdfast.errors import ContentError, UnknownNameError

__all__ = ["INSTRUMENTS", "Catalogue", "instruments"]

INSTRUMENTS = Path(__file__).with_name("instruments")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The instruments, with the SHA-256 of the file each came from. Iterates in order of id."""

    loaded: Mapping[str, Loaded[Instrument]] = field(repr=False)

    def __iter__(self) -> Iterator[Instrument]:
        return (self.loaded[name].value for name in self.ids)

    def __len__(self) -> int:
        return len(self.loaded)

    def __contains__(self, name: object) -> bool:
        return name in self.loaded

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id, sorted."""
        return tuple(sorted(self.loaded))

    def get(self, name: str) -> Instrument:
        """Return an instrument by id; case, spaces and underscores do not matter.

        Raises:
            UnknownNameError: There is none of that id; the message suggests the closest.
        """
        return self.loaded[self._known(name)].value

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of an instrument's file.

        Raises:
            UnknownNameError: There is none of that id.
        """
        return self.loaded[self._known(name)].sha256

    @property
    def artefacts(self) -> dict[str, str]:
        """``instrument:ID`` to SHA-256 for all of them, as a trace or a release manifest records it."""
        return {f"instrument:{name}": self.loaded[name].sha256 for name in self.ids}

    def _known(self, name: str) -> str:
        folded = name.strip().lower().replace(" ", "-").replace("_", "-")
        if folded not in self.loaded:
            raise UnknownNameError("instrument", name, self.ids)
        return folded


def instruments(folder: Path = INSTRUMENTS) -> Catalogue:
    """Load every instrument of a folder.

    Raises:
        ContentError: A file is malformed, is not named after its id, its wording has drifted, or there is none.
    """
    loaded = {path.stem: load_yaml(path, Instrument) for path in sorted(folder.glob("*.yaml"))}
    if not loaded:
        raise ContentError(f"{folder.name} must hold at least one instrument, found none; restore the files.")
    for stem, file in loaded.items():
        if stem != file.value.id:
            raise ContentError(f"{file.path.name} must be named after its id {file.value.id!r}; rename it.")
    return Catalogue(loaded=MappingProxyType(loaded))
