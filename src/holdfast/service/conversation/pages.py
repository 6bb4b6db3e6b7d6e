"""Talk: write a message, read the reply, and see why it was what it was."""

import json
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.reply import Reply
from holdfast.care.conversation.state import Purpose
from holdfast.errors import ConsentError, InputError, StorageError
from holdfast.service.conversation.explanation import explain_trace
from holdfast.service.conversation.recent_words import HELD_FOR
from holdfast.service.conversation.repository import KeptTurn
from holdfast.service.conversation.talk import as_reply, take_turn
from holdfast.service.conversation.watching import EVENTS, watched
from holdfast.service.conversation.window import heard_before
from holdfast.service.security.rates import REFUSES_LATER, TooManyRequestsError, refuse_too_many
from holdfast.service.web.problems import describe_problem
from holdfast.service.web.risk import meet_refused, standing_state
from holdfast.service.web.visitor import (
    Visitor,
    person_for_writing,
    read_visitor,
    remember_risk,
    services_of,
    sign_in,
    signed_id,
    stranger,
)

__all__ = ["router"]

router = APIRouter()

_SHOWN_TURNS = 60


@router.get("/talk")
async def talk(request: Request) -> Response:
    """Show the conversation so far and a place to write."""
    return await _show(request, await read_visitor(request))


@router.post("/talk", dependencies=[REFUSES_LATER])
async def send(request: Request, message: Annotated[str, Form()] = "") -> Response:
    """Answer a message. Where nothing may be kept, the reply is shown once and forgotten."""
    services, visitor = services_of(request), stranger(request)
    try:
        visitor = await read_visitor(request)
        refuse_too_many(request)
        if EVENTS in request.headers.get("accept", "") and _may_watch(request, visitor):
            return watched(lambda show: take_turn(services, visitor.person_id, message, show=show))
        taken = await take_turn(services, visitor.person_id, message)
    except (InputError, StorageError, TooManyRequestsError) as error:
        return await _refuse(request, visitor, message, error)
    sign_in(request, taken.person)
    remember_risk(request, taken.kept.crisis, is_kept=True, region=taken.person.region)
    if taken.kept.answered is None:
        return await _show(request, visitor, unkept=taken.outcome.reply)
    response: Response = request.app.state.pages.redirect(request, "/talk#latest")
    return response


def _may_watch(request: Request, visitor: Visitor) -> bool:
    """Whether a language model may answer this person, so that there is something to watch being written."""
    has_model = services_of(request).parts.drafter is not None
    agreed = visitor.allows(Purpose.CONVERSATION) and visitor.allows(Purpose.LANGUAGE_MODEL)
    return has_model and agreed and visitor.person_id is not None and not visitor.crisis.is_active


async def _refuse(request: Request, visitor: Visitor, message: str, error: Exception) -> Response:
    """Refuse a turn, giving the message back where it can be mended; risk in it is met and kept all the same."""
    risk = await _met(request, visitor, message)
    if isinstance(error, InputError):
        unkept = as_reply(risk) if risk else None
        return await _show(request, visitor, error=str(error), draft=message, unkept=unkept, status=422)
    if risk is None:
        raise error
    status = describe_problem(error).status
    return _render(request, visitor, turns=(), unkept=as_reply(risk), draft=message, status=status)


async def _met(request: Request, visitor: Visitor, message: str) -> CrisisResponse | None:
    """Return what the crisis protocol says to a message whose turn is refused, or None where it need not lead."""
    services = services_of(request)
    state = standing_state(request, visitor, await heard_before(services, signed_id(request)))
    shown = await meet_refused(request, state, message)
    if (person_id := signed_id(request)) is not None:
        services.recent.add(person_id, message, None if shown is None else shown.text, is_kept=False)
    return shown


@router.post("/talk/new")
async def new_chat(request: Request) -> Response:
    """Start a new chat. A crisis state goes along: it belongs to the person, not to the chat."""
    services = services_of(request)
    async with services.database.work() as work:
        person = await person_for_writing(request, work)
        await work.chats.start(person, now=services.clock())
    services.recent.forget(person.id)
    response: Response = request.app.state.pages.redirect(request, "/talk")
    return response


@router.get("/why/{turn_id}")
async def why(request: Request, turn_id: UUID) -> Response:
    """Tell in plain words how a reply came about, from its trace."""
    services, visitor = services_of(request), await read_visitor(request)
    if visitor.person_id is None:
        raise ConsentError("Replies are explained to whoever they were given to; open the conversation first.")
    async with services.database.work(write=False) as work:
        person = await work.persons.open(visitor.person_id)
        turn = await work.chats.turn(person, turn_id)
        if turn.trace_seq is None or turn.reply is None:
            raise InputError(
                "Only replies can be explained, and this is a message; open “Why this reply” under a reply."
            )
        record = await work.trace.of(person, turn.trace_seq)
    payload = record.payload or {}
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "why.html",
        story=explain_trace(payload),
        sources=turn.reply.sources,
        record=json.dumps({"entry": record.seq, "hash": record.hash, **payload}, indent=2, ensure_ascii=False),
    )
    return response


async def _show(
    request: Request,
    visitor: Visitor,
    *,
    error: str | None = None,
    draft: str = "",
    unkept: Reply | None = None,
    status: int = 200,
) -> Response:
    """Render the conversation; ``unkept`` is a reply that is shown once and stored nowhere."""
    turns = await _turns(request, visitor)
    return _render(request, visitor, turns=turns, error=error, draft=draft, unkept=unkept, status=status)


def _render(
    request: Request,
    visitor: Visitor,
    *,
    turns: tuple[KeptTurn, ...],
    error: str | None = None,
    draft: str = "",
    unkept: Reply | None = None,
    status: int = 200,
) -> Response:
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "talk.html",
        status=status,
        turns=[
            {"id": kept.id, "role": kept.turn.role.value, "text": kept.turn.text, "reply": kept.reply} for kept in turns
        ],
        error=error,
        draft=draft,
        unkept=unkept,
        held_minutes=HELD_FOR // timedelta(minutes=1),
        may_watch=_may_watch(request, visitor),
        hide_crisis_banner=True,
    )
    return response


async def _turns(request: Request, visitor: Visitor) -> tuple[KeptTurn, ...]:
    if visitor.person_id is None:
        return ()
    async with services_of(request).database.work(write=False) as work:
        person = await work.persons.open(visitor.person_id)
        chat = await work.chats.latest(person)
        return () if chat is None else await work.chats.turns(person, chat.id, last=_SHOWN_TURNS)
