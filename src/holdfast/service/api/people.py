"""People: become one, see and change what is known, choose what to agree to, take a copy, erase everything."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from holdfast.care.conversation.state import Audience, Purpose
from holdfast.errors import InputError
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.person import Person
from holdfast.service.api.bearer import Caller, Using
from holdfast.service.api.schema import Given, Taken
from holdfast.service.consent.change import give, withdraw
from holdfast.service.consent.offered import offered_texts
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.privacy.export import export
from holdfast.service.services import Services
from holdfast.service.storage.work import Work

__all__ = ["router"]

router = APIRouter(tags=["people"])


class TokenOut(Given):
    """A new person's token. It is given once; without it, nothing kept about this person can be reached."""

    token: str


class ProfileIn(Taken):
    """What a person says of themselves. ``region`` is an ISO 3166-1 alpha-2 country code, or null.

    ``is_minor`` is whether they are under 18; somebody who has not said (null) is served as if they were.
    """

    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    audience: Audience = Audience.PUBLIC
    is_minor: bool | None = None


class MeOut(Given):
    """What is known of a person. ``crisis`` is the standing level: none, notice, concern or crisis.

    ``is_minor`` is what they said, or null; ``is_served_as_minor`` is whether the stricter mode applies.
    """

    region: str | None
    audience: Audience
    is_minor: bool | None
    is_served_as_minor: bool
    consents: list[Purpose]
    crisis: str


class ConsentsIn(Taken):
    """Every purpose agreed to. What is left out is withdrawn, and what it kept is deleted."""

    purposes: Annotated[list[Purpose], Field(max_length=20)]


class PurposeOut(Given):
    """A purpose in plain words. ``given_at`` is when it was agreed to, or null."""

    purpose: Purpose
    title: str
    asks: str
    means: str
    given_at: datetime | None


class ConsentsOut(Given):
    """What can be agreed to, in the version that a yes is recorded against."""

    version: str
    purposes: list[PurposeOut]


@router.post("/people", status_code=201)
async def become(services: Using) -> TokenOut:
    """Become a person: a random number and no name, agreeing to nothing yet."""
    now = services.clock()
    async with services.database.work() as work:
        person = await work.persons.create(now, region=services.settings.region)
    return TokenOut(token=services.tokens.issue(person, now=now))


@router.get("/me")
async def me(services: Using, caller: Caller) -> MeOut:
    """Return what is known of the caller."""
    async with services.database.work(write=False) as work:
        return await _describe(work, await work.persons.open(caller))


@router.put("/me/profile")
async def set_profile(services: Using, caller: Caller, profile: ProfileIn) -> MeOut:
    """Change where the caller is, whom they read for, and whether they are under 18."""
    async with services.database.work() as work:
        person = await work.persons.open(caller)
        changed = await work.persons.set_profile(
            person, region=profile.region, audience=profile.audience, age=Age.from_answer(profile.is_minor)
        )
        return await _describe(work, changed)


@router.delete("/me", status_code=204)
async def erase(services: Using, caller: Caller) -> Response:
    """Erase everything about the caller, at once and for good. The token counts no more."""
    await erase_person(services.database, caller, now=services.clock())
    services.recent.forget(caller)
    return Response(status_code=204)


@router.get("/consents")
async def consents(services: Using, caller: Caller) -> ConsentsOut:
    """Return what can be agreed to, and what the caller agrees to."""
    async with services.database.work(write=False) as work:
        return await _consents(services, work, await work.persons.open(caller))


@router.put("/consents")
async def choose(services: Using, caller: Caller, chosen: ConsentsIn) -> ConsentsOut:
    """Agree to exactly these purposes. Withdrawing one deletes what it kept."""
    now, offered = services.clock(), {text.purpose for text in offered_texts(services)}
    if not set(chosen.purposes) <= offered:
        raise InputError("Purposes must be ones this service asks about; GET /consents lists them.")
    async with services.database.work() as work:
        person = await work.persons.open(caller)
        withdrawn = set(await work.consents.standing(person)) - set(chosen.purposes)
        for purpose in chosen.purposes:
            await give(work, person, purpose, version=services.consent.version, now=now)
        for purpose in withdrawn:
            await withdraw(work, person, purpose, now=now)
        shown = await _consents(services, work, person)
    if Purpose.CONVERSATION in withdrawn:
        services.recent.forget(caller)
    if withdrawn:
        await services.database.scrub()
    return shown


@router.get("/export")
async def take_copy(services: Using, caller: Caller) -> dict[str, Any]:
    """Hand over everything kept about the caller."""
    async with services.database.work(write=False) as work:
        return await export(work, await work.persons.open(caller), now=services.clock())


async def _describe(work: Work, person: Person) -> MeOut:
    return MeOut(
        region=person.region,
        audience=person.audience,
        is_minor=person.age.answer,
        is_served_as_minor=person.is_minor,
        consents=sorted(await work.consents.standing(person)),
        crisis=(await work.crisis.state(person)).level.label,
    )


async def _consents(services: Services, work: Work, person: Person) -> ConsentsOut:
    standing = {
        consent.purpose: consent.given_at
        for consent in await work.consents.history(person)
        if consent.withdrawn_at is None
    }
    return ConsentsOut(
        version=services.consent.version,
        purposes=[
            PurposeOut(
                purpose=text.purpose,
                title=text.title,
                asks=text.asks,
                means=text.means,
                given_at=standing.get(text.purpose),
            )
            for text in offered_texts(services)
        ],
    )
