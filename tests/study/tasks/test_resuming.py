"""A comparison that was stopped goes on where it stopped, with the same figures; another one is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.errors import StorageError
from holdfast.measured import Failed
from holdfast.study.error import StudyError
from holdfast.study.tasks.comparison import Comparison, Contender, Inputs
from holdfast.study.tasks.protocol import compare_on_task
from holdfast.study.tasks.split_store import SplitRecord, SplitStore


def test_stopped_and_continued_gives_the_figures_of_one_go(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    calls = []

    def stopping(train: np.ndarray) -> Any:
        calls.append(train)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return cohort.prepare(train)

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        compare_on_task(replace(cohort.inputs, prepare=stopping), quick, folder=tmp_path / "new" / "kept")
    assert len((tmp_path / "new" / "kept" / "splits.jsonl").read_text().splitlines()) == 2
    continued = compare_on_task(replace(cohort.inputs, prepare=stopping), quick, folder=tmp_path / "new" / "kept")
    assert len(calls) == 5  # two, the one that stopped, and the two left
    assert continued == compare_on_task(cohort.inputs, quick)


def test_a_finished_comparison_learns_nothing_again(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    one = compare_on_task(cohort.inputs, quick, folder=tmp_path)

    def never(train: np.ndarray) -> Any:
        raise AssertionError("learnt again")

    assert compare_on_task(replace(cohort.inputs, prepare=never), quick, folder=tmp_path) == one


def test_other_intervals_and_references_need_no_new_folder(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    compare_on_task(cohort.inputs, quick, folder=tmp_path)
    again = compare_on_task(cohort.inputs, replace(quick, resamples=50, reference=("pca", "knn")), folder=tmp_path)
    assert again.reference == ("pca", "knn")


def test_a_last_line_that_broke_off_is_done_again(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    whole = compare_on_task(cohort.inputs, quick, folder=tmp_path)
    path = tmp_path / "splits.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[:-30])
    assert compare_on_task(cohort.inputs, quick, folder=tmp_path) == whole
    assert path.read_bytes() == content


def test_a_damaged_line_is_refused(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    compare_on_task(cohort.inputs, quick, folder=tmp_path)
    path = tmp_path / "splits.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1][50:], *lines[2:]]))
    with pytest.raises(StudyError, match=r"^Finished splits must be as they were written, got line 2 damaged; "):
        compare_on_task(cohort.inputs, quick, folder=tmp_path)
    stored = json.loads(lines[1])
    stored["outcomes"] = stored["outcomes"][:1]
    path.write_text("".join([lines[0], json.dumps(stored) + "\n", *lines[2:]]))
    with pytest.raises(StudyError, match=r"got repeat 0, fold 1 of other pairs or people; "):
        compare_on_task(cohort.inputs, quick, folder=tmp_path)


def test_a_changed_configuration_is_refused_by_name(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    compare_on_task(cohort.inputs, quick, folder=tmp_path, data={"sha256": "a"})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    changed: list[tuple[Inputs, Comparison, dict[str, str], str]] = [
        (cohort.inputs, replace(quick, seed=4), {"sha256": "a"}, "seed"),
        (cohort.inputs, replace(quick, repeats=3), {"sha256": "a"}, "repeats"),
        (cohort.inputs, quick, {"sha256": "b"}, "data"),
        (replace(cohort.inputs, task=replace(cohort.task, has=~cohort.task.has)), quick, {"sha256": "a"}, "labels"),
        (
            cohort.inputs,
            replace(quick, contenders=(*quick.contenders[:1], Contender(representation="pca", dimensions=2))),
            {"sha256": "a"},
            "contenders",
        ),
    ]
    for inputs, comparison, data, what in changed:
        with pytest.raises(StudyError, match=rf"^Splits of a folder must be of one configuration, got other {what}; "):
            compare_on_task(inputs, comparison, folder=tmp_path, data=data)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    (tmp_path / "configuration.json").write_text("[")
    with pytest.raises(StudyError, match=r"^Configuration must be as it was written, got 'configuration.json' damaged"):
        compare_on_task(cohort.inputs, quick, folder=tmp_path, data={"sha256": "a"})


def test_the_folder_holds_nobodys_id_or_measurements(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    compare_on_task(cohort.inputs, quick, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["configuration.json", "splits.jsonl"]
    keys = {key for line in (tmp_path / "splits.jsonl").read_text().splitlines() for key in json.loads(line)}
    assert keys == {"repeat", "fold", "outcomes", "unconverged"}


def test_a_record_comes_back_bit_for_bit(tmp_path: Path) -> None:
    scores = np.array([0.1, np.nextafter(0.5, 1), 1e-300])
    record = SplitRecord(
        repeat=1,
        fold=0,
        outcomes={("raw", "knn"): scores, ("pca", "knn"): Failed("too few")},
        unconverged=(("raw", "mlp"),),
    )
    store = SplitStore(tmp_path, {"a": 1})
    store.add(record)
    found = SplitStore(tmp_path, {"a": 1}).finished()[1, 0]
    np.testing.assert_array_equal(found.outcomes["raw", "knn"], scores)
    assert found.outcomes["pca", "knn"] == Failed("too few")
    assert found.unconverged == (("raw", "mlp"),)


def test_progress_counts_representations_over_all_splits(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    compare_on_task(cohort.inputs, quick, progress=lambda *what: told.append(what))
    assert told == [*((("raw", "pca")[k % 2], k, 8) for k in range(8)), ("figures", 8, 8)]


def test_a_place_that_cannot_be_written_to_is_named(cohort: Any, quick: Comparison, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match=r"must be writable, got: Not a directory"):
        compare_on_task(cohort.inputs, quick, folder=tmp_path / "file" / "inside")
