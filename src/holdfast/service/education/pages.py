"""Learn: ask the library a question, browse by topic, read an article with its sources."""

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from holdfast.care.conversation.message import clean_message
from holdfast.care.conversation.state import Audience
from holdfast.care.education.answer import Abstention, Answer
from holdfast.errors import InputError, UnknownNameError
from holdfast.service.services import Services
from holdfast.service.web.risk import meet_refused, meet_words, standing_state
from holdfast.service.web.visitor import Visitor, services_of, visitor_or_stranger

__all__ = ["router"]

router = APIRouter()


@router.get("/learn")
async def browse(request: Request, topic: Annotated[str, Query(max_length=60)] = "") -> Response:
    """List the articles by topic."""
    services = services_of(request)
    if topic and topic not in services.parts.education.library.topics:
        raise UnknownNameError("topic", topic, services.parts.education.library.topics)
    return await _show(request, await visitor_or_stranger(request), topic=topic)


@router.post("/learn")
async def ask(
    request: Request, q: Annotated[str, Form()] = "", audience: Annotated[str, Form()] = "public"
) -> Response:
    """Answer a question from the library. It is checked for risk like any message, and not kept.

    A question that is refused is checked all the same, and what it raises is kept.
    """
    services, visitor = services_of(request), await visitor_or_stranger(request)
    state = standing_state(request, visitor)
    try:
        question = clean_message(q, max_chars=services.settings.max_message_chars)
        reader = Audience(audience)
    except (InputError, ValueError) as error:
        text = str(error) if isinstance(error, InputError) else "Please choose whom it is for from the list."
        risk = await meet_refused(request, state, q)
        return await _show(request, visitor, error=text, question=q, lead=risk)
    lead = await meet_words(request, services.conversation.detect(question, state), state)
    found = services.parts.education.answer(question, audience=reader)
    shown = _shown(services, found)
    return await _show(request, visitor, question=question, audience=reader.value, answer=shown, lead=lead)


@router.get("/learn/{article_id}")
async def read(request: Request, article_id: str) -> Response:
    """Show one article with its sources, its review status and its reading level."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    article = services.parts.education.library.get(article_id)
    front = article.front
    shown: dict[str, Any] = {
        **{name: getattr(front, name) for name in ("title", "topic", "summary", "next_step", "referral", "version")},
        "sources": front.sources,
        "written": front.review.written,
        "due": front.review.due,
        "status": front.review.status,
        "grade": round(max(0.0, article.readability.flesch_kincaid_grade), 1),
    }
    sections = [{"slug": p.slug, "heading": p.heading, "text": p.marked} for p in article.passages]
    response: Response = request.app.state.pages.render(
        request, visitor, "article.html", article=shown, sections=sections
    )
    return response


async def _show(request: Request, visitor: Visitor, *, topic: str = "", **shown: Any) -> Response:
    """Render the page with its articles; ``shown`` are a question, answer, lead or error, where there is one."""
    empty = {"question": "", "audience": visitor.audience.value, "error": None, "answer": None, "lead": None}
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "learn.html",
        status=422 if shown.get("error") else 200,
        topic=topic,
        topics=_by_topic(services_of(request), topic),
        **{**empty, **shown},
    )
    return response


def _by_topic(services: Services, topic: str) -> list[tuple[str, list[dict[str, str]]]]:
    """Return the articles, of one topic or of all, under their topics and by title."""
    articles = services.parts.education.library.articles(topic=topic or None)
    ordered = sorted(articles, key=lambda item: (item.front.topic, item.front.title))
    return [
        (name, [{"id": item.id, "title": item.front.title, "summary": item.front.summary} for item in items])
        for name, items in groupby(ordered, key=lambda item: item.front.topic)
    ]


def _shown(services: Services, found: Answer | Abstention) -> dict[str, Any]:
    """Return what the page shows of an answer, or of an abstention with articles worth reading instead."""
    passages = found.passages if isinstance(found, Answer) else ()
    see_also = () if isinstance(found, Answer) else found.see_also
    return {
        "text": None if isinstance(found, Answer) else found.text,
        "passages": [
            {"path": p.path, "heading": p.heading, "text": p.text, "title": p.title, "citation": p.citation}
            for p in passages
        ],
        "see_also": [(name, services.parts.education.library.get(name).front.title) for name in see_also],
        "next_step": found.next_step,
        "referral": found.referral,
    }
