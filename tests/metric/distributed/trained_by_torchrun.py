"""Run by torchrun in two processes: train as the test process does alone, and write what came of it.

Usage: torchrun ... trained_by_torchrun.py FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from holdfast.metric.encoder.distributed import World, join_world
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError


def two_groups() -> tuple[np.ndarray, np.ndarray]:
    """Return 130 rows of 6 columns in 4 unequal classes; the batch of 65 does not split evenly."""
    generator = np.random.default_rng(5)
    labels = generator.choice(4, size=130, p=[0.4, 0.3, 0.2, 0.1])
    return generator.normal(size=(130, 6)) + labels[:, None] * 0.7, labels


ENCODERS = {
    "triplet-all": {"loss": "triplet-all"},
    "triplet-all-mean-active": {"loss": "triplet-all", "loss_settings": {"reduction": "mean-active"}},
    "nplb-all": {"loss": "nplb-all"},
    "nplb-all-unit": {"loss": "nplb-all", "loss_settings": {"normalize": True, "margin": 0.3}},
    "supcon": {"loss": "supcon", "normalize": True},
    "nplb": {"loss": "nplb"},
    "mdr": {"loss": "mdr"},
}
EVERY = {"epochs": 6, "batch_size": 65, "hidden": (16,), "embedding_dim": 8, "random_state": 3}


def gradients(world: World) -> dict[str, object]:
    """Gather 5 rows with gradient: what came together, and this process's gradient of a shared-out loss."""
    weights = torch.arange(1.0, 6.0)[:, None]
    local = torch.arange(5.0)[world.rows(5)][:, None].requires_grad_()
    whole = world.gather(local, 5)
    ((whole**2 * weights).sum() * (world.rank + 1)).backward()
    return {"whole": whole.flatten().tolist(), "gradient": local.grad.flatten().tolist()}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    rows, labels = two_groups()
    for name, settings in ENCODERS.items():
        encoder = TripletEncoder(**EVERY, **settings, progress=True, checkpoint=folder / "checkpoints" / name).fit(
            rows, labels
        )
        encoder.save(folder / name)
    world = join_world(torch.device("cpu"))
    try:
        TripletEncoder(**EVERY).fit(rows[: 100 + world.rank], labels[: 100 + world.rank])
        refused = "nothing"
    except MetricError as error:
        refused = str(error)
    said = {"rank": world.rank, "size": world.size, "refused": refused, **gradients(world)}
    everyone: list[object] = [None] * world.size
    dist.all_gather_object(everyone, said)
    if world.is_first:
        (folder / "said.json").write_text(json.dumps(everyone))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
