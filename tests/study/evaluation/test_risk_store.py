"""A folder of risks that are done: what is damaged in it is named, never taken for a result."""

from pathlib import Path

import numpy as np
import pytest

from holdfast.errors import StorageError
from holdfast.measured import Unscored
from holdfast.study.error import StudyError
from holdfast.study.evaluation.risk_store import RiskStore

IDENTITY = {"command": "evaluate"}


@pytest.fixture
def store(tmp_path: Path) -> RiskStore:
    made = RiskStore(tmp_path / "run" / "risks", IDENTITY)
    made.put("seed 0", "cox", np.array([0.5, 1.5]))
    made.put("seed 0", "age", Unscored("no age"))
    return made


def test_what_is_kept_is_given_back(store: RiskStore) -> None:
    kept = store.get("seed 0", "cox")
    assert isinstance(kept, np.ndarray)
    assert kept.tolist() == [0.5, 1.5]
    assert store.get("seed 0", "age") == Unscored("no age")
    assert store.get("seed 1", "cox") is None


@pytest.mark.parametrize("method", ["cox", "age"])
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"[]"])
def test_what_is_damaged_is_named_with_what_to_do(method: str, damage: bytes, store: RiskStore, tmp_path: Path) -> None:
    next((tmp_path / "run" / "risks").glob(f"seed-0-{method}-*")).write_bytes(damage)
    with pytest.raises(StudyError, match=rf"^Risk of '{method}' .* must be whole, got a .*; remove that file, or give"):
        store.get("seed 0", method)


def test_an_identity_that_is_no_text_is_of_another_run(store: RiskStore, tmp_path: Path) -> None:
    (tmp_path / "run" / "risks" / "identity.json").write_bytes(b"\xff\xfe")
    with pytest.raises(StudyError, match=r"^Folder 'run' must hold this very run, got one with other"):
        RiskStore(tmp_path / "run" / "risks", IDENTITY)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("keep")
    with pytest.raises(StorageError, match=r"file' must be one that can be made, got: .*; name another\.$"):
        RiskStore(tmp_path / "file" / "risks", IDENTITY)
    assert (tmp_path / "file").read_text() == "keep"
