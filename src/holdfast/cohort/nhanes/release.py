"""Which files of NHANES folders hold, by cycle: transport files, mortality files, or merged Parquet."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import Cycle, Dictionary

__all__ = ["CycleFiles", "Release", "find_release"]

_TRANSPORT = re.compile(r"^(?P<file>[A-Z0-9_]+)_(?P<letter>[A-Z])$")
_MORTALITY = re.compile(r"^NHANES_(?P<first>\d{4})_(?P<last>\d{4})_MORT_\d{4}_PUBLIC$")


@dataclass(frozen=True, kw_only=True)
class CycleFiles:
    """The files of one cycle.

    Attributes:
        cycle: Which.
        transport: Its SAS transport files.
        mortality: Its linked mortality file, or None: nobody of this cycle is followed up then.
    """

    cycle: Cycle
    transport: tuple[Path, ...]
    mortality: Path | None


@dataclass(frozen=True, kw_only=True)
class Release:
    """What was found. One of the two is empty."""

    cycles: tuple[CycleFiles, ...]
    merged: tuple[Path, ...]


def find_release(inputs: Iterable[Path], dictionary: Dictionary) -> Release:
    """Sort the files of ``inputs`` by cycle.

    Args:
        inputs: Folders, not searched below, or single files.
        dictionary: Says which cycles are read.

    Raises:
        CohortError: There is nothing to read, a file of a cycle that is not read, a mortality file of a cycle that is
            not among the transport files, or both layouts at once.
    """
    files = tuple(_files(inputs))
    transport = _by_cycle((f for f in files if f.suffix.upper() == ".XPT"), dictionary)
    mortality = _mortality((f for f in files if f.suffix.upper() == ".DAT"), dictionary)
    merged = tuple(f for f in files if f.suffix.lower() == ".parquet")
    if merged and (transport or mortality):
        raise CohortError(
            "NHANES must be given as published or as merged Parquet, not both",
            f"{len(merged)} Parquet and {len(files) - len(merged)} published files",
            "name one folder",
        )
    if not merged and not transport:
        raise CohortError("NHANES folder must hold .XPT or .parquet files", "none", "name the folder they lie in")
    stray = sorted(set(mortality) - set(transport))
    if stray:
        raise CohortError(
            "Mortality file must be of a cycle whose transport files are given",
            f"one of cycle {', '.join(stray)} beside files of {', '.join(sorted(transport)) or 'none'}",
            "give the DEMO file of that cycle as well, or leave the mortality file out",
        )
    found = ((c, transport[c.letter]) for c in dictionary.cycles if c.letter in transport)
    cycles = tuple(CycleFiles(cycle=c, transport=t, mortality=mortality.get(c.letter)) for c, t in found)
    return Release(cycles=cycles, merged=merged)


def _files(inputs: Iterable[Path]) -> Iterator[Path]:
    for path in inputs:
        if path.is_dir():
            yield from sorted(f for f in path.iterdir() if f.is_file())
        elif path.is_file():
            yield path
        else:
            raise CohortError("Input must be an existing folder or file", repr(str(path)), "check its name")


def _by_cycle(files: Iterable[Path], dictionary: Dictionary) -> dict[str, tuple[Path, ...]]:
    found: dict[str, dict[str, Path]] = {}
    for path in files:
        stem = path.stem.upper()
        match = _TRANSPORT.match(stem)
        cycle = dictionary.cycle(letter=match["letter"]) if match and not stem.startswith("P_") else None
        if match is None or cycle is None:
            raise _not_read(path, dictionary)
        if stem in found.setdefault(cycle.letter, {}):
            raise CohortError("Transport file must be given once", f"{stem} twice", "name one folder with it")
        found[cycle.letter][stem] = path
    return {letter: tuple(by_stem.values()) for letter, by_stem in found.items()}


def _mortality(files: Iterable[Path], dictionary: Dictionary) -> dict[str, Path]:
    by_years = {(str(c.first_year), str(c.last_year)): c for c in dictionary.cycles}
    found: dict[str, Path] = {}
    for path in files:
        match = _MORTALITY.match(path.stem.upper())
        cycle = by_years.get((match["first"], match["last"])) if match else None
        if cycle is None:
            raise _not_read(path, dictionary)
        if cycle.letter in found:
            raise CohortError(
                "Mortality file must be given once a cycle", f"two of {cycle.years}", "keep the newest linkage"
            )
        found[cycle.letter] = path
    return found


def _not_read(path: Path, dictionary: Dictionary) -> CohortError:
    read = ", ".join(f"_{c.letter} ({c.years})" for c in dictionary.cycles)
    return CohortError(
        f"NHANES files must be of the cycles {read} and named as published",
        repr(path.name),
        "leave it out: other cycles (1999-2010, the pre-pandemic files P_, 2021-2023) have other weights and designs",
    )
