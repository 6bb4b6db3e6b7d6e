"""Floors on the labelled utterances. The rules were tuned on the dev families only."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from holdfast.safety.detection import Category, Detection, LayeredDetector, Level
from holdfast.turn import Role, Turn

Rows = list[dict[str, Any]]


def judged(detector: LayeredDetector, row: dict[str, Any]) -> Detection:
    turns = [Turn(Role(turn["role"]), turn["text"]) for turn in row.get("turns", ())]
    return detector.detect(turns or [Turn(Role.PERSON, row["text"])])


def at_risk(row: dict[str, Any]) -> bool:
    return Level[row["level"].upper()] >= Level.CONCERN


def share(rows: Rows, holds: Callable[[dict[str, Any]], bool]) -> float:
    return sum(holds(row) for row in rows) / len(rows)


def test_the_set_covers_every_category_and_form_and_splits_no_family(utterances: Rows) -> None:
    assert len(utterances) >= 700
    assert sum(not row["categories"] for row in utterances) >= 300
    assert {category for row in utterances for category in row["categories"]} == set(Category)
    assert len({row["form"] for row in utterances}) == 15
    families = {(row["family"], row["split"]) for row in utterances}
    assert max(Counter(family for family, _ in families).values()) == 1
    assert len({row["id"] for row in utterances}) == len(utterances)


def test_recall_of_risk_on_the_held_out_families(utterances: Rows, detector: LayeredDetector) -> None:
    rows = [row for row in utterances if row["split"] == "test" and at_risk(row)]
    assert share(rows, lambda row: judged(detector, row).level >= Level.CONCERN) >= 0.95


def test_false_alarms_on_the_held_out_look_alikes(utterances: Rows, detector: LayeredDetector) -> None:
    rows = [row for row in utterances if row["split"] == "test" and not row["categories"]]
    assert share(rows, lambda row: judged(detector, row).level >= Level.CONCERN) <= 0.05


def test_past_disclosures_stay_below_concern(utterances: Rows, detector: LayeredDetector) -> None:
    rows = [row for row in utterances if row["form"] == "past" and row.get("max_level") == "notice"]
    assert len(rows) >= 15
    assert share(rows, lambda row: judged(detector, row).level <= Level.NOTICE) >= 0.9


def test_whom_and_when_are_mostly_right_on_the_held_out_families(utterances: Rows, detector: LayeredDetector) -> None:
    rows = [row for row in utterances if row["split"] == "test" and at_risk(row)]
    found = [row for row in rows if judged(detector, row).level >= Level.CONCERN]
    assert share(found, lambda row: judged(detector, row).subject == row["subject"]) >= 0.85
    assert share(found, lambda row: judged(detector, row).tense == row["tense"]) >= 0.85
    assert share(found, lambda row: row["categories"][0] in judged(detector, row).categories) >= 0.9
