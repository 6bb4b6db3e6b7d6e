"""A single-time risk on embeddings that something else made: no encoder is trained, the definition is the same."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from holdfast.cohort.cohort_folder import Cohort
from holdfast.risk.distances.registry import distance_from_json
from holdfast.risk.embedding_table import EmbeddingTable, read_embeddings
from holdfast.risk.embeddings import Embeddings
from holdfast.risk.settings import RiskSettings
from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.staged import write_json
from holdfast.study.error import StudyError
from holdfast.study.risk_model.cohort_fit import CohortFit, read_for
from holdfast.study.risk_model.outcome_groups import outcome_groups

__all__ = ["EmbeddingsRisk", "fit_embeddings"]

NAMES = "embeddings.json"

HORIZONS_YEARS = (2.0, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class EmbeddingsRisk:
    """A single-time risk on embeddings made elsewhere, and what they are called.

    Attributes:
        risk: The risk.
        columns: Names of the dimensions, in order.
        outcome: What it foretells, in words.
    """

    risk: SingleTimeRisk
    columns: tuple[str, ...]
    outcome: str

    def save(self, folder: Path) -> None:
        """Write it, over such a risk that is there.

        Raises:
            RiskError: Something else lies there.
            StorageError: The disk is full or cannot be written to.
        """
        self.risk.save(folder)
        write_json(folder / NAMES, {"columns": list(self.columns), "outcome": self.outcome})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises:
            RiskError: The folder holds no risk, or one that was changed.
            StudyError: The names of the dimensions are gone.
        """
        risk = SingleTimeRisk.load(folder)
        try:
            said = json.loads((folder / NAMES).read_text(encoding="utf-8"))
            return cls(risk=risk, columns=tuple(map(str, said["columns"])), outcome=str(said["outcome"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StudyError(
                f"{folder.name!r} must say what its dimensions are called",
                f"a {type(error).__name__} while reading {NAMES}",
                "fit it again with holdfast risk fit --embeddings",
            ) from error

    def arranged(self, table: EmbeddingTable) -> Embeddings:
        """Return embeddings with the dimensions in the order of training, found by name.

        Raises:
            StudyError: One is not there, or there are others.
        """
        if set(table.columns) != set(self.columns):
            odd = sorted(set(table.columns) ^ set(self.columns))
            raise StudyError(
                f"Embeddings must have the {len(self.columns)} dimensions of training",
                f"{len(odd)} that differ ({', '.join(odd[:5])})",
                "embed with the same encoder",
                columns=odd,
            )
        return table.embeddings[:, [table.columns.index(name) for name in self.columns]]


def fit_embeddings(asked: CohortFit, embeddings: Path, *, distance: str) -> tuple[EmbeddingsRisk, int]:
    """Fit to the embeddings of a cohort's training people; return the risk and how many people it rests on.

    People are grouped by what was seen of them (``outcome_groups``). People of the cohort without an embedding, and
    embeddings of people who are not in it, are left aside.

    Args:
        asked: The cohort, the outcome and who is held out.
        embeddings: A file with a column ``person`` and a column a dimension.
        distance: A name in ``DISTANCES``.

    Raises:
        StudyError: Nobody is in both.
        RiskError: The embeddings cannot be read or learnt from.
    """
    table = read_embeddings(embeddings)
    train, _ = read_for(asked)
    places = {person: place for place, person in enumerate(table.persons)}
    rows = np.array([places.get(str(person), -1) for person in train.persons])
    if not (rows >= 0).any():
        raise StudyError(
            f"Embeddings in {embeddings.name} must be of people of the cohort",
            f"0 of {len(table.persons)} who are",
            "check the column person",
        )
    both = train.take(rows >= 0)
    follow_up = both.outcome
    longest = float(np.quantile(follow_up.years, 0.9))
    settings = RiskSettings(
        distance=distance_from_json({"name": distance}),
        horizons_years=tuple(h for h in HORIZONS_YEARS if h <= longest),
    )
    fitted = SingleTimeRisk.fit(
        table.embeddings[rows[rows >= 0]],
        outcome_groups(follow_up, both.is_healthy).reference,
        follow_up,
        settings=settings,
        generator=np.random.default_rng([asked.seed, 11]),
    )
    outcome = next(o.title for o in Cohort.open(Path(asked.cohort)).schema.outcomes if o.name == asked.outcome)
    return EmbeddingsRisk(risk=fitted, columns=table.columns, outcome=outcome), both.n_people
