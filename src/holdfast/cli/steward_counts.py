"""``holdfast steward counts``: a year of counts that name nobody, for whoever has to be told of them."""

import asyncio
import json
from datetime import UTC, datetime

import click

from holdfast.safety.crisis.protocol import load_protocol
from holdfast.service.crisis.counts import YearCounts, count_year
from holdfast.service.storage.opening import opened
from holdfast.settings import Settings

__all__ = ["counts"]


@click.command("counts")
@click.option("--year", type=int, required=True, help="The year to count, as far as its months are over.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the version and hash of the crisis protocol.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_obj
def counts(settings: Settings, year: int, as_json: bool, as_csv: bool) -> None:
    """Count a year by month: notices, concerns, crises, referrals, alerts and acknowledgements.

    Nobody is named, and a count from 1 to 4 is given as <5.
    """
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    found = asyncio.run(_count(settings, year))
    if as_csv:
        click.echo(found.as_csv(), nl=False)
    elif as_json:
        click.echo(json.dumps({**found.as_dict(), "protocol": _protocol()}, indent=2))
    else:
        for row in found.rows:
            click.echo(f"{row.what}\t{row.total}")
        click.echo(f"Months that are over: {len(found.months)}. Counts from 1 to 4 are given as <5.")


async def _count(settings: Settings, year: int) -> YearCounts:
    async with opened(settings) as database, database.work(write=False) as work:
        return await count_year(work, year, now=datetime.now(UTC), kept_days=settings.counter_retention_days)


def _protocol() -> dict[str, str]:
    loaded = load_protocol()
    return {"version": loaded.value.version, "sha256": loaded.sha256}
