"""Risk as the API tells of it: what the crisis protocol says, whom to reach, and the state it leaves."""

from collections.abc import Sequence
from dataclasses import replace

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.errors import AccessError, StorageError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Detection
from holdfast.service.accounts.person import Person
from holdfast.service.api.schema import Given
from holdfast.service.conversation.talk import help_all_the_same, state_before
from holdfast.service.conversation.window import read_window
from holdfast.service.crisis.raising import keep_raised
from holdfast.service.services import Services
from holdfast.service.storage.work import Work
from holdfast.turn import Turn

__all__ = ["ChoiceOut", "CrisisOut", "ResourceOut", "crisis_out", "meet_refused", "meet_risk", "meet_risk_of"]


class ResourceOut(Given):
    """A way to reach people."""

    name: str
    contact: str
    region: str
    hours: str
    checked: str
    href: str | None


class ChoiceOut(Given):
    """A reply that can be sent as the next message (``value``), or a page of the site (``path``)."""

    label: str
    value: str | None
    path: str | None


class CrisisOut(Given):
    """What the crisis protocol says. Show it before anything else, word for word, with the people to reach."""

    level: str
    text: str
    resources: list[ResourceOut]
    choices: list[ChoiceOut]


def crisis_out(response: CrisisResponse | None) -> CrisisOut | None:
    """Return a response of the crisis protocol as the API gives it."""
    if response is None:
        return None
    return CrisisOut(
        level=response.state.level.label,
        text=response.text,
        resources=[ResourceOut.model_validate(item) for item in response.resources],
        choices=[ChoiceOut.model_validate(item) for item in response.choices],
    )


def meet_risk(services: Services, detection: Detection, state: ConversationState) -> CrisisResponse | None:
    """Return the protocol's response for somebody who is not known and about whom nothing is kept."""
    return services.conversation.respond_to_risk("", detection, state, services.clock())


async def meet_risk_of(
    services: Services,
    work: Work,
    person: Person,
    detection: Detection,
    *,
    read: CrisisState | None = None,
    turns: Sequence[Turn] = (),
) -> CrisisResponse | None:
    """Return the protocol's response, with the person's crisis state, an alert and a trace kept in ``work``.

    ``read`` is their state as ``work`` read it; it is read now where None is given. ``turns`` is the window that was
    judged, where there was one: what older turns of it said was met then.
    """
    now = services.clock()
    read = await work.crisis.state(person) if read is None else read
    response = meet_risk(services, detection, replace(known_state(services, person, read), turns=tuple(turns)))
    if response is None or not response.state.is_active:
        return response
    await keep_raised(work, person, response, detection, read=read, now=now)
    return response


async def meet_refused(services: Services, token: str, words: str, *, is_said: bool) -> CrisisResponse | None:
    """Return what leads where words of a call that was refused signal risk, or None.

    It is kept for whoever ``token`` says is calling, where somebody is known by it and the database can take it.
    ``is_said`` is whether the words belong to the conversation: they are then judged in its window, and join it.
    """
    kept, before, caller = None, None, services.tokens.named(token, now=services.clock())
    try:
        kept = await _keep_refused(services, token, words, is_said=is_said)
    except AccessError:
        caller = None
    except StorageError:
        before = await state_before(services, caller) if is_said and caller is not None else None
    shown = kept if kept is not None and kept.leads else help_all_the_same(services, words, before=before)
    if is_said and caller is not None:
        services.recent.add(caller, words, None if shown is None else shown.text, is_kept=False)
    return shown


async def _keep_refused(services: Services, token: str, words: str, *, is_said: bool) -> CrisisResponse | None:
    async with services.database.work() as work:
        person = await services.tokens.person(work, token, now=services.clock())
        chat, recent = await work.chats.latest(person), services.recent.of(person.id)
        turns = await read_window(work, person, None if chat is None else chat.id, recent) if is_said else ()
        state = replace(known_state(services, person, await work.crisis.state(person)), turns=turns)
        detection = services.conversation.detect(words, state)
        return await meet_risk_of(services, work, person, detection, read=state.crisis, turns=turns)


def known_state(services: Services, person: Person, crisis: CrisisState) -> ConversationState:
    """Return what detection and the crisis path need to know of a person."""
    return ConversationState(
        crisis=crisis,
        region=person.region or services.settings.region,
        audience=person.audience,
        is_minor=person.is_minor,
        is_known_minor=person.is_known_minor,
    )
