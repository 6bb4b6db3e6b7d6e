"""``holdfast screen``: check in with a validated instrument, all answers at once or one question at a time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from holdfast.care.assessment.catalogue import Catalogue, instruments
from holdfast.care.assessment.entry import Command, read_command, read_option
from holdfast.care.assessment.instrument import FUNCTIONAL, Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.result import explain
from holdfast.care.assessment.score import Score
from holdfast.care.assessment.scoring import score, signalled_risk
from holdfast.care.assessment.screening import Screening, start
from holdfast.care.intervention.markdown import plain
from holdfast.errors import AnswersError, HoldfastError, InputError
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.detection.verdict import Detection

__all__ = ["SCREEN_LEAD", "SafetyLead", "protocol_lead", "screen"]

SCREEN_LEAD = "holdfast.screen_lead"
"""The key of ``click.Context.meta`` under which a caller may put its own ``SafetyLead``."""

SafetyLead = Callable[[Detection], str]
"""Returns what the crisis protocol says about what an instrument signalled, as Markdown."""

_LAST_RESORT = (
    "Thank you for answering honestly. If you might act on thoughts of ending your life or of hurting yourself, please "
    "call your local emergency number or a crisis line now, or go to someone you trust. Please do not stay alone."
)
_BLANKS = frozenset({"", "-"})
_HOW = "Answer in the words shown, or with the number where one stands. You can also say skip, back or stop."
_NOT_KEPT = "Nothing is kept when this ends."
_GO_ON = "Would you like to go on with the questions?"
_REOPEN = "Would you like to answer the questions left blank?"
_AGAIN = "I could not read that as one of the answers, and I do not want to guess."


@click.command("screen")
@click.argument("instrument_id", metavar="[list|INSTRUMENT_ID]", default="list")
@click.option("--answers", help="One number per question, with commas between; - or nothing for a question left blank.")
@click.option("--functional", help="How hard things have been (0 to 3), where the instrument asks; it is not scored.")
@click.option("--region", help="A country code such as GB, for the numbers to call if they are needed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; an instrument then needs --answers.")
@click.pass_context
def screen(
    ctx: click.Context,
    instrument_id: str,
    answers: str | None,
    functional: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Check in with a validated instrument. A screen, not a diagnosis.

    Without --answers the questions are asked one at a time. If an answer signals risk, what to do comes first.
    """
    catalogue = instruments()
    if instrument_id == "list":
        _list(catalogue, as_json=as_json)
        return
    instrument = catalogue.get(instrument_id)
    lead = ctx.meta.get(SCREEN_LEAD) or protocol_lead(region)
    if answers is not None:
        _score_at_once(instrument, answers, functional, lead, catalogue.sha256(instrument.id) if as_json else None)
    elif as_json or functional is not None:
        raise InputError("--json and --functional must come with --answers; give the answers, or leave these out.")
    else:
        _converse(instrument, lead)


def protocol_lead(region: str | None) -> SafetyLead:
    """Return a ``SafetyLead`` that speaks the crisis protocol's words for a country, or for none.

    Where the protocol cannot be read, a fixed text points to people all the same.
    """

    def lead(detection: Detection) -> str:
        try:
            protocol, helplines = load_protocol().value, load_helplines()
            category = detection.categories[0] if detection.categories else None
            template = protocol.template(category, detection.level, detection.subject)
            return protocol.render(template, fill_region(helplines, region, detection.categories))
        except HoldfastError:
            return _LAST_RESORT

    return lead


def _list(catalogue: Catalogue, *, as_json: bool) -> None:
    if as_json:
        fields = {"id", "version", "name", "short_name", "about", "time_frame", "tested_with"}
        rows = [{**i.model_dump(include=fields), "sha256": catalogue.sha256(i.id)} for i in catalogue]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for instrument in catalogue:
        click.echo(f"{instrument.id}\n  {instrument.name}. {instrument.about}\n")


