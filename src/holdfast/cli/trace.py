"""``holdfast trace``: verify the record of why replies were what they were, and show one entry of it."""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from holdfast.errors import TraceError
from holdfast.service.storage.opening import opened
from holdfast.service.trace.repository import TraceRecord
from holdfast.service.trace.verification import VerifyReport, verify
from holdfast.settings import Settings, load_settings

__all__ = ["trace"]


def _anchor(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, str] | None:
    """Return the number and the hash of an anchor such as 12:9f86d0..."""
    if value is None:
        return None
    number, _, last_hash = value.partition(":")
    if not number.isdecimal() or len(last_hash) != 64:
        raise click.BadParameter("it must be a number, a colon and 64 hexadecimal digits.", ctx, param)
    return int(number), last_hash.lower()


@click.group("trace")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings file, holdfast.toml.")
@click.pass_context
def trace(ctx: click.Context, config: Path | None) -> None:
    """Verify and show the record of why replies were what they were. It holds not a word anyone wrote."""
    ctx.obj = load_settings(config=config, environ=os.environ)


@trace.command("verify")
@click.option(
    "--anchor",
    metavar="NUMBER:HASH",
    callback=_anchor,
    help="What an earlier run printed: shows a database that was put back.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def verify_trace(settings: Settings, anchor: tuple[int, str] | None, *, as_json: bool) -> None:
    """Recompute the whole chain. Exits 1 and names the first entry that does not hold, if there is one."""
    try:
        report = asyncio.run(_verify(settings, anchor))
    except TraceError as error:
        click.echo(f"holdfast: {error}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    click.echo(f"The trace holds: {report.count} entries, {report.erased} of them with their payload erased.")
    if report.count:
        click.echo(f"Note this down outside the database, to give to --anchor later: {report.count}:{report.head}")


@trace.command("show")
@click.argument("seq", type=click.IntRange(min=1))
@click.pass_obj
def show(settings: Settings, seq: int) -> None:
    """Print entry SEQ as JSON; an erased payload is null."""
    click.echo(json.dumps(asdict(asyncio.run(_show(settings, seq))), indent=2, ensure_ascii=False))


async def _verify(settings: Settings, anchor: tuple[int, str] | None) -> VerifyReport:
    async with opened(settings) as database, database.work(write=False) as work:
        return await verify(work, anchor=anchor)


async def _show(settings: Settings, seq: int) -> TraceRecord:
    async with opened(settings) as database, database.work(write=False) as work:
        return await work.trace.record(seq)
