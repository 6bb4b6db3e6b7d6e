"""Make a cohort up and stream it into its folder, with the truth beside it.

People are drawn in blocks of ``BLOCK``, each from its own stream of random numbers, keyed by seed and place. So the
same seed gives the same people: whatever the size of the batches in which they are written, and the first thousand of
a million are those of a cohort of a thousand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.error import CohortError
from holdfast.cohort.provenance import Provenance
from holdfast.cohort.synthetic.events import Course, Events
from holdfast.cohort.synthetic.measurements import Measurements
from holdfast.cohort.synthetic.process import Process, WhoTheyAre, applied
from holdfast.cohort.synthetic.settings import Settings, load_settings

__all__ = ["BLOCK", "FEWEST", "MOST", "build_synthetic"]

BLOCK = 8_192
FEWEST, MOST = 1_000, 5_000_000

_LAST_SEED = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Frames ready to be written."""

    people: pl.DataFrame
    conditions: pl.DataFrame
    outcomes: pl.DataFrame
    truth: pl.DataFrame


def build_synthetic(
    folder: Path,
    *,
    people: int,
    seed: int,
    today: date,
    batch_people: int = 65_536,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Cohort:
    """Build a made-up cohort.

    Args:
        folder: Where it will lie; ``truth.parquet`` lies in it too: factors, true log hazard and time of death.
        people: 1,000 to 5,000,000.
        seed: 0 or more. The same seed and size give the same bytes.
        today: As ``CohortWriter.open`` takes it.
        batch_people: About how many are held at a time, rounded up to blocks. It does not change the result.
        overwrite: Whether a cohort that lies there may be replaced.
        progress: Told how many more people are written, after each batch.

    Raises:
        CohortError: A number is out of range, or ``folder`` is taken.
        StorageError: The disk is full or cannot be written to.
    """
    _check("People", people, FEWEST, MOST)
    _check("Seed", seed, 0, _LAST_SEED)
    _check("People a batch", batch_people, 1, MOST)
    used = load_settings()
    maker = _Maker(used)
    provenance = Provenance(loader="synthetic", inputs=used.sha256, settings={"people": people, "seed": seed})
    with CohortWriter.open(
        folder, schema=used.schema(), provenance=provenance, today=today, overwrite=overwrite
    ) as writer:
        writer.start_table("truth", maker.truth_types)
        for batch in maker.batches(people=people, seed=seed, blocks=-(-batch_people // BLOCK)):
            writer.add_people(batch.people)
            writer.add_conditions(batch.conditions)
            writer.add_outcomes(batch.outcomes)
            writer.add_rows("truth", batch.truth)
            progress(batch.people.height)
        writer.add_flow(step="source", removed=0, left=people, why="Everyone was made up; nobody was left out.")
    return Cohort.open(folder)


class _Maker:
    """Draws blocks of people."""

    def __init__(self, settings: Settings) -> None:
        self._process = Process(settings.process)
        self._measurements = Measurements(settings.fields, self._process)
        self._events = Events(self._process)
        self._sources = {name: event.source for name, event in settings.process.conditions.items()}
        self._outcomes = settings.process.outcomes
        self._factor_forms = self._process.forms({name: {name: 1.0} for name in self._process.factors})
        numbers = (*self._process.factors, "frailty", "death_log_hazard", "death_years", "censoring_years")
        self.truth_types: dict[str, pl.DataType] = {"person": pl.String()} | dict.fromkeys(numbers, pl.Float64())

    def batches(self, *, people: int, seed: int, blocks: int) -> Iterator[_Batch]:
        """Yield about ``blocks`` blocks at a time, and ``people`` people in all."""
        starts = range(0, people, BLOCK)
        for first in range(0, len(starts), blocks):
            made = [self._block(seed, start, min(BLOCK, people - start)) for start in starts[first : first + blocks]]
            yield _Batch(
                people=pl.concat([b.people for b in made]),
                conditions=pl.concat([b.conditions for b in made]),
                outcomes=pl.concat([b.outcomes for b in made]),
                truth=pl.concat([b.truth for b in made]),
            )

    def _block(self, seed: int, start: int, rows: int) -> _Batch:
        """Draw a whole block and keep its first ``rows``: a shorter one would draw other numbers."""
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(start // BLOCK,))))
        who = self._process.draw(rng, BLOCK)
        columns = self._measurements.draw(rng, who)
        course = self._events.draw(rng, who)
        person = pl.select(pl.format("S{}", pl.int_range(start + 1, start + BLOCK + 1).cast(pl.String).str.zfill(7)))
        ids = person.to_series().alias("person")
        table = pl.DataFrame({"person": ids, **_known(who), **columns, "birth_year": who.birth_year})
        return _Batch(
            people=table.head(rows),
            conditions=self._conditions(ids, course, rows),
            outcomes=self._outcome_rows(ids, course, rows),
            truth=self._truth(ids, who, course).head(rows),
        )

    def _conditions(self, ids: pl.Series, course: Course, rows: int) -> pl.DataFrame:
        """Return conditions that were seen, person by person."""
        last = np.minimum(course.death, course.censoring)
        frames = [
            pl.DataFrame({"place": np.flatnonzero(seen), "years": onset[seen]}).with_columns(
                condition=pl.lit(name), source=pl.lit(self._sources[name])
            )
            for name, onset in course.onset.items()
            for seen in [onset <= last]
        ]
        found = pl.concat(frames).filter(pl.col("place") < rows).sort("place", maintain_order=True)
        return found.select(ids.gather(found["place"]), "condition", "years", "source")

    def _outcome_rows(self, ids: pl.Series, course: Course, rows: int) -> pl.DataFrame:
        """Return death for everyone, and first diagnoses for those who did not have it at the visit."""
        last = np.minimum(course.death, course.censoring)
        frames = [
            pl.DataFrame(
                {"place": np.arange(len(last)), "years": last, "event": course.death <= course.censoring}
            ).with_columns(outcome=pl.lit("death"))
        ]
        for name in self._outcomes:
            onset = course.onset[name]
            free = onset > 0
            frames.append(
                pl.DataFrame(
                    {
                        "place": np.flatnonzero(free),
                        "years": np.minimum(onset, last)[free],
                        "event": (onset <= last)[free],
                    }
                ).with_columns(outcome=pl.lit(name))
            )
        found = pl.concat(frames).filter(pl.col("place") < rows).sort("place", maintain_order=True)
        return found.select(ids.gather(found["place"]), "outcome", "years", "event")

    def _truth(self, ids: pl.Series, who: WhoTheyAre, course: Course) -> pl.DataFrame:
        factors = applied(who.primitives, self._factor_forms)
        place = self._process.primitives.index("frailty")
        return pl.DataFrame(
            {
                "person": ids,
                **{name: factors[:, i] for i, name in enumerate(self._process.factors)},
                "frailty": who.primitives[:, place],
                "death_log_hazard": course.death_log_hazard,
                "death_years": course.death,
                "censoring_years": course.censoring,
            }
        )


def _known(who: WhoTheyAre) -> dict[str, pl.Series]:
    return {
        "visit": pl.Series(who.visit).cast(pl.Int32).cast(pl.Date),
        "sex": pl.Series(who.male),
        "age": pl.Series(np.floor(who.age)),
        "ethnicity": pl.Series(who.ethnicity),
    }


def _check(noun: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise CohortError(f"{noun} must be {low} to {high}", repr(value), "give a number in that range")
