"""Two gloo processes under plain torchrun train as one process does on the same global batches."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from holdfast.metric.encoder.distributed import World, gather_rows, join_world
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError

SCRIPT = Path(__file__).with_name("trained_by_torchrun.py")


def _script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("trained_by_torchrun", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


TRAINED = _script()


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Train every encoder in two processes; return where they were saved, and what was shown."""
    folder = tmp_path_factory.mktemp("together")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [*launch, "--nproc-per-node=2", str(SCRIPT), str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, done.stderr


@pytest.fixture(scope="module")
def said(together: tuple[Path, str]) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = json.loads((together[0] / "said.json").read_text())
    return said


@pytest.mark.parametrize("name", TRAINED.ENCODERS)
def test_two_processes_end_with_the_weights_of_one(together: tuple[Path, str], name: str) -> None:
    both = TripletEncoder.load(together[0] / name)
    alone = TripletEncoder(**TRAINED.EVERY, **TRAINED.ENCODERS[name]).fit(*TRAINED.two_groups())
    began = TripletEncoder(**TRAINED.EVERY | {"learning_rate": 1e-30}, **TRAINED.ENCODERS[name])
    start = began.fit(*TRAINED.two_groups()).network_.state_dict()
    for key, weights in alone.network_.state_dict().items():
        torch.testing.assert_close(both.network_.state_dict()[key], weights, rtol=0, atol=1e-5)
        assert (weights - start[key]).abs().max() > 1e-3, "nothing was learnt, so nothing was compared"
    for key, value in alone.loss_.state_dict().items():
        torch.testing.assert_close(both.loss_.state_dict()[key], value, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", TRAINED.ENCODERS)
def test_two_processes_report_the_losses_and_scores_of_one(together: tuple[Path, str], name: str) -> None:
    both = TripletEncoder.load(together[0] / name).training_
    alone = TripletEncoder(**TRAINED.EVERY, **TRAINED.ENCODERS[name]).fit(*TRAINED.two_groups()).training_
    assert both.best_epoch == alone.best_epoch
    for ours, theirs in zip(both.epochs, alone.epochs, strict=True):
        assert ours.loss == pytest.approx(theirs.loss, rel=1e-5)
        assert ours.active == pytest.approx(theirs.active, rel=1e-3)
        assert ours.held_out == pytest.approx(theirs.held_out, abs=1e-3)


def test_gathering_puts_rows_in_order_and_sends_every_process_s_gradient_back(said: list[dict[str, Any]]) -> None:
    """d/dx of (1 + 2) * w * x^2, the two processes' losses being one and two times the same sum."""
    assert [part["rank"] for part in said] == [0, 1]
    assert all(part["whole"] == [0, 1, 2, 3, 4] for part in said)
    assert said[0]["gradient"] + said[1]["gradient"] == [
        3 * 2 * w * x for x, w in zip(range(5), range(1, 6), strict=True)
    ]


def test_processes_with_other_rows_are_told_so_in_every_process(said: list[dict[str, Any]]) -> None:
    assert all("must be the same in every process" in part["refused"] for part in said)


def test_only_the_first_process_shows_progress_and_writes(together: tuple[Path, str]) -> None:
    folder, shown = together
    assert shown.count("| 0/6 [") == len(TRAINED.ENCODERS), "a bar begins once a training"
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == sorted(TRAINED.ENCODERS)


@pytest.mark.parametrize("n", [0, 1, 7, 64])
@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_slices_of_all_processes_partition_the_rows_evenly(n: int, size: int) -> None:
    slices = [World(rank=rank, size=size).rows(n) for rank in range(size)]
    assert np.concatenate([np.arange(n)[place] for place in slices]).tolist() == list(range(n))
    lengths = [len(range(n)[place]) for place in slices]
    assert max(lengths) - min(lengths) <= 1


def test_without_torchrun_a_process_is_alone() -> None:
    assert join_world(torch.device("cpu"), environment={}) == World()
    alone = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}
    assert join_world(torch.device("cpu"), environment=alone) == World()


def test_a_slice_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(MetricError, match="must embed 3 of 6 rows, got `2`"):
        gather_rows(torch.zeros(2, 4), 6, World(rank=0, size=2))
