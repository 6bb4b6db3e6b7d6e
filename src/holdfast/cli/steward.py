"""``holdfast steward``: the people who look after the service, their duty, and drills of the way to reach them."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from holdfast.cli.steward_counts import counts
from holdfast.cli.steward_drill import drill
from holdfast.cli.steward_duty import duty
from holdfast.errors import InputError
from holdfast.service.accounts.passphrase import MIN_LENGTH, Passphrases
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.storage.opening import opened
from holdfast.settings import Settings, load_settings

__all__ = ["steward"]

_ROLES = click.Choice([role.value for role in StewardRole])


@click.group("steward")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings file, holdfast.toml.")
@click.pass_context
def steward(ctx: click.Context, config: Path | None) -> None:
    """Stewards, the people who look after the service, each under their own name: who they are, duty and drills."""
    ctx.obj = load_settings(config=config, environ=os.environ)


steward.add_command(counts)
steward.add_command(drill)
steward.add_command(duty)


@steward.command("add")
@click.argument("name")
@click.option("--role", type=_ROLES, required=True, help="What they answer for.")
@click.option(
    "--passphrase-file",
    type=click.File("r", encoding="utf-8"),
    help="File whose first line is the passphrase, - for standard input. Without it, you are asked twice.",
)
@click.pass_obj
def add(settings: Settings, name: str, role: str, passphrase_file: IO[str] | None) -> None:
    """Add a steward who signs in as NAME."""
    if passphrase_file is None:
        prompt = f"Passphrase (at least {MIN_LENGTH} characters)"
        passphrase = click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True)
    else:
        passphrase = passphrase_file.readline().rstrip("\r\n")
    added = asyncio.run(_add(settings, name, StewardRole(role), passphrase))
    click.echo(f"Added {added.name} ({added.role.value}).")


@steward.command("list")
@click.pass_obj
def list_stewards(settings: Settings) -> None:
    """List every steward, with role and since when, one a line."""
    for one in asyncio.run(_list(settings)):
        state = "" if one.disabled_at is None else f"\tdisabled {one.disabled_at:%Y-%m-%d}"
        click.echo(f"{one.name}\t{one.role.value}\tsince {one.created:%Y-%m-%d}{state}")


@steward.command("disable")
@click.argument("name")
@click.pass_obj
def disable(settings: Settings, name: str) -> None:
    """Take a steward's access away, at once. What they did stays on record under their name."""
    disabled = asyncio.run(_disable(settings, name))
    click.echo(f"Disabled {disabled.name}. Their sign-ins have ended.")


async def _add(settings: Settings, name: str, role: StewardRole, passphrase: str) -> Steward:
    if passphrase == name:
        raise InputError("Passphrase must differ from the name; choose another.")
    kept, now = await Passphrases().hash(passphrase), datetime.now(UTC)
    async with opened(settings) as database, database.work() as work:
        added = await work.stewards.add(name, role, passphrase_hash=kept, now=now)
        payload = {"action": "added", "steward": added.name, "role": role.value}
        await work.trace.append("steward", payload, at=now)
    return added


async def _list(settings: Settings) -> tuple[Steward, ...]:
    async with opened(settings) as database, database.work(write=False) as work:
        return await work.stewards.list()


async def _disable(settings: Settings, name: str) -> Steward:
    now = datetime.now(UTC)
    async with opened(settings) as database, database.work() as work:
        disabled = await work.stewards.disable(name, now=now)
        await work.trace.append("steward", {"action": "disabled", "steward": disabled.name}, at=now)
    return disabled
