"""What is written takes its place whole, or leaves what was there."""

from pathlib import Path

import pytest

from holdfast.errors import StorageError
from holdfast.staged import staged


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
