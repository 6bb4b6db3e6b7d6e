"""The pages of a check-in: a question, all of them, a pause, a result."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.result import Explanation
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import Purpose
from holdfast.service.check_ins.sitting import Sitting
from holdfast.service.check_ins.views import all_items, describe, item_view
from holdfast.service.web.visitor import Visitor

__all__ = ["all_page", "blank_page", "item_page", "page", "pause_page", "redirect", "result_page"]


def item_page(sitting: Sitting, *, chosen: int | None = None, error: str | None = None) -> Response:
    """Show the pending question, or what to do where none is."""
    item = sitting.screening.pending
    if item is None:
        return blank_page(sitting)
    return page(
        sitting.request,
        sitting.visitor,
        "check_in_item.html",
        status=422 if error else 200,
        instrument=describe(sitting.instrument),
        item=item_view(sitting.screening, item, chosen=chosen),
        state=sitting.token(),
        keeps=sitting.keeps,
        error=error,
    )


def all_page(
    request: Request,
    visitor: Visitor,
    instrument: Instrument,
    *,
    values: dict[str, int | None] | None = None,
    error: str | None = None,
    missing: frozenset[str] = frozenset(),
    lead: CrisisResponse | None = None,
) -> Response:
    """Show every question on one page, with what was chosen, what is missing and what the crisis protocol says."""
    return page(
        request,
        visitor,
        "check_in_all.html",
        status=422 if error else 200,
        instrument=describe(instrument),
        items=all_items(instrument, values, missing=missing),
        error=error,
        lead=lead,
        keeps=visitor.allows(Purpose.CHECK_INS),
        hide_crisis_banner=lead is not None,
    )


def blank_page(sitting: Sitting) -> Response:
    """Say that too many questions were left blank for a score, and offer to answer them."""
    text = (
        f"Too many questions were left blank for a score. That is all right. {sitting.instrument.missing.explanation}"
    )
    return pause_page(sitting, text=text, can_reopen=True)


def pause_page(sitting: Sitting, *, text: str, can_reopen: bool = False, status: int = 200) -> Response:
    """Say why the check-in cannot simply go on, and what can be done."""
    return page(
        sitting.request,
        sitting.visitor,
        "check_in_pause.html",
        status=status,
        instrument=describe(sitting.instrument),
        text=text,
        state=sitting.token(),
        can_reopen=can_reopen,
    )


def result_page(
    request: Request,
    visitor: Visitor,
    instrument: Instrument,
    explanation: Explanation,
    **parts: Any,
) -> Response:
    """Show a result; ``parts`` are a lead of the crisis protocol, a kept id and a chart, where there are any."""
    shown = {"lead": None, "kept_id": None, "chart": None, **parts}
    return page(
        request,
        visitor,
        "check_in_result.html",
        instrument=describe(instrument),
        explanation=explanation,
        keeps=visitor.allows(Purpose.CHECK_INS),
        hide_crisis_banner=shown["lead"] is not None,
        **shown,
    )


def page(request: Request, visitor: Visitor, template: str, **context: Any) -> Response:
    """Render a template."""
    response: Response = request.app.state.pages.render(request, visitor, template, **context)
    return response


def redirect(request: Request, path: str) -> Response:
    """Send the browser on to a page to be opened with GET."""
    response: Response = request.app.state.pages.redirect(request, path)
    return response
