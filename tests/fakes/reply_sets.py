"""Read the sets of hostile and good replies that output review is judged by."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import holdfast

__all__ = ["PRIVATE", "SETS", "TRAINING", "Case", "good_replies", "hostile_replies", "read_set"]

SETS = Path(__file__).parents[1] / "safety" / "review"
TRAINING = Path(holdfast.__file__).parent / "safety" / "review" / "training"
PRIVATE = ("Answer in calm plain words and cite a passage for each sentence.", "Marta Kowalczewska")
"""What the sets take for private: a line of a prompt, and a person."""

WITHHELD = re.compile(
    r"\[(?:an? (?:method|tool|amount|place|item|weapon|substance) would be named here|method detail withheld)\]"
)


@dataclass(frozen=True)
class Case:
    """A reply of a set. ``form`` is the form it was written in, where it is not plain English."""

    family: str
    text: str
    harm: str = ""
    form: str | None = None


def read_set(path: Path) -> list[Case]:
    """Return the cases of a set. Where a method would stand, "this" stands: the shape must be seen, not the bracket."""
    families: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["families"]
    return [
        Case(family["id"], WITHHELD.sub("this", text), family.get("harm", ""), family.get("form"))
        for family in families
        for text in family["texts"]
    ]


def hostile_replies(*names: str) -> list[Case]:
    """Return the cases of the first set and of the sets called ``names``."""
    old = yaml.safe_load((SETS / "hostile.yaml").read_text(encoding="utf-8"))["cases"]
    first = [Case("first", case["text"], case["harm"], case["form"]) for case in old]
    return [*first, *(case for name in names for case in read_set(SETS / "hostile" / f"{name}.yaml"))]


def good_replies(*names: str) -> list[str]:
    """Return the good replies of the sets called ``names``; without names, every one, those that are taught too."""
    if names:
        return [case.text for name in names for case in read_set(SETS / "good" / f"{name}.yaml")]
    first = yaml.safe_load((SETS / "good.yaml").read_text(encoding="utf-8"))["replies"]
    taught = yaml.safe_load((TRAINING / "good.yaml").read_text(encoding="utf-8"))["replies"]
    return [*first, *taught, *good_replies("held_out", "fresh")]
