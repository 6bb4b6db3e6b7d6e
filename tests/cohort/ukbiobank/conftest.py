"""An extract's dictionary, and a cohort built from frames."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.ukbiobank import UkBiobankReport
from ukbiobank_extract import build_paths


@pytest.fixture(scope="session")
def whole_dictionary() -> Path:
    data = Path(os.environ.get("HOLDFAST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "ukb_dictionary"
    if not data.is_dir():
        pytest.skip(f"UK Biobank's field dictionary is not at {data}; set HOLDFAST_DATA")
    return data


@pytest.fixture(scope="session")
def dictionary(whole_dictionary: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dictionary without its long codings, which take most of the time to read."""
    folder = tmp_path_factory.mktemp("dictionary")
    shutil.copy(whole_dictionary / "df_lkp_fields.tsv.gz", folder)
    rows = pl.read_csv(whole_dictionary / "df_lkp_encodings.csv.gz", infer_schema=False)
    rows.filter(pl.len().over("encoding_id") < 1000).write_csv(folder / "df_lkp_encodings.csv")
    return folder


@pytest.fixture
def build(tmp_path: Path, dictionary: Path) -> Callable[..., tuple[Cohort, UkBiobankReport]]:
    """Write frames to files and build a cohort from them."""

    def run(
        *frames: pl.DataFrame, suffix: str = "csv", out: str = "cohort", **settings: Any
    ) -> tuple[Cohort, UkBiobankReport]:
        paths = []
        for number, frame in enumerate(frames):
            paths.append(tmp_path / f"{out}-{number}.{suffix}")
            if suffix == "parquet":
                frame.write_parquet(paths[-1])
            else:
                frame.write_csv(paths[-1], separator="\t" if suffix == "tab" else ",")
        return build_paths(paths, tmp_path / out, dictionary=dictionary, **settings)

    return run
