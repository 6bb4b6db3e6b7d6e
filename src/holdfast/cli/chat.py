"""``holdfast chat``: the conversation in the terminal, over the same pipeline and storage as the web pages."""

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_lowercase
from uuid import UUID

import click

from holdfast.care.conversation.reply import Choice, Reply, Route
from holdfast.care.conversation.state import Purpose
from holdfast.care.intervention.markdown import plain
from holdfast.errors import AccessError, ConsentError, InputError
from holdfast.service.conversation.talk import take_turn
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.services import Services, build_services
from holdfast.service.storage.opening import opened
from holdfast.settings import Settings, load_settings

__all__ = ["chat"]

_LEAVE = frozenset({"/quit", "/exit", "/q"})
_HELP = "Type a letter to choose. /help shows people you can reach, /erase deletes everything kept here, /quit leaves."


@click.command()
@click.option("--model", help='Language model, for example "http://127.0.0.1:11434/v1#name", or "none".')
@click.option("--config", type=click.Path(path_type=Path), help="Settings file; ./holdfast.toml where it exists.")
@click.option("--region", help="Country for crisis lines, two letters such as GB.")
@click.option("--agree", is_flag=True, help="Agree to talking and to having it kept, without being asked.")
def chat(model: str | None, config: Path | None, region: str | None, agree: bool) -> None:
    """Talk in the terminal.

    Conversations are kept encrypted in the data folder, as on the web pages, if you agree to it.
    """
    given = {"model": model, "region": region.upper() if region else None}
    overrides = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(config=config, environ=os.environ, overrides=overrides)
    asyncio.run(_talk(settings, agree=agree))


async def _talk(settings: Settings, *, agree: bool) -> None:
    async with opened(settings) as database:
        services = build_services(settings, database, clock=lambda: datetime.now(UTC))
        click.echo(f"Holdfast. I am software, not a person. {services.conversation.tier.capitalize()}.")
        click.echo("If you or someone else is in danger now, call your local emergency number.")
        person_id = await _person(services, agree=agree)
        await _converse(services, person_id)
        await services.close()


async def _person(services: Services, *, agree: bool) -> UUID:
    """Return the terminal's own person, made on first use and asked for consent where there is none."""
    file = services.settings.data_dir / "terminal.person"
    async with services.database.work() as work:
        now = services.clock()
        person = None
        if file.exists():
            with suppress(AccessError):
                person = await services.tokens.person(work, file.read_text(encoding="utf-8").strip(), now=now)
        if person is None:
            person = await work.persons.create(now, region=services.settings.region)
        standing = await work.consents.standing(person)
        if standing.get(Purpose.CONVERSATION) != services.consent.version:
            _ask_consent(services, agree=agree)
            for purpose in (Purpose.CONVERSATION, Purpose.CHECK_INS, Purpose.EXERCISES):
                await work.consents.give(person, purpose, version=services.consent.version, now=now)
        if not services.model.is_none and Purpose.LANGUAGE_MODEL not in standing and _ask_model(services, agree=agree):
            await work.consents.give(person, Purpose.LANGUAGE_MODEL, version=services.consent.version, now=now)
        token = services.tokens.issue(person, now=now)
    file.touch(mode=0o600)
    file.write_text(token, encoding="utf-8")
    return person.id


def _ask_consent(services: Services, *, agree: bool) -> None:
    """Ask before anything is kept.

    Raises:
        ConsentError: The person does not agree; nothing was kept.
    """
    texts = {text.purpose: text for text in services.consent.purposes}
    for purpose in (Purpose.CONVERSATION, Purpose.CHECK_INS, Purpose.EXERCISES):
        click.echo(f"\n{texts[purpose].asks}\n  {texts[purpose].means}")
    if not agree and not click.confirm("\nDo you agree to these three?", default=False):
        raise ConsentError(
            "Talking needs your agreement, and you chose not to. Nothing was kept. `holdfast ask` works."
        )


def _ask_model(services: Services, *, agree: bool) -> bool:
    text = next(text for text in services.consent.purposes if text.purpose is Purpose.LANGUAGE_MODEL)
    click.echo(f"\n{text.asks}\n  {text.means}")
    return agree or click.confirm("Do you agree?", default=False)


async def _converse(services: Services, person_id: UUID) -> None:
    click.echo(f"\n{_HELP}\n")
    choices: tuple[Choice, ...] = ()
    while True:
        try:
            said = click.prompt("you", prompt_suffix="> ", default="", show_default=False).strip()
        except (click.Abort, EOFError):
            click.echo("\nTake care.")
            return
        if said.lower() in _LEAVE:
            click.echo("Take care.")
            return
        if said.lower() == "/erase":
            if click.confirm("Erase everything kept here, for good?", default=False):
                await erase_person(services.database, person_id, now=services.clock())
                (services.settings.data_dir / "terminal.person").unlink(missing_ok=True)
                click.echo("Everything is erased.")
                return
            continue
        message = "numbers" if said.lower() == "/help" else _chosen(said, choices)
        try:
            taken = await take_turn(services, person_id, message)
        except InputError as error:
            click.echo(f"{error}\n")
            continue
        choices = _show(taken.outcome.reply)


def _chosen(said: str, choices: tuple[Choice, ...]) -> str:
    """Return what a letter stands for, or the words themselves. Numbers are always the person's own answer."""
    place = ascii_lowercase.find(said.lower()) if len(said) == 1 else -1
    return choices[place].value or said if 0 <= place < len(choices) else said


def _show(reply: Reply) -> tuple[Choice, ...]:
    """Print a reply and return the choices that can be given by letter."""
    for text in (reply.notice, reply.text):
        if text:
            click.echo(f"\n{plain(text)}")
    for resource in () if reply.route is Route.CRISIS else reply.resources:  # the crisis texts name them already
        click.echo(f"  * {resource.name}: {resource.contact} ({resource.region}, {resource.hours})")
    if reply.next_step:
        click.echo(f"\nA next step: {reply.next_step}")
    if reply.referral:
        click.echo(reply.referral)
    for source in reply.sources:
        click.echo(f"  [{source.citation}] {source.title}. {source.published}")
    offered = tuple(choice for choice in reply.choices if choice.value is not None)
    for letter, choice in zip(ascii_lowercase, offered, strict=False):
        click.echo(f"  {letter}) {choice.label}")
    click.echo()
    return offered
