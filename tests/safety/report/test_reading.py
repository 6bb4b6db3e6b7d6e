"""Claims about files of other people's cases and messages."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from holdfast.errors import InputError
from holdfast.measured import wilson
from holdfast.safety.detection import LayeredDetector
from holdfast.safety.report.case import Label
from holdfast.safety.report.comments import judge_comments, read_comments
from holdfast.safety.report.labelled import read_labelled
from holdfast.turn import Role, Turn

SECRET = "zebra-lampshade"


def write(path: Path, *rows: Any) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_line_is_a_case_with_its_label_and_other_columns_group_it(tmp_path: Path) -> None:
    turns = [{"role": "assistant", "text": "hi"}, {"role": "user", "text": "no"}]
    rows = (
        {"id": 1, "text": "a", "risk": True, "site": "x", "adult": False},
        {"id": "b", "turns": turns, "risk": False},
    )
    first, second = read_labelled(write(tmp_path / "in.jsonl", *rows))
    assert (first.id, first.label, first.turns) == ("1", Label.RISK, (Turn(Role.PERSON, "a"),))
    assert (first.groups["site"], first.groups["adult"]) == (("x",), ("false",))
    assert (second.label, second.turns[0].role) == (Label.BENIGN, Role.ASSISTANT)
    assert set(second.groups) == {"length"}


def test_a_column_of_many_values_groups_nothing(tmp_path: Path) -> None:
    rows = [{"id": n, "text": "a", "risk": True, "url": f"u{n}"} for n in range(80)]
    assert "url" not in read_labelled(write(tmp_path / "in.jsonl", *rows))[0].groups


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{" + SECRET, "Line 2 must be one JSON object"),
        ({"id": 1, "text": SECRET}, "Line 2 must have id, either text or turns, and risk"),
        ({"id": 1, "text": SECRET, "risk": "yes"}, "Line 2 must have id, either text or turns, and risk"),
        ({"id": 1, "text": 7, "risk": True}, "Line 2 must have text as strings"),
        ({"id": 1, "turns": SECRET, "risk": True}, "Line 2 must have turns as objects"),
        ({"id": 1, "turns": [{"role": "king", "text": SECRET}], "risk": True}, "Line 2 must have text as strings"),
        ({"id": "good", "text": SECRET, "risk": True}, "Labelled ids must be unique, got 1 repeated"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_quoted_nowhere(tmp_path: Path, row: Any, message: str) -> None:
    path = write(tmp_path / "in.jsonl", {"id": "good", "text": "a", "risk": True}, row)
    with pytest.raises(InputError, match=message) as caught:
        read_labelled(path)
    assert SECRET not in str(caught.value)


def test_an_empty_or_absent_labelled_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must hold lines"):
        read_labelled(write(tmp_path / "in.jsonl", ""))
    with pytest.raises(InputError, match="must be readable"):
        read_labelled(tmp_path / "none.jsonl")


def test_comments_are_counted_by_level_with_the_ids_of_alarms(tmp_path: Path, two_layers: LayeredDetector) -> None:
    rows = [{"text": f"x {level}"} for level in ("none", "crisis", "concern", "none", "notice")]
    lines = write(tmp_path / "c.jsonl", *rows)
    pl.DataFrame(rows).write_parquet(tmp_path / "c.parquet")
    found = judge_comments(two_layers, read_comments(lines))
    assert found == judge_comments(two_layers, read_comments(tmp_path / "c.parquet"))
    assert found.ids == {"crisis": ("1",), "concern": ("2",)}
    assert (found.shares["crisis"], found.shares["none"], found.flagged) == (wilson(1, 5), wilson(2, 5), 2)


@pytest.mark.parametrize("content", ["", "{", '{"words": "a"}', '{"text": 7}', "[1]"])
@pytest.mark.parametrize("name", ["c.jsonl", "c.parquet"])
def test_comments_that_cannot_be_read_are_refused(tmp_path: Path, content: str, name: str) -> None:
    with pytest.raises(InputError, match="Comments must"):
        read_comments(write(tmp_path / name, content))
