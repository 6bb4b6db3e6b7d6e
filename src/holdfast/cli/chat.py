"""``holdfast chat``: the conversation in the terminal, over the same pipeline and storage as the web pages."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_lowercase
from uuid import UUID

import click

from holdfast.care.conversation.reply import Choice, Reply, Resource, Route
from holdfast.care.conversation.resources import resources_for
from holdfast.care.conversation.state import Purpose
from holdfast.care.intervention.markdown import plain
from holdfast.errors import AccessError, ConsentError, HoldfastError
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.person import Person
from holdfast.service.consent.change import give
from holdfast.service.conversation.talk import as_reply, help_all_the_same, state_before, take_turn
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.security.rates import TooManyRequestsError
from holdfast.service.services import Services, build_services
from holdfast.service.storage.opening import opened
from holdfast.service.storage.work import Work
from holdfast.settings import Settings, load_settings

__all__ = ["chat"]

_KEPT = (Purpose.CONVERSATION, Purpose.CHECK_INS, Purpose.EXERCISES)
_LEAVE = frozenset({"/quit", "/exit", "/q"})
_KEYS = (*ascii_lowercase, *(f"{first}{second}" for first in ascii_lowercase for second in ascii_lowercase))
_HELP = "Type a letter to choose. /help shows people you can reach, /erase deletes everything kept here, /quit leaves."


@click.command()
@click.option("--model", help='Language model, for example "http://127.0.0.1:11434/v1#name", or "none".')
@click.option("--config", type=click.Path(path_type=Path), help="Settings file; ./holdfast.toml where it exists.")
@click.option("--region", help="Country for crisis lines, two letters such as GB.")
@click.option(
    "--age",
    type=click.Choice([Age.ADULT.value, Age.MINOR.value]),
    help="18 or older, or under 18. Until you say, the stricter limits for people under 18 apply.",
)
@click.option("--agree", is_flag=True, help="Agree to talking and to having it kept, without being asked.")
@click.option("--agree-model", is_flag=True, help="Agree to the language model seeing questions, without being asked.")
def chat(
    model: str | None, config: Path | None, region: str | None, age: str | None, agree: bool, agree_model: bool
) -> None:
    """Talk in the terminal.

    Conversations are kept encrypted in the data folder, as on the web pages, if you agree to it.
    """
    given = {"model": model, "region": region.upper() if region else None}
    overrides = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(config=config, environ=os.environ, overrides=overrides)
    said = None if age is None else Age(age)
    asyncio.run(_talk(settings, age=said, agree=agree, agree_model=agree_model))


async def _talk(settings: Settings, *, age: Age | None, agree: bool, agree_model: bool) -> None:
    async with opened(settings) as database:
        services = build_services(settings, database, clock=lambda: datetime.now(UTC))
        click.echo(f"Holdfast. I am software, not a person. {services.conversation.tier.capitalize()}.")
        click.echo("If you or someone else is in danger now, call your local emergency number.")
        person_id = await _person(services, age=age, agree=agree, agree_model=agree_model)
        await _converse(services, person_id)
        await services.close()


async def _person(services: Services, *, age: Age | None, agree: bool, agree_model: bool) -> UUID:
    """Return the terminal's own person, made on first use and asked for consent where there is none.

    ``age`` is what they say of it now; None leaves what they said before.
    """
    file = services.settings.data_dir / "terminal.person"
    async with services.database.work() as work:
        now, version = services.clock(), services.consent.version
        person = await _known(services, work, file) or await work.persons.create(now, region=services.settings.region)
        if age is not None:
            person = await work.persons.set_profile(person, region=person.region, audience=person.audience, age=age)
        standing = await work.consents.standing(person)
        if standing.get(Purpose.CONVERSATION) != version:
            _ask_consent(services, agree=agree)
            for purpose in _KEPT:
                await give(work, person, purpose, version=version, now=now)
        is_asked = not services.model.is_none and standing.get(Purpose.LANGUAGE_MODEL) != version
        if is_asked and _ask_model(services, agree=agree_model):
            await give(work, person, Purpose.LANGUAGE_MODEL, version=version, now=now)
    _remember(file, services.tokens.issue(person, now=now))
    return person.id


async def _known(services: Services, work: Work, file: Path) -> Person | None:
    """Return whom the terminal's file names, or None where it names nobody any more."""
    with suppress(AccessError, OSError):
        token = file.read_text(encoding="ascii", errors="replace").strip()
        return await services.tokens.person(work, token, now=services.clock())
    return None


