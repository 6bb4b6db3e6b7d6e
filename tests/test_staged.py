"""What is written takes its place whole, or leaves what was there."""

import json
from pathlib import Path

import pytest

from holdfast.errors import StorageError
from holdfast.staged import staged, write_json


def test_a_file_never_replaces_a_folder(tmp_path: Path) -> None:
    kept = tmp_path / "models" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("kept")
    with pytest.raises(StorageError, match="must name a file, got a folder"), staged(tmp_path / "models") as beside:
        beside.write_text("new")
    assert kept.read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_a_folder_replaces_a_folder_whole(tmp_path: Path) -> None:
    place = tmp_path / "encoder"
    place.mkdir()
    (place / "old").write_text("old")
    with staged(place) as beside:
        beside.mkdir()
        (beside / "new").write_text("new")
    assert [path.name for path in place.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_json_is_written_whole_and_in_plain_letters(tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    write_json(path, {"word": "größe", "numbers": [1, 2.5]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"word": "größe", "numbers": [1, 2.5]}
    assert "größe" in path.read_text(encoding="utf-8")


def test_what_json_cannot_hold_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(TypeError, match="not JSON serializable"):
        write_json(path, {1, 2})
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]
