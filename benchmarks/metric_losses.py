"""Eight losses on MNIST and Fashion-MNIST: one network, one budget, five seeds, default settings.

    python benchmarks/metric_losses.py [--data mnist.npz ...] [--seeds 5] [--steps 300] [--json OUT.json]

This is ``holdfast metric bench`` on each set: a table with means, intervals, paired differences to the plain triplet
loss, seconds and memory. Runs are kept beside OUT.json, so that an interrupted benchmark goes on where it stopped.
Untuned: ``benchmarks/studies/metric_tuning.py`` gives every loss the same number of trials first. By default the folder
``$HOLDFAST_DATA`` is searched for the data.
"""

import json
import os
from pathlib import Path

import click

from holdfast.cli.metric_bench import bench


@click.command()
@click.option("--data", "paths", multiple=True, type=click.Path(exists=True, path_type=Path), help="Repeatable.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--steps", default=300, show_default=True)
@click.option("--threads", default=1, show_default=True, help="Two can be slower than one on a busy machine.")
@click.option(
    "--json", "out", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/metric_losses.json")
)
def main(paths: tuple[Path, ...], seeds: int, steps: int, threads: int, out: Path) -> None:
    """Run the benchmark on each set and join the results."""
    out.parent.mkdir(parents=True, exist_ok=True)
    joined = {}
    for path in paths or _default_paths():
        part = out.with_name(f"{out.stem}-{path.stem}.json")
        click.echo(f"\n{path.stem}")
        arguments = ["--data", str(path), "--json", str(part), "--plot", str(part.with_suffix(".svg"))]
        arguments += ["--seeds", str(seeds), "--steps", str(steps), "--threads", str(threads)]
        bench.main(arguments, standalone_mode=False)
        joined[path.stem] = json.loads(part.read_text(encoding="utf-8"))
    out.write_text(json.dumps(joined, indent=2) + "\n", encoding="utf-8")


def _default_paths() -> list[Path]:
    folder = Path(os.environ.get("HOLDFAST_DATA", "../shared/data"))
    found = [path for name in ("mnist.npz", "fashion_mnist.npz") if (path := folder / name).is_file()]
    if not found:
        raise click.UsageError(f"No data in {folder}: give --data, or set HOLDFAST_DATA to where mnist.npz is.")
    return found


if __name__ == "__main__":
    main()
