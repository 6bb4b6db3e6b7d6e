"""``holdfast cohort build synthetic``: make a cohort up, with UK Biobank's field ids and a known truth."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

__all__ = ["synthetic"]

_INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What the command line said, an attribute for each option."""

    people: int
    seed: int
    out: Path
    batch_people: int
    overwrite: bool
    quiet: bool
    as_json: bool


@click.command("synthetic")
@click.option("--people", default=10_000, show_default=True, help="How many, 1000 to 5000000.")
@click.option("--seed", default=0, show_default=True, help="Same seed and size, same bytes.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the cohort to.")
@click.option("--batch-people", default=65_536, show_default=True, help="About how many are held in memory at a time.")
@click.option("--overwrite", is_flag=True, help="Put the cohort in place of the one that is there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def synthetic(ctx: click.Context, /, **given: Any) -> None:
    """Make up a cohort with UK Biobank's field ids, realistic spreads, and a health process that is known.

    Beside the cohort lies truth.parquet: what each made-up person's health truly was. Nobody in it exists.

    Exits 0 when the cohort is written, 2 for a mistake in the command or a full disk, 130 when stopped. A build that
    stops leaves nothing behind.
    """
    options = _Options(**given)
    from holdfast.cohort.synthetic.build import build_synthetic

    try:
        with _progress(options.people, is_shown=not options.quiet) as show:
            built = build_synthetic(
                options.out,
                people=options.people,
                seed=options.seed,
                today=datetime.now(UTC).date(),
                batch_people=options.batch_people,
                overwrite=options.overwrite,
                progress=show,
            )
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        ctx.exit(_INTERRUPTED)
    schema = built.schema
    report = {
        "out": str(options.out),
        "people": built.n_people,
        "features": len(schema.features),
        "conditions": len(schema.conditions),
        "outcomes": [outcome.name for outcome in schema.outcomes],
    }
    spoken = (
        f"Cohort: {options.out}\n{built.n_people} made-up people, {report['features']} features, "
        f"{report['conditions']} conditions, {len(schema.outcomes)} outcomes. The truth lies in truth.parquet."
    )
    click.echo(json.dumps(report) if options.as_json else spoken)


@contextmanager
def _progress(people: int, *, is_shown: bool) -> Iterator[Callable[[int], None]]:
    """Count people on standard error: a bar on a terminal, nothing but the last line elsewhere."""
    if not is_shown:
        yield lambda _: None
        return
    with click.progressbar(length=people, label="people", file=sys.stderr, show_pos=True) as bar:
        yield bar.update
