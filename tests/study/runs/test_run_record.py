"""Records of runs: kept, read again, and compared with the data as it is now."""

import hashlib
import json
import os
import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import holdfast
from holdfast.study.error import StudyError
from holdfast.study.runs.environment import DISTRIBUTIONS, environment
from holdfast.study.runs.run_record import RunRecord, data_file


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    path.write_text("x\n1\n")
    return path


@pytest.fixture
def record(table: Path) -> RunRecord:
    configuration = {"features": ["x"], "seeds": [1, 2], "title": "Größe", "age": None, "share": 0.1}
    return RunRecord(command="evaluate", configuration=configuration, data=data_file("train", table))


def test_a_record_is_read_as_it_was_written(record: RunRecord, tmp_path: Path) -> None:
    record.write(tmp_path)
    again = RunRecord.read(tmp_path)
    assert again == record
    assert again.identity == record.identity
    assert (tmp_path / "run.json").read_text(encoding="utf-8").endswith("}\n")


def test_equal_records_have_equal_bytes(record: RunRecord, tmp_path: Path) -> None:
    record.write(tmp_path)
    first = (tmp_path / "run.json").read_bytes()
    RunRecord.read(tmp_path).write(tmp_path)
    assert (tmp_path / "run.json").read_bytes() == first


def test_the_identity_follows_from_bytes_and_settings_not_from_where_or_with_what(
    record: RunRecord, table: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = table.rename(tmp_path / "elsewhere" / "other name.csv")
    elsewhere = replace(record, data=data_file("train", moved), environment={"python": "2.7"})
    assert elsewhere.identity == record.identity
    assert str(tmp_path) not in json.dumps(record.identity)
    moved.write_text("x\n2\n")
    assert replace(record, data=data_file("train", moved)).identity != record.identity
    assert replace(record, data=data_file("test", table_with(tmp_path))).identity != record.identity
    assert replace(record, configuration={**record.configuration, "seeds": [1, 3]}).identity != record.identity
    assert replace(record, command="fit").identity != record.identity


def table_with(folder: Path) -> Path:
    """Write the table of the record again."""
    path = folder / "again.csv"
    path.write_text("x\n1\n")
    return path


def test_data_as_they_were_are_accepted(record: RunRecord) -> None:
    record.refuse_changed_data()


def test_changed_data_are_refused(record: RunRecord, table: Path) -> None:
    table.write_text("x\n2\n")
    with pytest.raises(
        StudyError,
        match=r"^Data of the run \(train\) must be as it was, got other bytes in 'train\.csv'; put it back\.$",
    ):
        record.refuse_changed_data()


def test_data_that_are_gone_are_refused(record: RunRecord, table: Path) -> None:
    table.unlink()
    with pytest.raises(
        StudyError, match=r"^Data of the run \(train\) must be there, got no 'train\.csv'; put it back\.$"
    ):
        record.refuse_changed_data()


def test_a_folder_is_described_by_each_of_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.parquet"):
        (tmp_path / name).write_text(name)
    found = data_file("cohort", tmp_path)
    assert [Path(file.path).name for file in found] == ["a.parquet", "b.parquet"]
    assert {file.role for file in found} == {"cohort"}
    assert found[0].sha256 == hashlib.sha256(b"a.parquet").hexdigest()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError,
        match=r" must be the folder of a run, got no readable run\.json; name one that fit or evaluate made\.$",
    ):
        RunRecord.read(tmp_path)
    with pytest.raises(StudyError, match=r"must be the folder of a run, got no readable run\.json"):
        RunRecord.read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '"words"',
        "{}",
        '{"format_version": 1}',
        '{"format_version": 1, "data": [], "colour": 1}',
        "\xff",
    ],
)
def test_a_record_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(StudyError, match=r"^run\.json must be what a run wrote, got an? \w+; run it again\.$"):
        RunRecord.read(tmp_path)


def test_a_later_format_is_refused(record: RunRecord, tmp_path: Path) -> None:
    record.write(tmp_path)
    said: dict[str, Any] = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(json.dumps({**said, "format_version": 2}))
    with pytest.raises(StudyError, match=r"^run\.json must be of format 1, got another; use the Holdfast it names\.$"):
        RunRecord.read(tmp_path)


def test_the_environment_says_what_figures_may_depend_on_and_names_no_machine() -> None:
    found = environment()
    assert found["holdfast"] == holdfast.__version__
    assert found["python"] == platform.python_version()
    assert found["packages"]["numpy"] == version("numpy")
    assert set(found["packages"]) <= set(DISTRIBUTIONS)
    said = json.dumps(found)
    assert platform.node() not in said
    assert os.path.expanduser("~") not in said


def test_threads_are_said_where_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    assert environment()["threads"] == {"OMP_NUM_THREADS": "3"}
