"""``holdfast practise``: an exercise in the terminal, or from a file of inputs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

import click

from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.exercise import SAFETY, Exercise
from holdfast.care.intervention.introduction import introduction, references
from holdfast.care.intervention.markdown import plain
from holdfast.care.intervention.people import people_text
from holdfast.care.intervention.prompt import Prompt
from holdfast.care.intervention.rendering import prompt_text
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.steering import steer
from holdfast.care.intervention.summary import summary
from holdfast.errors import InputError, SettingsError, UnknownNameError
from holdfast.safety.crisis.helplines import load_helplines

__all__ = ["SAFETY_LEAD", "SafetyLead", "practise"]

SAFETY_LEAD = "holdfast.safety_lead"
"""The key of ``click.Context.meta`` under which the caller puts a ``SafetyLead``."""

SafetyLead = Callable[[str], str | None]
"""Returns what the crisis protocol says about a text, or None where it does not lead."""

_HELP_NOW = (
    "“Help now” is a page of the web app (holdfast serve). Here in the terminal: if you are in danger, call your local "
    "emergency number, or a helpline near you."
)
_NOT_KEPT = "Nothing is kept when this ends. Copy what you would like to keep."
_WORDS = "You can say “back”, “skip” or “stop” at any step."
_PAUSED = "The exercise stops here, because you matter more than it does."


@dataclass(frozen=True, kw_only=True)
class Run:
    """A session and, where the crisis protocol took over, what it said."""

    session: ExerciseSession
    lead: str | None = field(default=None, repr=False)


@click.command("practise")
@click.argument("exercise_id", metavar="[list|EXERCISE_ID]", default="list")
@click.option("--inputs", type=click.File("r", encoding="utf-8"), help="JSON: values in order, or by step id.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; an exercise then needs --inputs.")
@click.pass_context
def practise(ctx: click.Context, exercise_id: str, inputs: IO[str] | None, as_json: bool) -> None:
    """Practise a short exercise.

    With --inputs the exercise runs on its own. The file holds a list of values in order, or an object from step id
    to value; null skips a step. Steps that only ask you to read or breathe need no value.
    """
    catalogue = exercises()
    if exercise_id == "list":
        _list(catalogue, as_json=as_json)
        return
    exercise = catalogue.get(exercise_id)
    if as_json and inputs is None:
        raise InputError("--json must come with --inputs; give a file of inputs, or leave --json out.")
    lead = _safety_lead(ctx)
    session = ExerciseSession.start(exercise, datetime.now(UTC))
    if inputs is None:
        _converse(session, lead)
        return
    run = _feed(session, _read(inputs), lead)
    if as_json:
        payload = {"sha256": catalogue.sha256(exercise_id), **_payload(run)}
        click.echo(json.dumps(payload, ensure_ascii=False, indent=2))
    else:
        _show_end(run)


def _safety_lead(ctx: click.Context) -> SafetyLead:
    lead: SafetyLead | None = ctx.meta.get(SAFETY_LEAD)
    if lead is None:
        raise SettingsError("Exercises must run with safety detection, got none; start them as: holdfast practise.")
    return lead


def _list(catalogue: Catalogue, *, as_json: bool) -> None:
    if as_json:
        rows = [_described(one, catalogue.sha256(one.id)) for one in catalogue]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in catalogue:
        click.echo(f"{one.id}\n  {one.title}, about {one.minutes} minutes. {one.summary}\n")


def _described(exercise: Exercise, sha256: str) -> dict[str, Any]:
    return {
        **exercise.model_dump(mode="json", include={"id", "title", "version", "summary", "minutes"}),
        "sha256": sha256,
    }


def _read(inputs: IO[str]) -> list[Any] | dict[str, Any]:
    try:
        values = json.load(inputs)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"Inputs must be JSON, got a file that is not ({type(error).__name__}); mend it.") from None
    if not isinstance(values, (list, dict)):
        raise InputError(f"Inputs must be a JSON list or object, got a {type(values).__name__}; write one.")
    return values


def _feed(session: ExerciseSession, values: list[Any] | dict[str, Any], lead: SafetyLead) -> Run:
    """Answer steps from ``values`` until they run out or the exercise ends."""
    left: dict[str, Any] | list[Any] = values.copy()
    if isinstance(left, dict):
        _check_names(left, session.exercise)
    while (prompt := session.step) is not None:
        if _needs_none(prompt) and not (isinstance(left, dict) and prompt.step_id in left):
            session = session.submit(None)
            continue
        if not left or (isinstance(left, dict) and prompt.step_id not in left):
            break
        value = left.pop(prompt.step_id) if isinstance(left, dict) else left.pop(0)
        said = _lead_for(value, lead)
        if said is not None:
            return Run(session=session.stop(SAFETY), lead=said)
        session = _answer(session, prompt, value)
    _check_used_up(session, left)
    return Run(session=session)


def _needs_none(prompt: Prompt) -> bool:
    return prompt.kind in ("none", "timer")


def _answer(session: ExerciseSession, prompt: Prompt, value: object) -> ExerciseSession:
    try:
        return session.skip() if value is None else session.submit(value)
    except InputError as error:
        raise InputError(f"Step {prompt.step_id!r}: {error}") from None


def _lead_for(value: object, lead: SafetyLead) -> str | None:
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return next((said for text in texts if isinstance(text, str) and (said := lead(text)) is not None), None)


def _check_names(values: Mapping[str, Any], exercise: Exercise) -> None:
    known = [step.id for step in exercise.steps]
    for name in values:
        if name not in known:
            raise UnknownNameError("step", name, known)


def _check_used_up(session: ExerciseSession, left: list[Any] | dict[str, Any]) -> None:
    if not left or session.stopped_reason is not None:
        return
    where = "the exercise was over" if session.step is None else f"step {session.step.step_id!r} had no input"
    raise InputError(f"Inputs must follow the steps, got {len(left)} left when {where}; add or remove some.")


def _payload(run: Run) -> dict[str, Any]:
    session = run.session
    prompt = session.step
    return {
        "exercise": session.exercise.id,
        "version": session.exercise.version,
        "done": session.is_done,
        "stopped": session.stopped_reason,
        "stop_text": session.stop_rule.text if session.stop_rule is not None else None,
        "safety": run.lead,
        "next": None if prompt is None else {"step": prompt.step_id, "kind": prompt.kind, "prompt": prompt.text},
        "entries": [{"step": e.step_id, "label": e.label, "value": e.value} for e in session.entries],
        "summary": summary(session),
        "session": session.to_dict(),
    }


def _converse(session: ExerciseSession, lead: SafetyLead) -> None:
    for part in (introduction(session.exercise), references(session.exercise), _HELP_NOW, _NOT_KEPT):
        click.echo(f"{plain(part)}\n")
    if click.confirm("Would you like to start?", default=False):
        click.echo(f"\n{_WORDS}")
        _show_end(_walk(session, lead))


def _walk(session: ExerciseSession, lead: SafetyLead) -> Run:
    """Ask step after step. Closing the input counts as stopping."""
    while (prompt := session.step) is not None:
        click.echo(f"\n{plain(prompt_text(prompt))}")
        if prompt.shows_people:
            click.echo(f"\n{plain(people_text(load_helplines(), None))}")
        try:
            message: str = click.prompt("", default="", show_default=False, prompt_suffix="> ")
        except click.Abort:
            return Run(session=session.stop())
        said = lead(message)
        if said is not None:
            return Run(session=session.stop(SAFETY), lead=said)
        try:
            session = steer(session, message)
        except InputError as error:
            click.echo(f"\nSorry, that does not fit here. {error}")
    return Run(session=session)


def _show_end(run: Run) -> None:
    if run.lead is not None:
        click.echo(f"\n{plain(run.lead)}\n\n{_PAUSED}")
    rule = run.session.stop_rule
    if rule is not None:
        click.echo(f"\n{rule.text}\n\n{_HELP_NOW}")
    click.echo(f"\n{plain(summary(run.session))}")
    if run.session.step is not None:
        click.echo(f"\nThere is more to do: {run.session.step.text}")
