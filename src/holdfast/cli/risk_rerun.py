"""``holdfast risk rerun``: make a run again from its folder, and compare every figure."""

from pathlib import Path

import click

from holdfast.cli.risk_progress import step_progress

__all__ = ["rerun"]

_DIFFERS = 1
_INTERRUPTED = 130
_SHOWN = 20


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def rerun(ctx: click.Context, run: Path, quiet: bool) -> None:
    """Make RUN again: a folder that fit or evaluate --run wrote. It is only read.

    Data must lie where they lay, with the same bytes. Exits 0 where every figure is the same, 1 where one differs, 2
    for a mistake in the command.
    """
    from holdfast.study.runs.rerun import rerun as make_again

    try:
        found = make_again(run, progress=step_progress(is_shown=not quiet))
    except KeyboardInterrupt:  # not 1, which says that a figure differs
        click.echo("\nStopped; nothing was compared.", err=True)
        ctx.exit(_INTERRUPTED)
    for line in found.environment:
        click.echo(f"Made elsewhere: {line}", err=True)
    if not found.differences:
        click.echo(f"The same: {found.figures} figures of {found.command}.")
        return
    click.echo(f"{len(found.differences)} of {found.figures} figures of {found.command} differ:")
    for line in found.differences[:_SHOWN]:
        click.echo(f"  {line}")
    ctx.exit(_DIFFERS)
