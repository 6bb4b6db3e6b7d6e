"""Make a run again, and say whether it gives the same figures."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.study.error import StudyError
from holdfast.study.evaluation.assessment import Progress
from holdfast.study.evaluation.table_evaluation import TableEvaluation, evaluate_tables
from holdfast.study.risk_model.cohort_fit import CohortFit, fit_cohort
from holdfast.study.risk_model.model_folder import StoredModel, load_model
from holdfast.study.runs.environment import environment
from holdfast.study.runs.run_record import RunRecord

__all__ = ["RESULT", "Rerun", "rerun"]

RESULT = "result.json"


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """What came of making a run again.

    Attributes:
        command: Of the run.
        differences: Where a figure is not the one that was kept: "methods.3.concordance.value: 0.87 was 0.88".
        environment: What differs in where it was made: "packages.numpy: 2.4 was 2.3".
        figures: How many were compared.
    """

    command: str
    differences: tuple[str, ...]
    environment: tuple[str, ...]
    figures: int


def rerun(folder: Path, *, progress: Progress = lambda _done, _of, _what: None) -> Rerun:
    """Make the run of a folder again, from the same data, and compare; the folder is only read.

    Raises:
        StudyError: It is no run, or its data are gone or have changed.
    """
    record = RunRecord.read(folder)
    record.refuse_changed_data()
    makers: dict[str, Callable[[Path, RunRecord, Progress], tuple[Any, Any]]] = {"fit": _fit, "evaluate": _evaluate}
    if record.command not in makers:
        raise StudyError("Run must be of fit or evaluate", repr(record.command), "use the Holdfast that made it")
    kept, made = makers[record.command](folder, record, progress)
    return Rerun(
        command=record.command,
        differences=tuple(_differences(kept, made)),
        environment=tuple(_differences(record.environment, environment())),
        figures=sum(1 for _ in _leaves(kept)),
    )


def _fit(folder: Path, record: RunRecord, progress: Progress) -> tuple[Any, Any]:
    kept = load_model(folder)
    steps = iter(range(1_000))
    asked = CohortFit.from_json(_placed(record, {"cohort": "cohort", "healthy": "healthy rule"}))
    made = fit_cohort(asked, progress=lambda what: progress(next(steps), 0, what))
    return _told(kept), _told(made)


def _told(stored: StoredModel) -> dict[str, Any]:
    """What must be equal for two models to be the same: their weights, and what the risk made of them."""
    model = stored.model
    return {
        "digest": stored.digest,
        "members": [member.to_json() for member in model.risk.members],
        "groups": model.risk.groups.to_json(),
        "facts": dict(stored.facts),
    }


def _evaluate(folder: Path, record: RunRecord, progress: Progress) -> tuple[Any, Any]:
    try:
        kept = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError("Run must be finished", f"no readable {RESULT}", "run the same command again") from error
    asked = TableEvaluation.from_json(_placed(record, {"train": "train", "test": "test", "column_map": "column map"}))
    figures, notes = evaluate_tables(asked, progress=progress)
    return kept, json.loads(json.dumps({"figures": figures.to_json(), "notes": list(notes)}))


def _placed(record: RunRecord, roles: Mapping[str, str]) -> dict[str, Any]:
    """Return the configuration with data named by where they lay, so that it is of no matter where this is run from.

    Args:
        record: Of the run.
        roles: Setting that names data -> its role in the record.
    """
    first = {file.role: Path(file.path) for file in reversed(record.data)}
    placed = dict(record.configuration)
    for setting, role in roles.items():
        if isinstance(named := placed.get(setting), str) and role in first:
            is_file = first[role].name == Path(named).name
            placed[setting] = str(first[role] if is_file else first[role].parent)
    return placed


def _differences(kept: Any, made: Any, at: str = "") -> Iterator[str]:
    """Yield where two JSON values differ."""
    if isinstance(kept, Mapping) and isinstance(made, Mapping):
        for name in sorted({*kept, *made}):
            yield from _differences(kept.get(name), made.get(name), f"{at}.{name}" if at else str(name))
    elif isinstance(kept, list) and isinstance(made, list) and len(kept) == len(made):
        for place, (a, b) in enumerate(zip(kept, made, strict=True)):
            yield from _differences(a, b, f"{at}.{place}")
    elif kept != made:
        yield f"{at}: {made!r} was {kept!r}"


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value
