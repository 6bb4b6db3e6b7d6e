"""How answers are read: bands, cut-points, subscales, risk items, change, missing answers and their sources."""

from typing import Literal, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel
from holdfast.safety.detection.verdict import Level, Tense

__all__ = ["Band", "CutPoint", "MissingPolicy", "Reference", "ReliableChange", "RiskItem", "Subscale", "When"]

LevelName = Literal["notice", "concern", "crisis"]


class Reference(ContentModel):
    """A published source."""

    id: str
    authors: str
    title: str
    journal: str
    year: int

    @property
    def text(self) -> str:
        """The source as one line."""
        stop = "" if self.title.endswith("?") else "."
        return f"{self.authors} ({self.year}). {self.title}{stop} {self.journal}."


class When(ContentModel):
    """Holds when any of ``items`` was answered with one of ``values`` or, if so said, was asked and left blank."""

    items: tuple[str, ...]
    values: tuple[int, ...]
    or_unanswered: bool = False


class Band(ContentModel):
    """A named reading of the answers, by total (``low`` to ``high``, both included) or by rule (``when``).

    Among rules the first that holds decides, and the last band has none. ``is_positive`` follows the source.
    """

    id: str
    label: str
    meaning: str
    next: str
    citation: str
    low: int | None = None
    high: int | None = None
    when: When | None = None
    is_positive: bool = False


class CutPoint(ContentModel):
    """A total at or above which an instrument flags something, for a group. Accuracy only where the source gives it."""

    at: int
    group: str
    flags: str
    sensitivity: float | None = Field(default=None, ge=0, le=1)
    specificity: float | None = Field(default=None, ge=0, le=1)
    citation: str


class Subscale(ContentModel):
    """Items that are also summed on their own; higher is worse."""

    id: str
    name: str
    items: tuple[str, ...]
    cut_points: tuple[CutPoint, ...] = ()


class MissingPolicy(ContentModel):
    """What missing answers do.

    ``refuse``: no score. ``prorate``: up to ``most`` are filled in with the mean of the others, as a cited source
    allows. ``positive``: a blank counts as the worse answer, as the source asks.
    """

    rule: Literal["refuse", "prorate", "positive"]
    explanation: str
    most: int | None = Field(default=None, ge=1)
    citation: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.rule == "prorate") is not (self.most is not None):
            raise ValueError("most must be given for prorate, and only there")
        if self.rule != "refuse" and self.citation is None:
            raise ValueError(f"{self.rule} must cite the source that allows it")
        return self


class RiskItem(ContentModel):
    """A question whose answer opens the crisis path at once, whatever the total.

    ``levels`` maps each positive value to how grave it is; ``unanswered`` is the level of a blank, where the source
    counts one as positive.
    """

    item: str
    levels: dict[int, LevelName]
    unanswered: LevelName | None = None
    tense: Tense = Tense.PRESENT
    citation: str

    def level(self, value: int | None) -> Level:
        """Return how grave an answer is; None stands for a question that was asked and left blank."""
        name = self.unanswered if value is None else self.levels.get(value)
        return Level[name.upper()] if name else Level.NONE


class ReliableChange(ContentModel):
    """How many points a total must move before the change is likely to be real or to matter, and who says so."""

    points: int = Field(ge=1)
    kind: Literal["reliable change index", "minimal clinically important difference"]
    note: str
    citation: str
