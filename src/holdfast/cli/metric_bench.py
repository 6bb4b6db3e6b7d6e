"""``holdfast metric bench``: losses compared on the same data, weights, images and budget."""

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdfast.metric.benchmark.record import RunRecord
    from holdfast.metric.benchmark.report import Report
    from holdfast.metric.benchmark.runs import Benchmark
    from holdfast.metric.benchmark.spec import RunSpec

__all__ = ["bench"]

_LOSSES = "triplet,triplet-all,npair,swap,mdr,supcon,nplb,nplb-all"
_INTERRUPTED = 130
_FILE = click.Path(path_type=Path, dir_okay=False)


def _options(*groups: "Callable[..., Any]") -> "Callable[..., Any]":
    def decorate(function: "Callable[..., Any]") -> "Callable[..., Any]":
        for option in reversed(groups):
            function = option(function)
        return function

    return decorate


_DATA = _options(
    click.option("--data", required=True, type=click.Path(path_type=Path), help="npz, table, or folder; see above."),
    click.option("--label", help="Column of classes, for a table."),
    click.option("--leave-out", multiple=True, help="Column of a table not to use; may be given again."),
    click.option("--image-size", type=int, help="Pixels to resize to, for a folder of images."),
    click.option("--validate", is_flag=True, help="Judge on a sixth of the training split instead: for tuning."),
    click.option("--reference", default="10000", show_default=True, help="Training rows to look in, or all."),
)
_RUN = _options(
    click.option("--steps", type=int, help="Updates of the weights.  [default: 600]"),
    click.option("--images-per-step", type=int, help="A multiple of 6 fits every loss.  [default: 384]"),
    click.option("--classes-per-batch", type=int, help="Classes of a balanced batch.  [default: most that divide it]"),
    click.option("--embedding-dim", type=int, help="[default: 64]"),
    click.option("--hidden", help="Widths of the mlp's hidden layers, as 512,256.  [default: 512]"),
    click.option("--network", type=click.Choice(["mlp", "convnet"]), help="[default: mlp]"),
    click.option("--normalize/--no-normalize", default=None, help="Length one or not.  [default: as the loss has it]"),
    click.option("--lr", type=float, help="Step size of AdamW.  [default: 0.001]"),
    click.option("--weight-decay", type=float, help="[default: 0]"),
    click.option("--schedule", type=click.Choice(["constant", "cosine"]), help="[default: constant]"),
)
_LOSS = _options(
    click.option("--margin", type=float, help="For losses that have one.  [default: the loss's own]"),
    click.option("--weight", type=float, help="For losses that have one.  [default: the loss's own]"),
    click.option("--config", type=_FILE, help="YAML with settings for each loss; options given here win."),
)
_OUTPUT = _options(
    click.option(
        "--json", "json_path", required=True, type=_FILE, help="Results; runs are kept in a folder beside it."
    ),
    click.option("--plot", type=_FILE, help="SVG of means and differences with intervals."),
    click.option("--projection", type=click.Path(path_type=Path, file_okay=False), help="Folder, one picture a loss."),
    click.option("--projection-method", type=click.Choice(["pca", "tsne"]), default="pca", show_default=True),
    click.option("--baseline", default="triplet", show_default=True, help="Loss the others are compared with."),
    click.option("--fresh", is_flag=True, help="Forget runs kept beside the results and start anew."),
)
_MACHINE = _options(
    click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True),
    click.option("--threads", type=click.IntRange(min=1), help="Threads of torch.  [default: torch's own]"),
    click.option("--in-process", is_flag=True, help="Skip the process a run; peak memory then means less on a CPU."),
)


