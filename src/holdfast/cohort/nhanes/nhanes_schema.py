"""The schema of an NHANES cohort: features that at least one cycle has the columns for."""

from collections.abc import Collection

from holdfast.cohort.nhanes.dictionary import Cycle, Dictionary, Variable
from holdfast.cohort.nhanes.outcomes import outcomes_of
from holdfast.cohort.nhanes.weights import WEIGHTS
from holdfast.cohort.schema import Feature, Kind, Schema, SensitiveAttribute

__all__ = ["nhanes_schema"]


def nhanes_schema(columns: Collection[str], cycles: Collection[Cycle], dictionary: Dictionary) -> Schema:
    """Return the schema of a cohort.

    A derived feature is in it as soon as one of the columns it is worked out from is there: which ones are asked
    changes from cycle to cycle.

    Args:
        columns: Published columns that at least one cycle has.
        cycles: The cycles.
        dictionary: What is read.
    """
    there = [v for v in dictionary.variables if _is_there(v, columns, dictionary)]
    features = (_cycle_feature(v, cycles) if v.name == "CYCLE" else v.feature() for v in there)
    comments = (_comment(name, v) for name, v in dictionary.comments.items() if name in columns and v in there)
    return Schema(
        features=(*features, *comments),
        sensitive=tuple(SensitiveAttribute(name=v.name, title=v.title, levels=v.levels) for v in there if v.sensitive),
        outcomes=outcomes_of(dictionary),
        weights=WEIGHTS,
    )


def _is_there(variable: Variable, columns: Collection[str], dictionary: Dictionary) -> bool:
    if not variable.derived_from:
        return variable.name in columns
    derived = {v.name: v for v in dictionary.variables if v.derived_from}
    return any(
        name in columns or (name in derived and _is_there(derived[name], columns, dictionary))
        for name in variable.derived_from
    )


def _cycle_feature(variable: Variable, cycles: Collection[Cycle]) -> Feature:
    return Feature(
        name=variable.name,
        kind=Kind.CATEGORICAL,
        title=variable.title,
        levels={cycle.letter: cycle.years for cycle in cycles},
        group=variable.group,
        source="SDDSRVYR",
    )


def _comment(name: str, variable: Variable) -> Feature:
    """Return the flag of a value below the detection limit."""
    return Feature(
        name=name,
        kind=Kind.BINARY,
        title=f"{variable.title}: below the detection limit",
        group="detection limit",
        source=name,
    )
