"""``holdfast metric score``: judge an encoder, or embeddings, by the neighbours that rows find."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.metric_threads import use_threads

if TYPE_CHECKING:
    from holdfast.measured import Measurement
    from holdfast.metric.evaluation.report import RetrievalReport
    from holdfast.metric.tables.scored_sample import SampleSettings, ScoredSample

__all__ = ["score"]

_EMBEDDINGS = (".parquet", ".pq")
_MEASURES = {
    "knn_accuracy": "kNN accuracy",
    "knn_weighted_f1": "kNN weighted F1",
    "precision_at_1": "precision at 1",
    "recall_at_k": "recall at k",
    "r_precision": "R-precision",
    "map_at_r": "MAP@R",
    "nmi": "NMI",
    "silhouette": "silhouette",
    "alignment": "alignment (lower is better)",
    "uniformity": "uniformity (lower is better)",
}


@click.command("score")
@click.argument("source", type=click.Path(path_type=Path), metavar="ENCODER|EMBEDDINGS")
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--label", required=True, metavar="COL", help="Column that names each row's class.")
@click.option("--id", "ids", multiple=True, metavar="COL", help="Match embeddings and table by it. May repeat.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="TABLE",
    help="Look rows up among this table's, such as the training table. Needs an encoder.",
)
@click.option("--k", default=5, show_default=True, type=click.IntRange(min=1), help="Neighbours that vote.")
@click.option(
    "--max-rows", default=20_000, show_default=True, type=click.IntRange(min=2), help="Most rows of a table, at random."
)
@click.option("--drop-missing-labels", is_flag=True, help="Leave rows without a label out, rather than refusing them.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Same seed, same rows.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of torch or ONNX.  [default: their own]")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def score(  # noqa: PLR0913 -- one parameter an option
    source: Path,
    table: Path,
    label: str,
    ids: tuple[str, ...],
    reference: Path | None,
    k: int,
    max_rows: int,
    drop_missing_labels: bool,
    seed: int,
    threads: int | None,
    as_json: bool,
) -> None:
    """Judge how well rows of one class lie together.

    The first argument is an encoder (a folder or an .onnx file), or a Parquet file of embeddings that embed wrote.
    TABLE holds the labels: for embeddings, of the same rows in the same order, or found by --id.

    Each row is searched for among the other rows of TABLE, or among those of --reference. Give a table that the encoder
    was not trained on.
    """
    from holdfast.metric.evaluation.report import EvaluationSettings, evaluate
    from holdfast.metric.tables.scored_sample import SampleSettings

    use_threads(threads)
    settings = SampleSettings(label=label, rows=max_rows, seed=seed, is_dropping=drop_missing_labels)
    if reference is not None:
        _check_reference(source, table, reference)
    sample = _sample(source, table, settings, ids, threads=threads)
    pool = None if reference is None else _sample(source, reference, settings, (), threads=threads)
    report = evaluate(
        sample.embeddings,
        sample.labels,
        reference=None if pool is None else pool.embeddings,
        reference_labels=None if pool is None else pool.labels,
        k=k,
        settings=EvaluationSettings(seed=seed),
    )
    click.echo(json.dumps(_payload(report, sample, pool)) if as_json else _spoken(report, sample, pool))


def _check_reference(source: Path, table: Path, reference: Path) -> None:
    """Refuse a reference that cannot be embedded, or in which every row would find itself."""
    from holdfast.metric.error import MetricError
    from holdfast.metric.tables.reading import open_table

    if source.suffix in _EMBEDDINGS:
        raise MetricError("Reference must come with an encoder to embed it, got embeddings; give the encoder instead.")
    if open_table(reference).fingerprint() == open_table(table).fingerprint():
        raise MetricError(
            f"Reference must be another table than the one judged, got {reference.name!r} for both: each row would "
            "find itself; leave --reference out to look among the other rows."
        )


def _sample(
    source: Path, table: Path, settings: "SampleSettings", ids: tuple[str, ...], *, threads: int | None
) -> "ScoredSample":
    from holdfast.metric.error import MetricError
    from holdfast.metric.tables.reading import open_table
    from holdfast.metric.tables.scored_sample import sample_embedded, sample_with_encoder

    if source.suffix in _EMBEDDINGS:
        return sample_embedded(source, open_table(table), settings, ids=ids)
    if ids:
        raise MetricError("Ids must come with embeddings to be matched, got them with an encoder; leave --id out.")
    return sample_with_encoder(source, open_table(table), settings, threads=threads)


def _payload(report: "RetrievalReport", sample: "ScoredSample", pool: "ScoredSample | None") -> dict[str, Any]:
    figures = {name: _figure(getattr(report, name)) for name in _MEASURES}
    about = {"k": report.k, "rows_judged": report.queries, "rows": sample.total, "alone": report.alone}
    among = {} if pool is None else {"reference_rows": len(pool.labels), "reference_total": pool.total}
    dropped = sample.dropped + (0 if pool is None else pool.dropped)
    return about | among | {"dropped_without_label": dropped, "figures": figures}


def _figure(measured: "Measurement") -> dict[str, Any]:
    """Return a measurement as JSON-ready values; one that was not made has a reason and no value."""
    from holdfast.measured import Scored, Unscored

    if isinstance(measured, Unscored):
        return {"unscored": measured.reason}
    if not isinstance(measured, Scored):
        return {"failed": measured.error}
    interval = measured.interval
    bounds = {} if interval is None else {"low": interval.low, "high": interval.high, "level": interval.level}
    return {"value": measured.value, "n": measured.n, **bounds}


def _spoken(report: "RetrievalReport", sample: "ScoredSample", pool: "ScoredSample | None") -> str:
    from holdfast.measured import Interval, Scored, Unscored

    among = "the others" if pool is None else f"{len(pool.labels)} of {pool.total} reference rows"
    lines = [f"{report.queries} of {sample.total} rows judged, each among {among}; k = {report.k}."]
    if dropped := sample.dropped + (0 if pool is None else pool.dropped):
        lines.append(f"{dropped} rows without a label were left out.")
    for name, title in _MEASURES.items():
        match getattr(report, name):
            case Scored(value=value, interval=Interval(low=low, high=high, level=level)):
                lines.append(f"{title:<30}{value:8.4f}   {level:.0%} interval {low:.4f} to {high:.4f}")
            case Scored(value=value):
                lines.append(f"{title:<30}{value:8.4f}")
            case Unscored(reason=reason):
                lines.append(f"{title:<30}not measured: {reason}")
            case failed:
                lines.append(f"{title:<30}failed: {failed.error}")
    return "\n".join(lines)
