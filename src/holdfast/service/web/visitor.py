"""Who is visiting: a stranger, or a person known by a signed cookie and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from holdfast.care.conversation.state import Audience, Purpose
from holdfast.errors import AccessError, StorageError
from holdfast.safety.crisis.standing import AlertStanding
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.person import Person
from holdfast.service.accounts.token import COOKIE, MAX_AGE_S
from holdfast.service.crisis.carried_risk import COOKIE as RISK_COOKIE
from holdfast.service.crisis.carried_risk import CarriedRisk
from holdfast.service.crisis.keeping import alert_standing, carry_over
from holdfast.service.services import Services
from holdfast.service.storage.work import Work
from holdfast.service.web.failures import log_failure

__all__ = [
    "Visitor",
    "carried_risk",
    "forget_visitor",
    "keep_risk",
    "keep_token",
    "mirror_risk",
    "person_for_writing",
    "read_visitor",
    "remember_risk",
    "services_of",
    "sign_in",
    "signed_id",
    "stranger",
    "visitor_or_stranger",
]

_FORGET = ""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """What pages need to know of whoever is visiting. A stranger has no ``person_id`` and agreed to nothing."""

    person_id: UUID | None = None
    region: str | None = None
    audience: Audience = Audience.PUBLIC
    age: Age = Age.UNKNOWN
    consents: Mapping[Purpose, str] = field(default_factory=dict)
    crisis: CrisisState = field(default_factory=CrisisState)
    alert: AlertStanding = field(default_factory=AlertStanding)
    last_notice: datetime | None = None
    return_name: str | None = field(default=None, repr=False)

    @property
    def is_minor(self) -> bool:
        """Whether they are served as a minor: always, unless they said that they are 18 or older."""
        return self.age.is_served_as_minor

    @property
    def is_known_minor(self) -> bool:
        """Whether they said that they are under 18."""
        return self.age is Age.MINOR

    def allows(self, purpose: Purpose) -> bool:
        """Whether the visitor agreed to ``purpose``."""
        return purpose in self.consents


def services_of(request: Request) -> Services:
    """Return what the application was started with."""
    services: Services = request.app.state.services
    return services


async def read_visitor(request: Request) -> Visitor:
    """Return who is visiting; a token that is forged, stale or nobody's any more makes a stranger.

    A crisis that the browser carries and the database could not take is kept first, whoever is visiting now.
    """
    risk = carried_risk(request)
    if risk is not None and not risk.is_kept:
        return await _settle(request, risk)
    return await _known_visitor(request)


async def _settle(request: Request, risk: CarriedRisk) -> Visitor:
    services = services_of(request)
    now = services.clock()
    async with services.database.work() as work:
        person = await person_for_writing(request, work)
        kept = await carry_over(work, person, risk.state, now=now)
        await work.trace.append("risk", {"action": "kept late", "level": kept.level.label}, at=now, person=person)
        work.counters.add(now.date(), "crisis.kept_late")
        visitor = await describe(work, person)
    remember_risk(request, kept, is_kept=True, region=visitor.region)
    return visitor


async def _known_visitor(request: Request) -> Visitor:
    services = services_of(request)
    token = request.cookies.get(COOKIE)
    if not token:
        return Visitor()
    try:
        async with services.database.work(write=False) as work:
            person = await services.tokens.person(work, token, now=services.clock())
            visitor = await describe(work, person)
    except AccessError:
        request.state.person_token = _FORGET
        return Visitor()
    if services.tokens.read(token, now=services.clock()).needs_renewal(services.clock()):
        sign_in(request, person)
    return visitor


async def visitor_or_stranger(request: Request) -> Visitor:
    """Return who is visiting, or a stranger where the database cannot say: help must show whatever else is down.

    A crisis that the browser carries stands all the same.
    """
    try:
        return await read_visitor(request)
    except StorageError:
        return stranger(request)


def stranger(request: Request) -> Visitor:
    """Return a visitor of whom nothing is known but what their browser carries: the database cannot say more."""
    request.state.person_token = None
    risk = carried_risk(request)
    return Visitor() if risk is None else Visitor(crisis=risk.state, region=risk.region)


def carried_risk(request: Request) -> CarriedRisk | None:
    """Return the crisis that the browser carries, or None. What cannot be opened is logged and left aside."""
    value = request.cookies.get(RISK_COOKIE)
    if not value:
        return None
    try:
        return services_of(request).carrier.open(value)
    except StorageError as error:
        log_failure(error)
        return None


def remember_risk(request: Request, state: CrisisState, *, is_kept: bool, region: str | None = None) -> None:
    """Have the browser carry ``state`` from the response on, or nothing where it is calm."""
    request.state.risk = CarriedRisk(state=state, is_kept=is_kept, region=region)


async def describe(work: Work, person: Person) -> Visitor:
    """Return what pages need to know of ``person``."""
    return Visitor(
        person_id=person.id,
        region=person.region,
        audience=person.audience,
        age=person.age,
        consents=await work.consents.standing(person),
        crisis=await work.crisis.state(person),
        alert=await alert_standing(work, person),
        last_notice=person.last_notice,
        return_name=person.return_name,
    )


async def person_for_writing(request: Request, work: Work) -> Person:
    """Return the visiting person inside ``work``, made now if they are a stranger: a random number and no name."""
    services = services_of(request)
    token = request.cookies.get(COOKIE)
    if token:
        try:
            return await services.tokens.person(work, token, now=services.clock())
        except AccessError:
            request.state.person_token = _FORGET
    person = await work.persons.create(services.clock(), region=services.settings.region)
    sign_in(request, person)
    return person


def sign_in(request: Request, person: Person) -> None:
    """Give the browser a fresh token for ``person`` with the response."""
    request.state.person_token = services_of(request).tokens.issue(person, now=services_of(request).clock())


def signed_id(request: Request) -> UUID | None:
    """Return the person whom the browser's signed token names, as the request stands; the database is not asked.

    It is enough to judge words together, also while the database is gone. It opens nothing that is kept.
    """
    decided: str | None = getattr(request.state, "person_token", None)
    token = request.cookies.get(COOKIE, "") if decided is None else decided
    services = services_of(request)
    return services.tokens.named(token, now=services.clock())


def forget_visitor(request: Request) -> None:
    """Take the browser's token, and the crisis that it carries, away with the response; forget what memory holds."""
    services_of(request).recent.forget(signed_id(request))
    request.state.person_token = _FORGET
    remember_risk(request, CrisisState(), is_kept=True)


