"""The risk model: inputs -> what teachers foretell -> an ensemble of encoders -> the single-time risk.

With inputs ``x`` of a person, the teachers' standardised log hazards ``t(x)``, encoders ``f_1 ... f_M`` and the
relative distance ``r_m`` of each (see ``holdfast.risk.distances.relative``), the score is the mean over members of
``r_m(f_m([x, s t(x)]))``, each on the scale of its training people. Higher is worse. The embedding ``f_m`` holds the
learnt dimensions and, beside them, ``t(x)`` itself (``EncoderSettings.carry``).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.schema import Feature
from holdfast.risk.estimates import RiskEstimates
from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding
from holdfast.study.risk_model.encoder_ensemble import EncoderEnsemble
from holdfast.study.risk_model.settings import RiskModelSettings
from holdfast.study.risk_model.teachers.teacher import Taught, TeachingData
from holdfast.study.risk_model.visit_encoder import VisitEncoder
from holdfast.study.visits.visits import Values

__all__ = ["Lead", "RiskModel", "teaching_data"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lead:
    """Teachers as inputs of an encoder.

    Attributes:
        names: Of the teachers, in order.
        taught: The teachers.
        means, spreads: Of what each foretold of training people it had not seen.
        scale: What the standardised log hazards are multiplied by.
    """

    names: tuple[str, ...]
    taught: tuple[Taught, ...]
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    scale: float

    def coordinates(self, data: TeachingData) -> NDArray[np.float32]:
        """Return what the teachers foretell, standardised and scaled: (people, teachers)."""
        foretold = np.stack([one.log_hazard(data) for one in self.taught], axis=1)
        return self.standardised(foretold)

    def beside(self, inputs: NDArray[np.float32], log_hazards: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return inputs and, last, what the teachers foretold of the same people: what a led encoder is shown."""
        return np.concatenate([inputs, self.standardised(log_hazards)], axis=1)

    def standardised(self, log_hazards: NDArray[np.float64]) -> NDArray[np.float32]:
        """Put log hazards on the encoders' scale."""
        return (self.scale * (log_hazards - self.means) / self.spreads).astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskModel:
    """A fitted risk model. Make one with ``fit_risk_model``.

    Attributes:
        settings: As fitted.
        encoding: How values become inputs.
        age: The column that holds age; None where none does.
        lead: The teachers as inputs; None where encoders are not led.
        encoders: The ensemble.
        risk: The single-time risk on their embeddings.
        reference: For each column the median of the healthy reference, on its own scale; NaN where it has none.
    """

    settings: RiskModelSettings
    encoding: InputEncoding
    age: str | None
    lead: Lead | None
    encoders: tuple[VisitEncoder, ...]
    risk: SingleTimeRisk
    reference: NDArray[np.float32]

    @property
    def columns(self) -> tuple[Feature, ...]:
        """What is read, in order."""
        return self.encoding.columns

    def embed(self, values: Values) -> list[NDArray[np.float32]]:
        """Embed people by every encoder: (people, dimensions) each. Nobody's depend on the people beside them.

        Raises:
            StudyError: There is nobody, or the columns are others than in training.
        """
        if not len(values):
            raise StudyError("People to score must be at least one", "0", "give a table with a row a person")
        self.encoding.refuse_others(values)
        ensemble = EncoderEnsemble.of([encoder.arrays for encoder in self.encoders])
        nobody = np.empty((0, self.encoding.n_inputs), dtype=np.float32)
        like = teaching_data(self.encoding, nobody, values[:0], self.age)
        return list(ensemble.embed(len(values), lambda rows, out: self._write(values[rows], out, like)))

    def score(self, values: Values, *, with_interval: bool = False) -> RiskEstimates:
        """Estimate the risk of people, or abstain.

        Args:
            values: As ``columns`` says; (people, columns), NaN where missing.
            with_interval: Whether to give bootstrap intervals, which take longer.
        """
        embeddings = self.embed(values)  # first: it refuses values of other columns
        missing = np.zeros(len(values))
        for place in self.encoding.told:
            missing += np.isnan(values[:, place])
        missing /= len(self.encoding.told)
        return self.risk.score(embeddings, missing_share=missing, with_interval=with_interval)

    def risk_of(self, values: Values) -> NDArray[np.float64]:
        """Return everybody's score, also of people for whom ``score`` abstains: for comparisons and explanations."""
        return self.risk.scores_of(self.embed(values))

    def _write(self, values: Values, out: NDArray[np.float32], like: TeachingData) -> None:
        """Write what encoders are shown of some people: (inputs, people), what teachers foretell last.

        ``like`` says what inputs are to a teacher: the same for everybody, and so not worked out tile by tile.
        """
        n_inputs = self.encoding.n_inputs
        self.encoding.write(values.T, out[:n_inputs])
        if self.lead is not None:
            data = replace(like, inputs=out[:n_inputs].T, values=values)
            out[n_inputs:] = self.lead.coordinates(data).T


def teaching_data(
    encoding: InputEncoding, inputs: NDArray[np.float32], values: Values, age: str | None
) -> TeachingData:
    """Return people as teachers see them."""
    names = [column.name for column in encoding.columns]
    place = names.index(age) if age in names else -1
    is_bent = encoding.is_bent
    return TeachingData(inputs=inputs, values=values, is_bent=is_bent, is_age=~is_bent & (encoding.sources == place))
