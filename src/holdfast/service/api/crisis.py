"""Risk as the API tells of it: what the crisis protocol says, whom to reach, and the state it leaves."""

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.errors import AccessError, StorageError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Detection
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.person import Person
from holdfast.service.api.schema import Given
from holdfast.service.crisis.raising import keep_raised
from holdfast.service.services import Services
from holdfast.service.storage.work import Work

__all__ = ["ChoiceOut", "CrisisOut", "ResourceOut", "crisis_out", "keep_refused", "meet_risk", "meet_risk_of"]


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


async def meet_risk_of(services: Services, work: Work, person: Person, detection: Detection) -> CrisisResponse | None:
    """Return the protocol's response, with the person's crisis state, an alert and a trace kept in ``work``."""
    now, read = services.clock(), await work.crisis.state(person)
    response = meet_risk(services, detection, known_state(services, person, read))
    if response is None or not response.state.is_active:
        return response
    await keep_raised(work, person, response, detection, read=read, now=now)
    return response


async def keep_refused(services: Services, token: str, words: str) -> CrisisResponse | None:
    """Meet risk in words of a call that was refused, and keep it for whoever ``token`` says is calling.

    None where the words call for nothing, nobody is known by the token, or the database cannot take it.
    """
    try:
        async with services.database.work() as work:
            person = await services.tokens.person(work, token, now=services.clock())
            state = known_state(services, person, await work.crisis.state(person))
            return await meet_risk_of(services, work, person, services.conversation.detect(words, state))
    except (AccessError, StorageError):
        return None


def known_state(services: Services, person: Person, crisis: CrisisState) -> ConversationState:
    """Return what detection and the crisis path need to know of a person."""
    return ConversationState(
        crisis=crisis,
        region=person.region or services.settings.region,
        audience=person.audience,
        is_minor=person.is_minor,
        is_known_minor=person.age is Age.MINOR,
    )
