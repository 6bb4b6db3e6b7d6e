"""What a judgement is asked for."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from holdfast.errors import UnknownNameError
from holdfast.study.error import StudyError
from holdfast.study.evaluation.assessment import Progress
from holdfast.study.methods.registry import ALL, METHODS

__all__ = ["OURS", "JudgingSettings", "Progress"]

OURS: Final = "model"
"""The name of the model that is judged, among the methods it is compared with."""

_OWN_METHOD = "nplb"
_MOST_SLOW = 200


@dataclass(frozen=True, kw_only=True)
class JudgingSettings:
    """How to judge.

    Attributes:
        methods: Names in ``METHODS`` but "nplb", or "all": what the model is compared with.
        horizon_years: Of calibration, decision curve and reclassification: a horizon of the model. None: the longest
            that a tenth of the people were followed up for.
        resamples: Of the bootstrap over people.
        seed: Of baselines, resamples, stress and the sample that is drawn.
        threads: Processor threads that baselines may use.

    Raises:
        StudyError: A number is out of its range, or the model's own method is asked for.
        UnknownNameError: There is no such method.
    """

    methods: tuple[str, ...] = ("age", "cox", "xgboost", "phenoage")
    horizon_years: float | None = None
    resamples: int = 1000
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        for name in self.methods:
            if name not in (ALL, *METHODS):
                raise UnknownNameError("method", name, (ALL, *METHODS))
        if _OWN_METHOD in self.methods:
            raise StudyError(
                "Methods must be others than the model's own", repr(_OWN_METHOD), "leave it out: the model is judged"
            )
        if self.resamples < 1 or self.threads < 1 or self.seed < 0:
            raise StudyError(
                "Resamples and threads must be 1 or more, the seed 0 or more",
                repr((self.resamples, self.threads, self.seed)),
                "leave them at their defaults",
            )
        if self.horizon_years is not None and not 0 < self.horizon_years < float("inf"):
            raise StudyError("Horizon must be above 0 years", repr(self.horizon_years), "give 5, for example")

    @property
    def compared(self) -> tuple[str, ...]:
        """The methods, in the order of ``METHODS``."""
        return tuple(n for n in METHODS if n != _OWN_METHOD and (ALL in self.methods or n in self.methods))

    @property
    def slow_resamples(self) -> int:
        """Resamples for figures that take long to work out: at most 200."""
        return min(self.resamples, _MOST_SLOW)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"methods": list(self.methods)}
