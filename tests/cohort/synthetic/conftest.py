"""One made-up cohort of 20,000 for tests that only read it."""

from datetime import date
from pathlib import Path

import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.synthetic import build_synthetic

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder: Path = tmp_path_factory.mktemp("made-up") / "cohort"
    return build_synthetic(folder, people=20_000, seed=1, today=TODAY)
