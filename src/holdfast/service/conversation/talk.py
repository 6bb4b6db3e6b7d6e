"""One message of one person through the pipeline, and what came of it kept: used by pages, API and terminal alike."""

from dataclasses import dataclass
from uuid import UUID

from holdfast.care.conversation.crisis_path import chosen_region
from holdfast.care.conversation.message import clean_message
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.reply import Author, Reply, Route
from holdfast.care.conversation.stage import Show, Shown
from holdfast.care.conversation.state import ConversationState
from holdfast.errors import AccessError, StorageError
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.person import Person
from holdfast.service.conversation.finished import keep_finished
from holdfast.service.conversation.turn import Kept, keep, load_state
from holdfast.service.conversation.window import window_in_memory
from holdfast.service.services import Services
from holdfast.service.storage.work import Work

__all__ = ["Taken", "as_reply", "help_all_the_same", "state_before", "take_turn"]

_MOST_OVERTAKINGS = 4
"""A state has three levels to rise by, so the fourth time nothing is left to overtake."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A turn that was taken: whose it is now, what was answered and what was kept."""

    person: Person
    outcome: TurnOutcome
    kept: Kept


async def take_turn(services: Services, person_id: UUID | None, text: str, *, show: Show | None = None) -> Taken:
    """Answer ``text`` and keep what may be kept.

    A stranger (``person_id`` None) becomes a person: a random number, so that a crisis state can outlive the page.
    Nothing is half-done: either everything that belongs to the turn is kept, or the turn is refused. Memory holds what
    was said; words of a refused turn are added by whoever refuses it. ``show`` is given
    the sentences of a draft as they pass, for a known person who watches, until a crisis comes from another message.

    Raises:
        InputError: The message is empty or too long.
        AccessError: There is no such person.
        TooManyRequestsError: The person writes faster than allowed.
        StorageError: The database is busy or gone; nothing was kept and no answer is given.
    """
    message = clean_message(text, max_chars=services.settings.max_message_chars)
    if person_id is not None:
        services.limits.take("messages", person_id)
    for _ in range(_MOST_OVERTAKINGS):
        taken = await _take(services, person_id, message, show)
        if taken is not None:
            is_kept = taken.kept.answered is not None
            services.recent.add(taken.person.id, message, taken.outcome.reply.text, is_kept=is_kept)
            return taken
    raise StorageError("The turn must be kept before other messages change what it rests on, and was not; try again.")


async def _take(services: Services, person_id: UUID | None, message: str, show: Show | None) -> Taken | None:
    """Answer and keep; None where another message of the person raised a crisis meanwhile, and nothing was kept.

    What was drafted before the crisis is then shown to nobody: the message is answered anew, by the protocol.
    """
    chat_id, state = await _load(services, person_id)
    outcome = await services.conversation.turn(
        message, state, show=_while_calm(services, person_id, state, show) if show and person_id else None
    )
    now = outcome.trace.at
    async with services.database.work() as work:
        if person_id is None:
            person = await work.persons.create(now, region=services.settings.region)
        else:
            person = await work.persons.open(person_id)
            if (await work.crisis.locked_state(person)).level > state.crisis.level:
                return None
        if outcome.is_kept and chat_id is None:
            chat = await work.chats.latest(person) or await work.chats.start(person, now=now)
            chat_id = chat.id
        person = await _remember_region(services, work, person, message)
        kept = await keep(work, person, chat_id, message=message, outcome=outcome, read=state)
        if outcome.finished is not None:
            parts = services.parts
            await keep_finished(
                work, person, outcome.finished, instruments=parts.instruments, exercises=parts.exercises, now=now
            )
    return Taken(person=person, outcome=outcome, kept=kept)


def _while_calm(services: Services, person_id: UUID, state: ConversationState, show: Show) -> Show:
    """Return ``show``, silent from the moment that another message of the person raised a crisis."""

    async def show_while_calm(piece: Shown) -> None:
        async with services.database.work(write=False) as work:
            standing = await work.crisis.state(await work.persons.open(person_id))
        if standing.level <= state.crisis.level:
            await show(piece)

    return show_while_calm


def help_all_the_same(
    services: Services, text: str, *, before: ConversationState | None = None
) -> CrisisResponse | None:
    """Return what the crisis protocol says to ``text`` where its turn is refused, or None where it need not lead.

    A message that is too long, one too many in a minute, or a database that is gone must not leave somebody at risk
    without people to reach. The turn itself stays refused: nothing is kept, and no other part answers. ``before`` is
    what it is judged in (``state_before``); a question to the library is judged alone.
    """
    state = before or ConversationState(region=services.settings.region)
    conversation = services.conversation
    response = conversation.respond_to_risk(text, conversation.detect(text, state), state, services.clock())
    return response if response is not None and response.leads else None


def as_reply(response: CrisisResponse) -> Reply:
    """Return a crisis response as a reply that is shown once; only its links to pages are offered."""
    return Reply(
        text=response.text,
        route=Route.CRISIS,
        author=Author.TEMPLATE,
        choices=tuple(choice for choice in response.choices if choice.path),
        resources=response.resources,
    )


async def state_before(services: Services, person_id: UUID) -> ConversationState:
    """Return what a refused turn of a known person is judged in; memory's window alone where the database is gone."""
    try:
        _, state = await _load(services, person_id)
    except (AccessError, StorageError):
        turns = window_in_memory(services.recent.of(person_id))
        state = ConversationState(turns=turns, region=services.settings.region)
    return state


async def _load(services: Services, person_id: UUID | None) -> tuple[UUID | None, ConversationState]:
    """Return the person's latest chat, if any, and what the pipeline needs to know."""
    if person_id is None:
        return None, ConversationState(region=services.settings.region, is_minor=Age.UNKNOWN.is_served_as_minor)
    async with services.database.work(write=False) as work:
        person = await work.persons.open(person_id)
        chat = await work.chats.latest(person)
        chat_id = chat.id if chat else None
        version = services.consent.version
        recent = services.recent.of(person_id)
        state = await load_state(work, person, chat_id, now=services.clock(), consent_version=version, recent=recent)
        return chat_id, state


async def _remember_region(services: Services, work: Work, person: Person, message: str) -> Person:
    """Keep the country a person picked on the crisis path, so that later numbers are right."""
    region = chosen_region(message, services.parts.helplines)
    if region is None:
        return person
    return await work.persons.set_profile(person, region=region, audience=person.audience, age=person.age)
