"""``holdfast metric fit``: train an encoder on a Parquet or CSV table, streamed where it is larger than memory."""

import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.metric_threads import use_threads
from holdfast.cli.row_progress import row_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.metric.encoder.triplet_encoder import TripletEncoder
    from holdfast.metric.tables.reading import Table
    from holdfast.metric.tables.table_fit import TableFit
    from holdfast.metric.tables.table_survey import TrainingColumns

__all__ = ["fit"]

_INTERRUPTED = 130
_SEED = click.IntRange(0, 2**32 - 1)  # what scikit-learn takes


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What the command line said, an attribute for each option."""

    table: Path
    label: str
    out: Path
    ids: tuple[str, ...]
    features: str | None
    exclude: str | None
    categorical: str | None
    drop_missing_labels: bool
    loss: str
    loss_settings: tuple[str, ...]
    embedding_dim: int
    hidden: str
    normalize: bool
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    sampler: str
    validation: float
    patience: int
    device: str
    threads: int | None
    seed: int
    stream_rows: int
    overwrite: bool
    quiet: bool
    as_json: bool


@click.command("fit")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--label", required=True, metavar="COL", help="Column that names each row's class.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the encoder to.")
@click.option("--id", "ids", multiple=True, metavar="COL", help="Column that names a row: not learnt from. May repeat.")
@click.option("--features", metavar="A,B,C", help="Columns to learn from. Default: all but label and ids.")
@click.option("--exclude", metavar="A,B,C", help="Columns not to learn from.")
@click.option("--categorical", metavar="A,B,C", help="Columns of numbers that are categories.")
@click.option("--drop-missing-labels", is_flag=True, help="Leave rows without a label out, rather than refusing them.")
@click.option("--loss", default="nplb-all", show_default=True, help="What to train for, such as triplet-all or supcon.")
@click.option("--loss-setting", "loss_settings", multiple=True, metavar="NAME=VALUE", help="As margin=0.5. May repeat.")
@click.option("--embedding-dim", default=32, show_default=True, help="Columns of the embedding.")
@click.option("--hidden", default="128,64", show_default=True, metavar="N,N", help="Widths of the hidden layers.")
@click.option("--normalize", is_flag=True, help="Scale every embedding to length one.")
@click.option("--epochs", default=50, show_default=True, help="Most passes over the table.")
@click.option("--batch-size", default=256, show_default=True, help="Rows to a step.")
@click.option("--learning-rate", default=1e-3, show_default=True, help="Of AdamW.")
@click.option("--weight-decay", default=1e-4, show_default=True, help="Of AdamW.")
@click.option("--sampler", default="shuffled", show_default=True, help="shuffled or balanced batches.")
@click.option("--validation", default=0.1, show_default=True, help="Share of rows held out to stop early on; 0: none.")
@click.option("--patience", default=10, show_default=True, help="Passes without a better held-out score; 0: no stop.")
@click.option("--device", default="cpu", show_default=True, help="Where to compute: cpu, cuda, mps.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of torch.  [default: torch's own]")
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0, 2**32 - 1), help="Same seed, same encoder."
)
@click.option(
    "--stream-rows", default=262_144, show_default=True, help="Rows in memory at most; a larger table is streamed."
)
@click.option("--overwrite", is_flag=True, help="Put the encoder in place of what is there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def fit(ctx: click.Context, /, **given: Any) -> None:
    """Train an encoder on TABLE, so that rows of one class lie close together.

    TABLE is a Parquet or CSV file, or a folder of parts: a column for each feature, and one for the label. Columns of
    numbers are standardised, columns of words become categories; values may be missing everywhere but in the label.

    A table of more rows than --stream-rows is never held in memory: it is read once for each pass, mixed by a seeded
    buffer that draws evenly from the classes, and may be in any order, also sorted by its label.

    Ctrl-C keeps the best pass so far. Exits 0 when the encoder is written, 2 for a mistake in the command or a full
    disk, 130 when stopped.
    """
    options = _Options(**given)
    from holdfast.metric.tables.reading import open_table
    from holdfast.metric.tables.staging import check_free
    from holdfast.staged import staged

    _check_place(options)
    check_free(options.out, overwrite=options.overwrite)
    use_threads(options.threads)
    table = open_table(options.table)
    columns, encoder = _columns(options, table), _encoder(options)
    try:
        fitted = _fit(options, table, columns, encoder)
    except KeyboardInterrupt:
        click.echo("\nStopped before the first pass was over; nothing was written.", err=True)
        ctx.exit(_INTERRUPTED)
    with staged(options.out) as beside:
        fitted.encoder.save(beside)
    report = _report(options, fitted)
    click.echo(json.dumps(report) if options.as_json else _spoken(report))
    ctx.exit(_INTERRUPTED if report["stopped"] == "interrupted" else 0)


def _check_place(options: _Options) -> None:
    """Refuse a result that would take the place of the table, or of a folder that is no encoder."""
    from holdfast.metric.error import MetricError

    is_other = options.out.is_dir() and any(options.out.iterdir()) and not (options.out / "encoder.json").is_file()
    if options.out.is_file() or is_other:
        raise MetricError(f"Result must be a new folder or an encoder's, got {str(options.out)!r}; name another.")


def _columns(options: _Options, table: "Table") -> "TrainingColumns":
    from holdfast.metric.error import MetricError
    from holdfast.metric.tables.table_survey import TrainingColumns

    if options.features and options.exclude:
        raise MetricError("Columns must be chosen with --features or with --exclude, got both; give one.")
    return TrainingColumns.chosen(
        table,
        label=options.label,
        features=_listed(options.features),
        left_out=(*options.ids, *_listed(options.exclude)),
        categorical=_listed(options.categorical),
        is_dropping=options.drop_missing_labels,
    )


def _listed(names: str | None) -> tuple[str, ...]:
    """Split ``A,B,C``; an empty text names the column without a name."""
    return () if names is None else tuple(name.strip() for name in names.split(","))


def _encoder(options: _Options) -> "TripletEncoder":
    from holdfast.metric.encoder.triplet_encoder import TripletEncoder

    return TripletEncoder(
        loss=options.loss,
        loss_settings=dict(map(_setting, options.loss_settings)) or None,
        embedding_dim=options.embedding_dim,
        hidden=_widths(options.hidden),
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        weight_decay=options.weight_decay,
        normalize=options.normalize,
        validation_fraction=options.validation,
        patience=options.patience or None,
        sampler=options.sampler,
        categorical=_listed(options.categorical) or None,
        device=options.device,
        progress=not options.quiet,
        random_state=options.seed,
    )


def _setting(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``; the value is a number, true, false, null, or a word."""
    from holdfast.metric.error import MetricError

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise MetricError(f"Loss setting must read NAME=VALUE, got {text!r}; give margin=0.5, for example.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _widths(text: str) -> tuple[int, ...]:
    """Read ``128,64``; an empty text means no hidden layer."""
    from holdfast.metric.error import MetricError

    try:
        return tuple(int(width) for width in text.split(",") if width.strip())
    except ValueError:
        raise MetricError(f"Hidden layers must be whole numbers, got {text!r}; give 128,64 for example.") from None


def _fit(options: _Options, table: "Table", columns: "TrainingColumns", encoder: "TripletEncoder") -> "TableFit":
    from holdfast.metric.encoder.triplet_encoder import TrainingInterruptedWarning
    from holdfast.metric.tables.table_fit import fit_table

    with _progress(is_shown=not options.quiet) as show, warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingInterruptedWarning)  # the report says it
        return fit_table(encoder, table, columns, stream_rows=options.stream_rows, seed=options.seed, progress=show)


