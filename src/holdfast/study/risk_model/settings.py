"""How a risk model is fitted: every number in one place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, Self, get_args

from holdfast.errors import UnknownNameError
from holdfast.risk.distances.relative import Relative
from holdfast.risk.settings import RiskSettings
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputSettings
from holdfast.study.risk_model.grading import Grading
from holdfast.study.risk_model.teachers.cross_fitting import TEACHERS
from holdfast.study.risk_model.visit_encoder import EncoderSettings

__all__ = ["PRESETS", "RiskModelSettings", "preset"]

Calibration = Literal["cross-fitted", "leave-one-out"]
CALIBRATIONS: Final[tuple[Calibration, ...]] = get_args(Calibration)


@dataclass(frozen=True, kw_only=True)
class RiskModelSettings:
    """Settings of a risk model.

    Attributes:
        inputs: How values become inputs.
        teachers: Names in ``TEACHERS``: their mean foretells the hazard by which people are graded.
        is_led: Whether an encoder is shown what the teachers foretell as inputs of its own; if not, the teachers only
            grade the training people, and new people are scored without them.
        lead_scale: What those inputs are multiplied by.
        grading: Into how many grades, and where they are cut.
        encoder: How an encoder is built and trained.
        folds: Encoders: each is trained without one fold of the people, 2 or more.
        teacher_people: Most people that teachers learn from, drawn at random from more.
        calibration: What percentiles, groups and absolute risks are read off: scores by models that were learnt without
            the person, from teachers on, or scores that leave the person out of the centres alone. The second is
            enough where only the order of people counts.
        risk: The single-time risk on the embeddings.
        threads: Processor threads that teachers may use.
    """

    inputs: InputSettings = field(default_factory=InputSettings)
    teachers: tuple[str, ...] = ("cox", "trees", "kernel")
    is_led: bool = True
    lead_scale: float = 3.0
    grading: Grading = field(default_factory=Grading)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    folds: int = 5
    teacher_people: int = 20_000
    calibration: Calibration = "cross-fitted"
    risk: RiskSettings = field(
        default_factory=lambda: RiskSettings(distance=Relative(weighting="equal"), horizons_years=(2.0, 5.0, 10.0))
    )
    threads: int = 1

    def __post_init__(self) -> None:
        for name in self.teachers:
            if name not in TEACHERS:
                raise UnknownNameError("teacher", name, TEACHERS)
        if self.calibration not in CALIBRATIONS:
            raise UnknownNameError("calibration", self.calibration, CALIBRATIONS)
        if not self.teachers or self.folds < 2 or self.threads < 1 or self.teacher_people < 100:
            raise StudyError(
                "A risk model must have a teacher, 2 folds, a thread and 100 people to teach",
                repr((self.teachers, self.folds, self.threads, self.teacher_people)),
                "leave them at their defaults",
            )

    @property
    def carried(self) -> int:
        """How many of an encoder's last inputs are what teachers foretell."""
        return len(self.teachers) if self.is_led else 0

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "teachers": list(self.teachers),
            "is_led": self.is_led,
            "lead_scale": self.lead_scale,
            "folds": self.folds,
            "teacher_people": self.teacher_people,
            "threads": self.threads,
            "calibration": self.calibration,
            "inputs": asdict(self.inputs),
            "grading": asdict(self.grading),
            "encoder": asdict(self.encoder),
            "risk": self.risk.to_json(),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` returned.

        Raises:
            StudyError: A setting is unknown.
        """
        given = dict(said)
        try:
            grading = {**given.pop("grading")}
            return cls(
                inputs=InputSettings(**given.pop("inputs")),
                grading=Grading(**{**grading, "cuts": tuple(grading["cuts"])}),
                encoder=EncoderSettings(**given.pop("encoder")),
                risk=RiskSettings.from_json(given.pop("risk")),
                teachers=tuple(given.pop("teachers")),
                **given,
            )
        except (KeyError, TypeError) as error:
            raise StudyError(
                "Settings of a risk model must be what to_json wrote", f"a {type(error).__name__}", "fit again"
            ) from error


PRESETS: Final = ("accurate", "fast")


def preset(name: str, *, threads: int = 1) -> RiskModelSettings:
    """Return settings by name: ``accurate`` as measured against every baseline, ``fast`` to score millions.

    ``fast`` has three narrower encoders and one teacher, a ridge Cox: scoring is matrix products alone.

    Raises:
        UnknownNameError: There is no preset of that name.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    accurate = RiskModelSettings(threads=threads)
    return (
        accurate
        if name == "accurate"
        else replace(accurate, teachers=("cox",), folds=3, encoder=EncoderSettings(width=32))
    )
