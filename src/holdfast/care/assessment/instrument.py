"""A validated instrument as data: exact wording, scoring, bands, sources and licence. A screen, not a diagnosis."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from holdfast.care.assessment.item import Item, Option, Skip
from holdfast.care.assessment.reading import (
    Band,
    CutPoint,
    MissingPolicy,
    Reference,
    ReliableChange,
    RiskItem,
    Subscale,
)
from holdfast.care.assessment.wording import wording_digest
from holdfast.content import ContentModel

__all__ = ["FUNCTIONAL", "Instrument"]

FUNCTIONAL = "functional"
"""The id of an instrument's item on how hard things have been, which is never scored."""


class Instrument(ContentModel):
    """One instrument. A higher total is always worse.

    ``minors`` says whether it was tested with people under 18; ``tested_with`` says with whom. ``wording_sha256`` pins
    the published wording: a file whose wording has drifted is refused.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    version: int
    name: str
    short_name: str
    language: Literal["en"]
    about: str
    time_frame: str
    tested_with: str
    minors: bool
    instruction: str | None
    stem: str | None
    options: tuple[Option, ...] | None
    items: tuple[Item, ...] = Field(min_length=1)
    functional: Item | None = None
    skips: tuple[Skip, ...] = ()
    method: Literal["sum", "rules"]
    minimum: int | None = None
    maximum: int | None = None
    subscales: tuple[Subscale, ...] = ()
    bands: tuple[Band, ...] = Field(min_length=2)
    cut_points: tuple[CutPoint, ...] = ()
    missing: MissingPolicy
    risk_items: tuple[RiskItem, ...] = ()
    reliable_change: ReliableChange | None = None
    seek_help: str
    licence: str
    attribution: str
    sources: tuple[Reference, ...] = Field(min_length=1)
    wording_sha256: str

    def item(self, item_id: str) -> Item:
        """Return the item with this id, the functional one included.

        Raises:
            KeyError: There is none; callers check ids where they come from outside.
        """
        for item in self._asked():
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def options_of(self, item: Item) -> tuple[Option, ...]:
        """Return the answers that ``item`` accepts, in published order."""
        return item.options or self.options or ()

    def values_of(self, item: Item) -> tuple[int, ...]:
        """Return the values that ``item`` accepts, lowest first."""
        return tuple(sorted(option.value for option in self.options_of(item)))

    def label_of(self, item: Item, value: int) -> str:
        """Return the published wording of an answer."""
        return next(option.label for option in self.options_of(item) if option.value == value)

    def stem_of(self, item: Item) -> str | None:
        """Return what is read before ``item``: its own lead, the shared stem, or nothing."""
        if item.lead is not None:
            return item.lead
        return self.stem if item.has_stem and item.id != FUNCTIONAL else None

    def reference(self, citation: str) -> Reference:
        """Return the source that a citation names; loading has checked that it exists."""
        return next(source for source in self.sources if source.id == citation)

    @property
    def scored_items(self) -> tuple[Item, ...]:
        """The items that count towards the total."""
        return tuple(item for item in self.items if item.is_scored)

    @property
    def is_summed(self) -> bool:
        """Whether answers are summed into a total, rather than read by rules."""
        return self.method == "sum"

    def _asked(self) -> Iterator[Item]:
        yield from self.items
        if self.functional is not None:
            yield self.functional

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_items()
        self._check_citations()
        if self.is_summed:
            self._check_sum()
        else:
            self._check_rules()
        digest = wording_digest(self)
        if digest != self.wording_sha256:
            raise ValueError(f"wording_sha256 must be {digest}; restore the published wording, or review and set it")
        return self

    def _check_items(self) -> None:
        ids = [item.id for item in self._asked()]
        if len(set(ids)) != len(ids):
            raise ValueError("items must have ids of their own")
        if self.functional is not None and self.functional.id != FUNCTIONAL:
            raise ValueError(f"the functional item must have the id {FUNCTIONAL}")
        for item in self._asked():
            values = self.values_of(item)
            if len(values) < 2 or len(set(values)) != len(values):
                raise ValueError(f"item {item.id} must have two or more answers with values of their own")
        for name, used in self._item_ids_used():
            if used not in ids:
                raise ValueError(f"{name} names item {used}, which does not exist")

    def _item_ids_used(self) -> Iterator[tuple[str, str]]:
        for skip in self.skips:
            yield from (("skips", used) for used in (*skip.when, *skip.items))
        for subscale in self.subscales:
            yield from (("subscales", used) for used in subscale.items)
        for band in self.bands:
            yield from (("bands", used) for used in (band.when.items if band.when else ()))
        yield from (("risk_items", risk.item) for risk in self.risk_items)

    def _check_citations(self) -> None:
        known = {source.id for source in self.sources}
        points = [*self.cut_points, *(point for subscale in self.subscales for point in subscale.cut_points)]
        used = {band.citation for band in self.bands} | {point.citation for point in points}
        used |= {risk.citation for risk in self.risk_items}
        used |= {self.missing.citation} if self.missing.citation else set()
        used |= {self.reliable_change.citation} if self.reliable_change else set()
        if used - known:
            raise ValueError(f"citations must name a source, {', '.join(sorted(used - known))} does not")

    def _check_sum(self) -> None:
        values = [self.values_of(item) for item in self.scored_items]
        if (self.minimum, self.maximum) != (sum(v[0] for v in values), sum(v[-1] for v in values)):
            raise ValueError("minimum and maximum must be the lowest and the highest sum of the scored items")
        edges = [(band.low, band.high) for band in self.bands]
        if edges[0][0] != self.minimum or edges[-1][1] != self.maximum:
            raise ValueError("bands must run from minimum to maximum")
        for (low, high), (following, _) in pairwise([*edges, (None, None)]):
            if low is None or high is None or low > high or following not in (high + 1, None):
                raise ValueError("bands must follow one another without a gap or an overlap")

    def _check_rules(self) -> None:
        if [band.when is None for band in self.bands] != [False] * (len(self.bands) - 1) + [True]:
            raise ValueError("every band but the last must have a rule")
        if self.cut_points or self.subscales or self.reliable_change:
            raise ValueError("an instrument read by rules has no total, so no cut-points, subscales or change")
