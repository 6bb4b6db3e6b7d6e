"""Small files in the publishers' formats, written byte by byte, and the folder of real data."""

import gzip
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pixels() -> np.ndarray:
    """Six pictures of 2 x 3 pixels, all values different."""
    return np.arange(36, dtype=np.uint8).reshape(6, 2, 3)


@pytest.fixture
def write_idx() -> Callable[..., Path]:
    """Write an array as an IDX file."""

    def write(path: Path, array: np.ndarray, *, code: int = 0x08) -> Path:
        data = struct.pack(">BBBB", 0, 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
        data += array.astype(np.uint8).tobytes()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return path

    return write


@pytest.fixture
def real_data() -> Path:
    """The folder of real data, or a skip that says how to get the test to run."""
    named = os.environ.get("HOLDFAST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: set HOLDFAST_DATA to the folder that holds mnist.npz (looked in {folder})")
    return folder
