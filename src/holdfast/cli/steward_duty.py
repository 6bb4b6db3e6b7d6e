"""``holdfast steward duty``: put a steward on or off duty, and see who is."""

import asyncio
from datetime import UTC, datetime

import click

from holdfast.errors import InputError
from holdfast.service.accounts.steward import Steward
from holdfast.service.stewards.duty import OnDuty
from holdfast.service.stewards.on_duty import go_off_duty, go_on_duty
from holdfast.service.stewards.rota import load_rota
from holdfast.service.storage.opening import opened
from holdfast.service.storage.work import Work
from holdfast.settings import Settings

__all__ = ["duty"]


@click.group("duty")
def duty() -> None:
    """Put a steward on or off duty, and see who is. Duty ends by itself."""


@duty.command("on")
@click.argument("name")
@click.option(
    "--minutes",
    type=click.IntRange(1, 720),
    help="How long, unless they are seen on the console. Default: the setting duty_minutes.",
)
@click.pass_obj
def on(settings: Settings, name: str, minutes: int | None) -> None:
    """Put NAME on duty."""
    begun = asyncio.run(_on(settings, name, minutes or settings.duty_minutes))
    click.echo(f"{begun.name} is on duty until {begun.expires:%Y-%m-%d %H:%M} UTC.")


@duty.command("off")
@click.argument("name")
@click.pass_obj
def off(settings: Settings, name: str) -> None:
    """Take NAME off duty."""
    was_on = asyncio.run(_off(settings, name))
    click.echo(f"{name} is off duty." if was_on else f"{name} was not on duty.")


@duty.command("list")
@click.pass_obj
def list_duty(settings: Settings) -> None:
    """List who is on duty, and who the rota says should be and is not."""
    present, absent = asyncio.run(_list(settings))
    for one in present:
        click.echo(f"{one.name}\t{one.role.value}\tuntil {one.expires:%Y-%m-%d %H:%M} UTC")
    if not present:
        click.echo("Nobody is on duty. People in danger are told so, and alerts go to the fallback at once.")
    for name in absent:
        click.echo(f"{name}\tshould be on duty by the rota, and is not")


async def _on(settings: Settings, name: str, minutes: int) -> OnDuty:
    now = datetime.now(UTC)
    async with opened(settings) as database, database.work() as work:
        return await go_on_duty(work, await _named(work, name), minutes=minutes, now=now)


async def _off(settings: Settings, name: str) -> bool:
    now = datetime.now(UTC)
    async with opened(settings) as database, database.work() as work:
        return await go_off_duty(work, await _named(work, name), now=now)


async def _list(settings: Settings) -> tuple[tuple[OnDuty, ...], tuple[str, ...]]:
    now, rota = datetime.now(UTC), load_rota(settings.rota_file)
    async with opened(settings) as database, database.work(write=False) as work:
        present = await work.duty.now_on(now)
    absent = () if rota is None else rota.absent(now, [one.name for one in present])
    return present, absent


async def _named(work: Work, name: str) -> Steward:
    for one in await work.stewards.list():
        if one.name == name:
            return one
    raise InputError(f"Steward must exist, got {name[:80]!r}; `holdfast steward list` shows who does.")
