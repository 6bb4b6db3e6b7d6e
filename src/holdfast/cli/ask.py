"""``holdfast ask``: put a question to the library; the answer is quoted with its sources, or there is none."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from holdfast.care.conversation.message import clean_message
from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.release import Releaser
from holdfast.care.conversation.reply import Route
from holdfast.care.conversation.state import Audience, ConversationState, Purpose
from holdfast.care.conversation.templates import load_templates
from holdfast.care.education.answer import Abstention, Answer
from holdfast.care.education.article import Passage
from holdfast.care.education.engine import EducationEngine, build_education
from holdfast.care.intervention.markdown import plain
from holdfast.language.drafting import Drafter
from holdfast.language.specification import ModelSpec, parse_model_spec
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.review.default import default_review
from holdfast.service.privacy.reaching import reach_model
from holdfast.settings import Settings, load_settings

__all__ = ["ask"]


@click.command("ask")
@click.argument("question")
@click.option(
    "--audience",
    type=click.Choice([audience.value for audience in Audience]),
    default=Audience.PUBLIC.value,
    show_default=True,
    help="Whom the answer is for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--model", default="none", help='Language model to word the answer, or "none".', show_default=True)
@click.option("--region", help="Country for crisis lines, two letters such as GB.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file; ./holdfast.toml where it exists.")
def ask(question: str, audience: str, as_json: bool, model: str, region: str | None, config: Path | None) -> None:
    """Ask the library a question.

    The answer is the library's own passages, word for word, with their sources. Where none fits, it says so.
    Nothing is kept. With --model, a language model words the answer from those passages.
    """
    spec = parse_model_spec(model)
    overrides = {"region": region.upper()} if region else {}
    settings = load_settings(config=config, environ=os.environ, overrides=overrides)
    message = clean_message(question, max_chars=settings.max_message_chars)
    from holdfast.cli.lead import safety_lead

    lead = safety_lead(message, region=settings.region)
    reader = Audience(audience)
    reply, found = asyncio.run(_answer(message, reader, spec if lead is None else None, settings))
    if as_json:
        click.echo(json.dumps(_as_json(reply, found, lead), ensure_ascii=False, indent=2))
    else:
        _print(reply, lead)


async def _answer(
    question: str, audience: Audience, spec: ModelSpec | None, settings: Settings
) -> tuple[EngineReply, Answer | Abstention]:
    """Answer through the engine and output review. No ``spec``, or one that names no model: the library alone."""
    if spec is None or spec.is_none:
        return await _reviewed(build_education(), question, audience, None)
    if spec.is_remote:
        click.echo(f"Your question will be sent to {urlsplit(spec.base_url).hostname}.", err=True)
    async with reach_model(settings, spec) as language_model:
        drafter = Drafter(language_model, timeout_s=settings.model_timeout_s)
        return await _reviewed(build_education(drafter=drafter), question, audience, drafter)


async def _reviewed(
    engine: EducationEngine, question: str, audience: Audience, drafter: Drafter | None
) -> tuple[EngineReply, Answer | Abstention]:
    found = engine.answer(question, audience=audience)
    state = ConversationState(audience=audience, consents=frozenset({Purpose.LANGUAGE_MODEL}))
    routing = Routing(route=Route.EDUCATION, reason="holdfast ask")
    helplines = load_helplines()
    releaser = Releaser(
        review=default_review(helplines, (f"{p.heading}\n{p.text}" for p in engine.library.passages)),
        templates=load_templates(),
        helpline_numbers=helplines.numbers(),
        private=drafter.private_lines if drafter else (),
    )
    return releaser.release(await engine.reply(question, routing, state)).reply, found


def _as_json(reply: EngineReply, found: Answer | Abstention, lead: str | None) -> dict[str, Any]:
    """Return what is printed as JSON. The question is not repeated."""
    is_answered = isinstance(found, Answer) and reply.route is not Route.ABSTAIN
    return {
        "status": "answered" if is_answered else "abstained",
        "reason": found.reason if isinstance(found, Abstention) else None if is_answered else "withheld",
        "safety": lead,
        "text": reply.text,
        "passages": [_passage(p) for p in found.passages] if isinstance(found, Answer) and is_answered else [],
        "see_also": list(found.see_also) if isinstance(found, Abstention) else [],
        "next_step": reply.next_step,
        "referral": reply.referral,
        "author": reply.author.value,
        "model": reply.model,
        "model_outcome": reply.model_outcome,
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "citation": passage.citation,
        "title": passage.title,
        "heading": passage.heading,
        "text": passage.text,
        "sources": [source.model_dump() for source in passage.sources],
    }


def _print(reply: EngineReply, lead: str | None) -> None:
    if lead:
        click.echo(f"{plain(lead)}\n\n---\n")
    click.echo(plain(reply.text))
    if reply.next_step:
        click.echo(f"\nA next step: {reply.next_step}")
    if reply.referral:
        click.echo(reply.referral)
    if reply.sources:
        click.echo("\nFrom the library:")
    for source in reply.sources:
        click.echo(f"  [{source.citation}] {source.title}. {source.published}")
