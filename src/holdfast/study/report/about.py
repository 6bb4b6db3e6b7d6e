"""What a page says beside the figures: which model, which people, made how."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.flow import FlowStep
from holdfast.study.judging.people_to_judge import JudgedPeople
from holdfast.study.judging.settings import JudgingSettings
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.runs.environment import environment
from holdfast.study.runs.run_record import DataFile, data_file
from holdfast.study.visits.visits import Visits

__all__ = ["About", "about_report"]

_TOP_CODED = 0.02
"""Share of people at the very highest age from which on ages are taken to be cut off there."""


@dataclass(frozen=True, kw_only=True)
class About:
    """Facts of the record, no figures.

    Attributes:
        kind: "held out" or "external"; see ``JudgedPeople``.
        outcome: What is foretold, in words.
        cohort: Name of the folder of the people judged on.
        loader: What kind of study it is: "nhanes".
        flow: From the source to the people judged on.
        notes: What was read differently, in sentences.
        model: What there is to say about the model, name -> words.
        learnt_from: Files that it was fitted to.
        judged_on: Files of the people judged on.
        made_with: Versions and processor, of the judging.
        fitted_with: The same, of the fitting.
        command: What makes the page again.
        top_coded: The highest age and the share of people who have it, where it is many; None elsewhere.
        inputs: Group of columns -> how many.
        is_led: Whether teachers' forecasts are among the encoders' inputs.
    """

    kind: str
    outcome: str
    cohort: str
    loader: str
    flow: tuple[FlowStep, ...]
    notes: tuple[str, ...]
    model: Mapping[str, str]
    learnt_from: tuple[DataFile, ...]
    judged_on: tuple[DataFile, ...]
    made_with: Mapping[str, Any]
    fitted_with: Mapping[str, Any]
    command: str
    top_coded: tuple[float, float] | None
    inputs: Mapping[str, int]
    is_led: bool

    @property
    def is_external(self) -> bool:
        """Whether the people are of another cohort than the model's."""
        return self.kind == "external"

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "kind": self.kind,
            "outcome": self.outcome,
            "cohort": self.cohort,
            "flow": [{"step": s.step, "removed": s.removed, "left": s.left, "why": s.why} for s in self.flow],
            "notes": list(self.notes),
            "model": dict(self.model),
            "learnt_from": {file.path: file.sha256 for file in self.learnt_from},
            "judged_on": {file.path: file.sha256 for file in self.judged_on},
            "made_with": dict(self.made_with),
            "fitted_with": dict(self.fitted_with),
            "command": self.command,
        }


def about_report(
    stored: StoredModel, folder: Path, cohort: Path, people: JudgedPeople, asked: JudgingSettings
) -> About:
    """Gather what the record says. Paths are named by their last part only: the rest is of one machine."""
    opened = Cohort.open(cohort)
    groups = [column.group for column in stored.model.columns]
    return About(
        kind=people.kind,
        outcome=stored.outcome,
        cohort=cohort.name,
        loader=opened.provenance.loader,
        flow=_flow(opened, people, stored.outcome),
        notes=tuple(dict.fromkeys((*people.notes, *stored.facts.get("notes", ())))),
        model=_model(stored, people.kind),
        learnt_from=_named(stored.run.data),
        judged_on=_named(data_file("cohort", cohort)),
        made_with=environment(),
        fitted_with=stored.run.environment,
        command=_command(folder, cohort, asked),
        top_coded=_top_coded(people.test),
        inputs={name: groups.count(name) for name in dict.fromkeys(groups)},
        is_led=stored.model.lead is not None,
    )


def _flow(cohort: Cohort, people: JudgedPeople, outcome: str) -> tuple[FlowStep, ...]:
    """Go on from the cohort's own flow to the people judged on."""
    steps = list(cohort.flow) or [FlowStep(step="cohort", removed=0, left=cohort.n_people, why="Everyone in it.")]
    left = people.n_followed
    why = f"Not followed up for the outcome ({outcome.lower()})."
    steps.append(FlowStep(step="not followed up", removed=cohort.n_people - left, left=left, why=why))
    if people.kind == "held out":
        n = people.test.n_people
        why = "Training people, or set aside as such: the model is not judged on them."
        steps.append(FlowStep(step="learnt from", removed=left - n, left=n, why=why))
    return tuple(steps)


def _model(stored: StoredModel, kind: str) -> dict[str, str]:
    model, facts, said = stored.model, stored.facts, stored.run.configuration
    teachers = ", ".join(model.settings.teachers)
    return {
        "Digest": stored.digest,
        "Fitted to": f"{facts['people']:,} people with {facts['events']:,} events"
        + (", none of them judged on here" if kind == "held out" else ", of another cohort"),
        "Preset": str(said.get("preset", "not recorded")),
        "Columns": f"{len(model.columns):,}",
        "Encoders": f"{len(model.encoders)}, each trained without a fold of the people, with the NPLB objective",
        "Teachers": f"{teachers}; " + ("inputs of the encoders too" if model.lead else "to grade training people only"),
        "Distance": f"{model.risk.settings.distance.name}, to the centre of the healthy and of each worse grade",
        "Seed": str(said.get("seed", "not recorded")),
    }


def _named(files: tuple[DataFile, ...]) -> tuple[DataFile, ...]:
    return tuple(replace(file, path=Path(file.path).name) for file in files)


def _command(folder: Path, cohort: Path, asked: JudgingSettings) -> str:
    horizon = "" if asked.horizon_years is None else f" --horizon {asked.horizon_years:g}"
    methods = ",".join(asked.methods)
    return (
        f"holdfast risk report {folder.name} {cohort.name} --out report.html --methods {methods}"
        f" --resamples {asked.resamples} --seed {asked.seed}{horizon}"
    )


def _top_coded(people: Visits) -> tuple[float, float] | None:
    if people.age is None or np.isnan(people.age).all():
        return None
    top = float(np.nanmax(people.age))
    at_top = float(np.mean(people.age == top))
    return (top, at_top) if at_top >= _TOP_CODED else None
