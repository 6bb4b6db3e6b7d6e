"""The pages on content files and on the trace name every field there is."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.conversation.trace import TurnTrace
from holdfast.care.education.article import FrontMatter
from holdfast.care.intervention.exercise import Exercise
from holdfast.care.intervention.step import Step
from holdfast.content import ContentModel
from holdfast.safety.crisis.protocol import CrisisProtocol
from holdfast.safety.detection.rulebook import Rule
from holdfast.safety.detection.verdict import Category, Level

DOCS = Path(__file__).parents[2] / "docs"
CONTENT = (DOCS / "reference" / "content.md").read_text(encoding="utf-8")
NOT_IN_A_FILE = {"category"}
"""A rule takes its category from the file it stands in."""


def _section(title: str) -> str:
    return CONTENT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("Article", FrontMatter),
        ("Instrument", Instrument),
        ("Exercise", Exercise),
        ("Exercise", Step),
        ("Crisis protocol", CrisisProtocol),
        ("Detection rules", Rule),
    ],
)
def test_every_field_of_a_content_file_is_named(title: str, model: type[ContentModel]) -> None:
    section = _section(title)
    names = {field.alias or name for name, field in model.model_fields.items()} - NOT_IN_A_FILE
    assert [name for name in sorted(names) if f"`{name}`" not in section] == []


@pytest.mark.parametrize("title", ["Helplines"])
def test_every_field_of_a_helpline_file_is_named(title: str) -> None:
    shipped = (DOCS.parent / "src/holdfast/safety/crisis/helplines/gb.yaml").read_text(encoding="utf-8")
    names = set(re.findall(r"^(?:  - |    )?([a-z]+):", shipped, re.MULTILINE))
    assert {"name", "for", "emergency"} <= names
    assert [name for name in sorted(names) if f"`{name}`" not in _section(title)] == []


def test_every_field_of_a_trace_is_named() -> None:
    page = (DOCS / "reference" / "trace.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(TurnTrace) if f"`{field.name}`" not in page] == []


@pytest.mark.parametrize("word", [*Category, *(level.label for level in Level)])
def test_every_category_and_level_is_named(word: str) -> None:
    assert f"`{word}`" in (DOCS / "reference" / "pipeline.md").read_text(encoding="utf-8")
