"""Refuse a form that is too large, and meet risk in what could be read of it all the same."""

from fastapi import Request
from starlette.responses import Response

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.errors import StorageError
from holdfast.service.conversation.talk import help_all_the_same
from holdfast.service.security.body_words import BodyWords, words_in
from holdfast.service.security.forgery import FIELD, is_forged
from holdfast.service.web.risk import meet_refused, standing_state
from holdfast.service.web.visitor import Visitor, read_visitor, services_of, stranger

__all__ = ["refuse_oversized"]


async def refuse_oversized(request: Request, why: str, body: bytes) -> Response:
    """Answer 413; where the first and last words of ``body`` signal risk, what the protocol says leads the page.

    A crisis in them is kept and alerts stewards, as when they are sent in a message that can be taken, unless the form
    cannot have come from a page of ours: then help is shown and nothing is kept.
    """
    words = words_in(body, request.headers.get("content-type", ""))
    try:
        visitor = await read_visitor(request)
    except StorageError:
        visitor = stranger(request)
    lead = await _met(request, visitor, words)
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "problem.html",
        status=413,
        heading="That is more than can be taken at once",
        message=why,
        lead=lead,
        hide_crisis_banner=lead is not None,
    )
    return response


async def _met(request: Request, visitor: Visitor, words: BodyWords) -> CrisisResponse | None:
    services = services_of(request)
    said = words.stretches(services.settings.max_message_chars)
    if not said:
        return None
    state = standing_state(request, visitor)
    if is_forged(request, words.field(FIELD)):
        return help_all_the_same(services, said, before=state)
    return await meet_refused(request, state, said)
