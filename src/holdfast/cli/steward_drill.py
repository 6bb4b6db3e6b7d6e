"""``holdfast steward drill``: send an alert about nobody all the way, and say how long it took."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import click

from holdfast.measured import Failed, Measurement, Scored
from holdfast.service.crisis.drill import DrillReport, run_drill
from holdfast.service.crisis.escalating import Escalator
from holdfast.service.crisis.sinks import console_link, sinks_of
from holdfast.service.stewards.duty import DutyBoard
from holdfast.service.storage.opening import opened
from holdfast.settings import Settings

__all__ = ["drill"]

_NO_FALLBACK = "No fallback is set, so an alert that nobody sees in the queue reaches nobody."


@click.command("drill")
@click.option(
    "--wait-minutes",
    type=click.FloatRange(0, 120),
    default=5.0,
    show_default=True,
    help="How long to wait for somebody to acknowledge it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def drill(ctx: click.Context, wait_minutes: float, as_json: bool) -> None:
    """Send a drill: an alert about nobody, from the queue to the fallback.

    It says how long delivery and acknowledgement took. Ends with status 1 where a channel did not take the message,
    or where there is none. Nobody having seen the drill is reported, and is not a failure.
    """
    settings: Settings = ctx.obj
    report = asyncio.run(_drill(settings, timedelta(minutes=wait_minutes)))
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _show(report)
    ctx.exit(0 if report.is_delivered else 1)


async def _drill(settings: Settings, wait: timedelta) -> DrillReport:
    def clock() -> datetime:
        return datetime.now(UTC)

    async with opened(settings) as database:
        escalator = Escalator(
            database=database,
            clock=clock,
            sinks=sinks_of(settings, clock=clock),
            board=DutyBoard(),
            ack=timedelta(minutes=settings.alert_ack_minutes),
            link=console_link(settings),
        )
        return await run_drill(escalator, wait=wait, sleep=asyncio.sleep)


def _show(report: DrillReport) -> None:
    for channel, outcome in report.delivered_s.items():
        click.echo(f"{channel.value}: {_said(outcome, 'delivered')}")
    if not report.delivered_s:
        click.echo(_NO_FALLBACK)
    by = f" by {report.seen_by}" if report.seen_by else ""
    click.echo(f"queue: {_said(report.seen_s, 'acknowledged')}{by}")


def _said(outcome: Measurement, what: str) -> str:
    match outcome:
        case Scored():
            return f"{what} after {outcome.value:.1f} s"
        case Failed():
            return f"not {what} ({outcome.error})"
    return f"not {what}: {outcome.reason}"