def _score_at_once(
    instrument: Instrument, answers: str, functional: str | None, lead: SafetyLead, sha256: str | None
) -> None:
    """Score answers given together. ``sha256`` is the instrument file's, for JSON; None prints text."""
    given = _parse(answers)
    risk = signalled_risk(instrument, given)
    said = lead(risk) if risk is not None else None
    if said is not None and sha256 is None:
        click.echo(f"{plain(said)}\n")
    try:
        result = score(instrument, given, functional=_whole("--functional", functional) if functional else None)
    except AnswersError as error:
        if said is not None and sha256 is not None:
            _print_json({"instrument": instrument.id, "safety": said, "error": str(error)})
        raise
    if sha256 is not None:
        payload = {"sha256": sha256, **result.to_dict(), "safety": said, "explanation": explain(result).to_dict()}
        _print_json(payload)
    else:
        _show(result)


def _parse(answers: str) -> list[int | None]:
    parts = [part.strip() for part in answers.split(",")]
    return [None if p in _BLANKS else _whole(f"Answer {number}", p) for number, p in enumerate(parts, start=1)]


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{name} must be a whole number; write one, or - for a question left blank.") from None


def _converse(instrument: Instrument, lead: SafetyLead) -> None:
    intro = f"{instrument.name} ({instrument.short_name}). {instrument.about}"
    for part in (intro, instrument.instruction, "This is a screen, not a diagnosis.", _NOT_KEPT, _HOW):
        if part:
            click.echo(f"{part}\n")
    screening: Screening | None = start(instrument, datetime.now(UTC))
    while screening is not None and (screening := _walk(screening, lead)) is not None:
        try:
            _show(screening.result())
        except AnswersError as error:
            click.echo(f"\n{error}")
            screening = screening.reopen_blank() if click.confirm(_REOPEN, default=False) else None
        else:
            return
    click.echo("\nThat is fine. It stops here, and nothing was scored.")


def _walk(screening: Screening, lead: SafetyLead) -> Screening | None:
    """Ask question after question; None once the person stops. Closing the input counts as stopping."""
    while (item := screening.pending) is not None:
        _show_item(screening, item)
        try:
            message: str = click.prompt("", default="", show_default=False, prompt_suffix="> ")
            moved = _move(screening, item, message)
            if moved is None:
                return None
            if len(moved.given) > len(screening.given) and moved.newest_risk is not None:
                click.echo(f"\n{plain(lead(moved.newest_risk))}\n")
                if not click.confirm(_GO_ON, default=False):
                    return None
        except click.Abort:
            return None
        screening = moved
    return screening


def _move(screening: Screening, item: Item, message: str) -> Screening | None:
    """Return the screening after ``message``, unchanged where it could not be read, or None to stop."""
    command = read_command(message)
    if command is Command.STOP:
        return None
    if command is Command.BACK:
        return screening.back()
    if command is Command.AGAIN:
        return start(screening.instrument, screening.started)
    value = read_option(message, screening.instrument.options_of(item))
    if value is None and command is not Command.SKIP:
        click.echo(f"\n{_AGAIN} {_HOW}")
        return screening
    return screening.answer(value)


def _show_item(screening: Screening, item: Item) -> None:
    instrument = screening.instrument
    count = len(instrument.items)
    heading = "One last question" if item.id == FUNCTIONAL else f"Question {screening.number} of {count}"
    stem = instrument.stem_of(item)
    click.echo(f"\n{heading}")
    if stem:
        click.echo(stem)
    click.echo(item.text)
    options = instrument.options_of(item)
    for option in options:
        is_readable = read_option(str(option.value), options) == option.value
        click.echo(f"  {option.value}  {option.label}" if is_readable else f"  - {option.label}")


def _show(result: Score) -> None:
    explanation = explain(result)
    click.echo(f"\n{plain(explanation.to_markdown())}\n\n{explanation.review_note}\n\nSources:")
    for source in explanation.sources:
        click.echo(f"  {source}")
    click.echo(f"  {explanation.attribution}")


def _print_json(payload: dict[str, Any]) -> None:
    click.echo(json.dumps(payload, ensure_ascii=False, indent=2))