@click.command("bench")
@_DATA
@click.option("--losses", default=_LOSSES, show_default=True, help="Also swap-all and mdr-all.")
@click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="Runs a loss.")
@_RUN
@_LOSS
@_OUTPUT
@_MACHINE
@click.pass_context
def bench(ctx: click.Context, /, **options: Any) -> None:
    """Compare losses on the same data, first weights, images and budget.

    DATA is an .npz archive with X_train, y_train, X_test and y_test; a .parquet or .csv table with --label; or a
    folder: IDX files as MNIST has them, CIFAR-10's binary version, or images with one subfolder a class.

    Every loss embeds as many images a step: triplet, nplb, swap and mdr a third as many random triplets, npair half
    as many pairs, the others one class-balanced batch.

    Each finished run is kept at once. Give the same command again to go on where it stopped.

    Exits 0 when every run was scored, 1 when any diverged, 2 for a mistake in the command, 130 when stopped.
    """
    benchmark = _benchmark(options)
    _check_baseline(options["baseline"], benchmark)
    _check_places(options, benchmark)
    if options["fresh"]:
        _clear(benchmark)
    records = _run(ctx, benchmark)
    from holdfast.metric.benchmark.report import summarise
    from holdfast.metric.benchmark.table import text_table

    report = summarise(records, baseline=options["baseline"])
    _write(report, benchmark, options)
    click.echo(text_table(report))
    ctx.exit(int(any(summary.failed for summary in report.losses)))


def _benchmark(options: dict[str, Any]) -> "Benchmark":
    from holdfast.metric.benchmark.data_source import DataSource
    from holdfast.metric.benchmark.runs import Benchmark
    from holdfast.metric.benchmark.settings import BenchmarkSettings, read_settings, specs_of

    of_run = ("steps", "images_per_step", "classes_per_batch", "embedding_dim", "network", "normalize", "lr")
    given = {name: options[name] for name in (*of_run, "weight_decay", "schedule")}
    specs = specs_of(
        tuple(name.strip() for name in options["losses"].split(",") if name.strip()),
        settings=read_settings(options["config"]) if options["config"] else BenchmarkSettings(),
        given={**given, "hidden": _widths(options["hidden"])},
        given_loss={"margin": options["margin"], "weight": options["weight"]},
    )
    json_path: Path = options["json_path"]
    return Benchmark(
        source=DataSource(
            path=options["data"],
            label=options["label"],
            leave_out=options["leave_out"],
            image_size=options["image_size"],
            validate=options["validate"],
            reference_rows=_reference(options["reference"]),
        ),
        specs=specs,
        seeds=tuple(range(options["seeds"])),
        folder=json_path.with_name(f"{json_path.stem}.runs"),
        device=options["device"],
        threads=options["threads"],
        apart=options["device"] == "cpu" and not options["in_process"],
    )


def _check_baseline(name: str, benchmark: "Benchmark") -> None:
    """Refuse a baseline that does not exist, and say so where it is not among the losses: nothing is compared then."""
    from holdfast.errors import UnknownNameError
    from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES

    if name not in BENCHMARK_LOSSES:
        raise UnknownNameError("baseline", name, BENCHMARK_LOSSES)
    losses = [spec.loss for spec in benchmark.specs]
    if len(losses) > 1 and name not in losses:
        click.echo(f"{name} is not among the losses: nothing is compared with it; choose a --baseline.", err=True)


def _check_places(options: dict[str, Any], benchmark: "Benchmark") -> None:
    """Refuse, before hours of work, places that nothing can be written to."""
    from holdfast.metric.benchmark.run_store import check_writable

    check_writable(benchmark.folder)
    check_writable(options["json_path"].parent)
    if options["plot"]:
        check_writable(options["plot"].parent)
    if options["projection"]:
        check_writable(options["projection"])


def _widths(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(width) for width in text.split(",") if width.strip()]
    except ValueError:
        _refuse("--hidden", text, "give widths as 512,256")


def _reference(text: str) -> int | None:
    if text == "all":
        return None
    try:
        return int(text)
    except ValueError:
        _refuse("--reference", text, "give a number of rows, or all")


def _refuse(option: str, value: str, remedy: str) -> NoReturn:
    raise click.BadParameter(f"must be usable, got {value!r}; {remedy}.", param_hint=option)


