"""A small model on disk, and a table to score with it."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.metric.tables.reading import open_table
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.model_folder import StoredModel, load_model, save_model
from holdfast.study.risk_model.settings import preset
from holdfast.study.risk_model.visit_encoder import EncoderSettings
from holdfast.study.runs.run_record import RunRecord
from holdfast.study.scoring.table_scoring import TableScoring
from holdfast.study.visits import Visits


@pytest.fixture(scope="session")
def model_folder(people: Visits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fast model of a few steps."""
    settings = preset("fast")
    risk = replace(settings.risk, interval=replace(settings.risk.interval, replicates=5))
    quick = replace(settings, encoder=EncoderSettings(steps=20), risk=risk)
    model = fit_risk_model(people, quick, age="age", seed=1)
    folder = tmp_path_factory.mktemp("scoring") / "model"
    record = RunRecord(command="fit", configuration={}, data=())
    save_model(StoredModel(model=model, outcome="Death", run=record), folder)
    return folder


@pytest.fixture(scope="session")
def stored(model_folder: Path) -> StoredModel:
    return load_model(model_folder)


@pytest.fixture(scope="session")
def table_file(made_up: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 3,000 people in row groups of 700."""
    path = tmp_path_factory.mktemp("table") / "people.parquet"
    pl.read_parquet(made_up.folder / "people.parquet").write_parquet(path, row_group_size=700)
    return path


@pytest.fixture
def job(stored: StoredModel, table_file: Path, tmp_path: Path) -> TableScoring:
    return TableScoring(
        stored=stored, table=open_table(table_file), person="person", out=tmp_path / "risk.parquet", batch_rows=500
    )