def _remember(file: Path, token: str) -> None:
    """Keep the token in a file that only its owner can read."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as opened_file:
        opened_file.write(token)
    draft.replace(file)


def _ask_consent(services: Services, *, agree: bool) -> None:
    """Ask before anything is kept.

    Raises:
        ConsentError: The person does not agree; nothing was kept.
    """
    texts = {text.purpose: text for text in services.consent.purposes}
    for purpose in _KEPT:
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
        if said.lower() == "/help":
            _show_people(services)
            continue
        choices = await _say(services, person_id, _chosen(said, choices))


async def _say(services: Services, person_id: UUID, message: str) -> tuple[Choice, ...]:
    """Take a turn and show its reply. A turn that is refused says why, and risk in it is met all the same."""
    try:
        taken = await take_turn(services, person_id, message)
    except (HoldfastError, TooManyRequestsError) as error:
        risk = help_all_the_same(services, message, before=await state_before(services, person_id))
        services.recent.add(person_id, message, None if risk is None else risk.text, is_kept=False)
        if risk is not None:
            _show(as_reply(risk))
        click.echo(f"{error}\n")
        return ()
    return _show(taken.outcome.reply)


def _show_people(services: Services) -> None:
    """List who can be reached; needs no database."""
    helplines, region = services.parts.helplines, services.settings.region
    for item in resources_for(helplines, region, (), today=services.clock().date()):
        click.echo(f"  * {item.name}: {item.contact} ({item.region}, {item.hours})")
    click.echo()


def _chosen(said: str, choices: tuple[Choice, ...]) -> str:
    """Return what a letter stands for, or the words themselves. Numbers are always the person's own answer."""
    offered = {key: choice.value for key, choice in zip(_KEYS, choices, strict=False)}
    return offered.get(said.lower()) or said


def _words(reply: Reply) -> Iterator[str]:
    """Yield what is said, in order: the note on language comes after the text where the crisis protocol leads."""
    note = reply.language_note
    told = None if note is None else f"{note.text} ({note.help.path})"
    if reply.notice:
        yield reply.notice
    if told and not reply.is_led_by_crisis:
        yield told
    yield reply.text
    if told and reply.is_led_by_crisis:
        yield told


def _unnamed(reply: Reply) -> Iterator[Resource]:
    """Yield the people to reach whom the words do not name already; the crisis texts name them all."""
    if reply.route is not Route.CRISIS:
        yield from (resource for resource in reply.resources if resource.contact not in reply.text)


def _show(reply: Reply) -> tuple[Choice, ...]:
    """Print a reply and return the choices that can be given by letter."""
    for text in _words(reply):
        click.echo(f"\n{plain(text)}")
    for resource in _unnamed(reply):
        click.echo(f"  * {resource.name}: {resource.contact} ({resource.region}, {resource.hours})")
    if reply.next_step:
        click.echo(f"\nA next step: {reply.next_step}")
    if reply.referral:
        click.echo(reply.referral)
    for source in reply.sources:
        click.echo(f"  [{source.citation}] {source.title}. {source.published}")
    offered = tuple(choice for choice in reply.choices if choice.value is not None)
    for key, choice in zip(_KEYS, offered, strict=False):
        click.echo(f"  {key}) {choice.label}")
    click.echo()
    return offered