def mirror_risk(request: Request, visitor: Visitor) -> None:
    """Have the browser carry what the database says of its person, unless the request decided otherwise."""
    if visitor.person_id is not None and getattr(request.state, "risk", None) is None:
        remember_risk(request, visitor.crisis, is_kept=True, region=visitor.region)


def keep_risk(request: Request, response: Response, *, is_secure: bool) -> None:
    """Set or remove the cookie of a carried crisis as the request decided; what the browser has already stays."""
    risk: CarriedRisk | None = getattr(request.state, "risk", None)
    if risk is None:
        return
    if not risk.state.is_active:
        if request.cookies.get(RISK_COOKIE):
            response.delete_cookie(RISK_COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure)
        return
    if carried_risk(request) == risk:
        return
    value = services_of(request).carrier.seal(risk)
    response.set_cookie(
        RISK_COOKIE, value, max_age=MAX_AGE_S, path="/", httponly=True, samesite="lax", secure=is_secure
    )


def keep_token(request: Request, response: Response, *, is_secure: bool) -> None:
    """Set or remove the browser's cookie as the request decided."""
    token = getattr(request.state, "person_token", None)
    if token is None:
        return
    if token == _FORGET:
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure)
        return
    response.set_cookie(COOKIE, token, max_age=MAX_AGE_S, path="/", httponly=True, samesite="lax", secure=is_secure)