def _clear(benchmark: "Benchmark") -> None:
    from holdfast.metric.benchmark.run_store import RunStore

    removed = RunStore(benchmark.folder).clear()
    click.echo(f"Starting anew: {removed} kept runs removed from {benchmark.folder}.", err=True)


def _run(ctx: click.Context, benchmark: "Benchmark") -> "list[RunRecord]":
    records: list[RunRecord] = []
    try:
        with _bar(benchmark) as progress:
            records.extend(benchmark.run(progress))
    except KeyboardInterrupt:
        done, total = benchmark.kept(), len(benchmark.runs)
        click.echo(
            f"\nStopped. {done} of {total} runs are finished and kept in {benchmark.folder}. "
            "Give the same command again to go on.",
            err=True,
        )
        ctx.exit(_INTERRUPTED)
    return records


@contextmanager
def _bar(benchmark: "Benchmark") -> "Iterator[_Bar]":
    """Show progress on standard error: a moving bar on a terminal, a line a run everywhere."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    total = sum(spec.steps for spec in benchmark.runs)
    with tqdm(total=total, unit="step", file=sys.stderr, disable=None, dynamic_ncols=True) as bar:
        yield _Bar(bar)


class _Bar:
    """What a benchmark tells about its progress, on a bar of steps."""

    def __init__(self, bar: Any) -> None:
        self._bar, self._before, self._steps = bar, 0, 0

    def begin(self, spec: "RunSpec") -> None:
        """Say which run begins."""
        self._bar.set_description(f"{spec.loss}, seed {spec.seed}")
        self._steps = spec.steps

    def step(self, done: int) -> None:
        """Move on to ``done`` steps of this run."""
        self._bar.update(self._before + done - self._bar.n)

    def end(self, record: "RunRecord", *, was_kept: bool) -> None:
        """Say what came of the run."""
        from tqdm import tqdm

        self._before += self._steps
        self._bar.update(self._before - self._bar.n)
        tqdm.write(_line(record, was_kept=was_kept), file=sys.stderr)


def _line(record: "RunRecord", *, was_kept: bool) -> str:
    from holdfast.measured import Failed, Scored

    figure = record.scores.knn_weighted_f1
    said = f"weighted F1 {figure.value:.4f}" if isinstance(figure, Scored) else "not scored"
    if isinstance(figure, Failed):
        said = figure.error
    when = "kept from before" if was_kept else f"{record.training_s:.1f} s, {record.steps_per_s:.0f} steps/s"
    return f"{record.spec.loss}, seed {record.spec.seed}: {said} ({when})"


def _write(report: "Report", benchmark: "Benchmark", options: dict[str, Any]) -> None:
    """Write what was asked for: the results, the plot, the pictures."""
    from holdfast.metric.benchmark.report import report_to_json
    from holdfast.metric.benchmark.run_store import write_whole

    text = json.dumps(report_to_json(report), indent=1, allow_nan=False) + "\n"
    write_whole(options["json_path"], text.encode("utf-8"))
    if options["plot"]:
        from holdfast.metric.benchmark.plot import draw_intervals

        draw_intervals(report, options["plot"])
    if options["projection"]:
        _draw_projections(report, benchmark, options["projection"], options["projection_method"])


def _draw_projections(report: "Report", benchmark: "Benchmark", folder: Path, method: Any) -> None:
    from holdfast.metric.benchmark.projection import draw_projection, project
    from holdfast.metric.benchmark.run_store import RunStore

    store, classes = RunStore(benchmark.folder), tuple(report.data["classes"])
    for spec in benchmark.runs[: len(benchmark.specs)]:
        sample = store.sample(spec)
        if sample is None or not sample.embeddings.isfinite().all():
            click.echo(f"{spec.loss}: no picture, its embeddings were not kept or are not finite.", err=True)
            continue
        title = f"{spec.loss} on {report.data['name']}, seed {spec.seed}, {len(sample.labels)} judged rows"
        projection = project(sample.embeddings.numpy(), method=method)
        draw_projection(
            projection, sample.labels.numpy(), classes=classes, title=title, path=folder / f"{spec.loss}.svg"
        )
