"""Score an instrument in plain code. No model computes, adjusts or words a score."""

import math
from collections.abc import Mapping, Sequence

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.reading import Band, CutPoint, Subscale, When
from holdfast.care.assessment.risk import risk_in
from holdfast.care.assessment.score import Flag, Score, Subscore
from holdfast.errors import AnswersError
from holdfast.measured import Unscored
from holdfast.safety.detection.verdict import Detection

__all__ = ["check_answer", "not_asked", "score", "signalled_risk"]

Answers = Mapping[str, int | None]


def score(instrument: Instrument, answers: Sequence[int | None], *, functional: int | None = None) -> Score:
    """Score ``answers`` (one value per item in the instrument's order, None for one left blank).

    Whoever takes answers all at once asks ``signalled_risk`` first: a refusal here says nothing about risk.

    Raises:
        AnswersError: Too few or too many answers, a value that an item does not have, or answers missing where the
            source allows no score without them.
    """
    given = _checked(instrument, answers, functional)
    skipped = not_asked(instrument, given)
    asked = [item for item in instrument.items if item.id not in skipped]
    missing = tuple(item.id for item in asked if given[item.id] is None)
    _check_missing(instrument, missing, len(asked))
    counted = _counted(instrument, given, skipped)
    total = _total(instrument, counted, missing)
    return Score(
        instrument=instrument,
        answers=tuple(answers),
        total=total,
        band=_band(instrument, total, counted, missing),
        subscores=tuple(_subscore(instrument, subscale, counted, missing) for subscale in instrument.subscales),
        flags=_flags(instrument.cut_points, total),
        functional=functional,
        missing=missing,
        not_asked=tuple(item.id for item in instrument.items if item.id in skipped),
        is_prorated=bool(missing) and instrument.missing.rule == "prorate",
        risk=signalled_risk(instrument, answers),
        risk_unanswered=tuple(risk.item for risk in instrument.risk_items if risk.item in missing),
    )


def signalled_risk(instrument: Instrument, answers: Sequence[int | None]) -> Detection | None:
    """Judge the risk items among ``answers``, even where these cannot be scored. Never raises.

    Answers are read by position; too few or too many change nothing about those that are there.
    """
    given = {item.id: value for item, value in zip(instrument.items, answers, strict=False)}
    skipped = not_asked(instrument, given)
    return risk_in(instrument, [(item_id, value) for item_id, value in given.items() if item_id not in skipped])


def not_asked(instrument: Instrument, given: Answers) -> frozenset[str]:
    """Return ids of items that do not apply, given the answers so far (item id -> value or None for a blank).

    An item answered all the same stays in, where the source lets such an answer count.
    """
    skipped: set[str] = set()
    for skip in instrument.skips:
        if all(given.get(item_id) in values for item_id, values in skip.when.items()):
            skipped |= {i for i in skip.items if not skip.answers_count or given.get(i) is None}
    return frozenset(skipped)


def check_answer(instrument: Instrument, item: Item, value: object) -> None:
    """Check that ``value`` is one that ``item`` has, or None for a blank.

    Raises:
        AnswersError: It is not.
    """
    values = instrument.values_of(item)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value in values):
        return
    shown = repr(value) if isinstance(value, int) else f"a {type(value).__name__}"
    allowed = ", ".join(map(str, values[:-1])) + f" or {values[-1]}"
    raise AnswersError(
        f"{instrument.short_name} item {item.id} must be {allowed}, got {shown}; choose one of these or leave it out."
    )


def _checked(instrument: Instrument, answers: Sequence[int | None], functional: int | None) -> dict[str, int | None]:
    expected, got = len(instrument.items), len(answers)
    if got != expected:
        raise AnswersError(
            f"{instrument.short_name} must have {expected} answers, got {got}; "
            f"give one for each of items {instrument.items[0].id} to {instrument.items[-1].id}, in order."
        )
    for item, value in zip(instrument.items, answers, strict=True):
        check_answer(instrument, item, value)
    if functional is not None and instrument.functional is None:
        raise AnswersError(f"{instrument.short_name} has no question on how hard things were; leave its answer out.")
    if instrument.functional is not None:
        check_answer(instrument, instrument.functional, functional)
    return {item.id: value for item, value in zip(instrument.items, answers, strict=True)}


def _check_missing(instrument: Instrument, missing: tuple[str, ...], asked: int) -> None:
    policy = instrument.missing
    most = {"refuse": 0, "prorate": policy.most or 0, "positive": asked}[policy.rule]
    gates = [i for i in missing if not instrument.item(i).is_scored]
    if len(missing) <= most and not gates:
        return
    named = f"item {missing[0]} is" if len(missing) == 1 else f"items {', '.join(missing)} are"
    limit = "every answer that applies" if most == 0 else f"at most {most} answers missing"
    raise AnswersError(
        f"{instrument.short_name} must have {limit}, {named} missing; answer and score again. {policy.explanation}"
    )


def _counted(instrument: Instrument, given: Answers, skipped: frozenset[str]) -> dict[str, int]:
    """Return what each answered item counts, 0 for one not asked, nothing for one missing."""
    counted: dict[str, int] = {}
    for item in instrument.items:
        value = given[item.id]
        values = instrument.values_of(item)
        if item.id in skipped:
            counted[item.id] = 0
        elif value is not None:
            counted[item.id] = values[0] + values[-1] - value if item.is_reversed else value
    return counted


def _total(instrument: Instrument, counted: Mapping[str, int], missing: tuple[str, ...]) -> int | Unscored:
    if not instrument.is_summed:
        return Unscored(f"{instrument.short_name} is read by rules and has no total")
    scored = [item.id for item in instrument.scored_items]
    found = [counted[item_id] for item_id in scored if item_id in counted]
    if not missing:
        return sum(found)
    # The mean of the answers given stands in for each missing one; halves round up, towards worse.
    return math.floor(sum(found) * len(scored) / len(found) + 0.5)


def _band(instrument: Instrument, total: int | Unscored, counted: Mapping[str, int], missing: tuple[str, ...]) -> Band:
    for band in instrument.bands:
        if isinstance(total, Unscored):
            if band.when is None or _holds(band.when, counted, missing):
                return band
        elif band.low is not None and band.high is not None and band.low <= total <= band.high:
            return band
    raise RuntimeError("loading has checked that bands cover every total and every set of answers")


def _holds(when: When, counted: Mapping[str, int], missing: tuple[str, ...]) -> bool:
    if when.or_unanswered and any(item_id in missing for item_id in when.items):
        return True
    return any(counted.get(item_id) in when.values for item_id in when.items)


def _subscore(
    instrument: Instrument, subscale: Subscale, counted: Mapping[str, int], missing: tuple[str, ...]
) -> Subscore:
    values = [instrument.values_of(instrument.item(item_id)) for item_id in subscale.items]
    blank = [item_id for item_id in subscale.items if item_id in missing]
    total = Unscored(f"item {blank[0]} is missing") if blank else sum(counted[i] for i in subscale.items)
    return Subscore(
        id=subscale.id,
        name=subscale.name,
        total=total,
        low=sum(v[0] for v in values),
        high=sum(v[-1] for v in values),
        flags=_flags(subscale.cut_points, total),
    )


def _flags(points: Sequence[CutPoint], total: int | Unscored) -> tuple[Flag, ...]:
    if isinstance(total, Unscored):
        return ()
    return tuple(Flag(cut_point=point, is_reached=total >= point.at) for point in points)