@contextmanager
def _progress(*, is_shown: bool) -> "Iterator[Callable[[int, str | None], None]]":
    """Count rows read on standard error, and write a line for each pass that is over."""
    with row_progress("reading", is_shown=is_shown) as bar:

        def show(rows: int, line: str | None) -> None:
            bar.update(rows)
            if line is not None and is_shown:
                bar.write(line, file=sys.stderr)

        yield show


def _report(options: _Options, fitted: "TableFit") -> dict[str, Any]:
    training = fitted.encoder.training_
    best = next(record for record in training.epochs if record.epoch == training.best_epoch)
    return {
        "out": str(options.out),
        "rows": fitted.survey.rows,
        "dropped_without_label": fitted.survey.missing,
        "features": list(fitted.survey.columns.features),
        "classes": {str(name): count for name, count in fitted.survey.counts.items()},
        "is_streamed": fitted.is_streamed,
        "epochs": training.epochs[-1].epoch,
        "best_epoch": training.best_epoch,
        "held_out_map_at_r": best.held_out,
        "stopped": training.stopped,
    }


def _spoken(report: dict[str, Any]) -> str:
    held_out = report["held_out_map_at_r"]
    score = "nothing held out" if held_out is None else f"held-out MAP@R {held_out:.4f}"
    dropped = report["dropped_without_label"]
    lines = [
        f"Encoder: {report['out']}",
        f"{report['rows']} rows of {len(report['classes'])} classes, {len(report['features'])} columns"
        + (", streamed" if report["is_streamed"] else ""),
        f"Pass {report['best_epoch']} of {report['epochs']} kept, {score}; {report['stopped']}.",
    ]
    return "\n".join([*lines, *([f"{dropped} rows without a label were left out."] if dropped else [])])
