"""``holdfast metric embed``: turn a table of any size into embeddings, and go on where an earlier run stopped."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.metric_threads import use_threads
from holdfast.cli.row_progress import rows_done

if TYPE_CHECKING:
    from holdfast.metric.tables.table_embedding import TableEmbedding

__all__ = ["embed"]

_INTERRUPTED = 130


@click.command("embed")
@click.argument("encoder", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write.")
@click.option("--id", "ids", multiple=True, metavar="COL", help="Column to carry along; may be given again.")
@click.option(
    "--batch-rows",
    default=65536,
    show_default=True,
    type=click.IntRange(min=1),
    help="Rows in memory at a time, and kept safe at a time.",
)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of torch or ONNX.  [default: their own]")
@click.option("--overwrite", is_flag=True, help="Put the result in place of a file that is there.")
@click.option("--restart", is_flag=True, help="Forget what an interrupted run left, and begin anew.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def embed(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    encoder: Path,
    table: Path,
    out: Path,
    ids: tuple[str, ...],
    batch_rows: int,
    threads: int | None,
    overwrite: bool,
    restart: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Embed TABLE with ENCODER.

    ENCODER is a folder that fit wrote, or an .onnx file. TABLE is a Parquet or CSV file, or a folder of parts. The
    result holds the id columns and z_0, z_1, ... (float32), a row for each row of TABLE, in its order.

    A run that was stopped goes on where it stopped when the same command is given again.

    Exits 0 when the result is written, 2 for a mistake in the command or a full disk, 130 when stopped.
    """
    from holdfast.metric.tables.reading import open_table
    from holdfast.metric.tables.table_embedding import TableEmbedding, open_encoder

    _check_suffix(out)
    use_threads(threads)
    unique = tuple(dict.fromkeys(ids))
    opened = open_encoder(encoder, threads=threads)
    job = TableEmbedding(encoder=opened, table=open_table(table), ids=unique, out=out, batch_rows=batch_rows)
    if restart:
        shutil.rmtree(out.with_name(out.name + ".parts"), ignore_errors=True)
    if _is_done(job, overwrite=overwrite):
        click.echo(f"{out} holds these embeddings already; nothing to do.", err=True)
    else:
        try:
            _run(job, is_shown=not quiet)
        except KeyboardInterrupt:
            click.echo("\nStopped; what was done is kept. Give the same command again to go on.", err=True)
            ctx.exit(_INTERRUPTED)
    rows, dimensions = _size(out)
    if as_json:
        click.echo(json.dumps({"out": str(out), "rows": rows, "dimensions": dimensions, "ids": list(unique)}))
    else:
        click.echo(f"{rows} rows, {dimensions} dimensions: {out}")


def _check_suffix(out: Path) -> None:
    from holdfast.metric.error import MetricError

    if out.suffix not in (".parquet", ".pq"):
        raise MetricError(f"Result must be a Parquet file, got {out.name!r}; end its name in .parquet.")


def _is_done(job: "TableEmbedding", *, overwrite: bool) -> bool:
    """Return whether the result is there already, made from the same; refuse to write over anything else."""
    from holdfast.metric.tables.embedding_files import made_from
    from holdfast.metric.tables.staging import check_free

    if job.out.is_file() and made_from(job.out) == job.inputs:
        shutil.rmtree(job.out.with_name(job.out.name + ".parts"), ignore_errors=True)
        return True
    check_free(job.out, overwrite=overwrite)
    return False


def _run(job: "TableEmbedding", *, is_shown: bool) -> None:
    """Embed with a progress bar on standard error."""
    with rows_done("embedding", is_shown=is_shown) as show:
        job.run(show)


def _size(out: Path) -> tuple[int, int]:
    """Count the rows and the embedding columns of a finished result."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

    about = pq.read_metadata(out)
    return about.num_rows, sum(n.startswith("z_") and n[2:].isdigit() for n in about.schema.names)
