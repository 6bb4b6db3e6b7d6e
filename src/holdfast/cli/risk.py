"""``holdfast risk``: how one visit foretells what comes later; fit, score, evaluate, report and run again."""

import click

from holdfast.cli.lazy_group import LazyGroup, Verbs

__all__ = ["RISK_VERBS", "risk"]

RISK_VERBS: Verbs = {
    "compare": ("holdfast.cli.risk_compare:compare", "Compare representations by a condition told from them."),
    "evaluate": ("holdfast.cli.risk_evaluate:evaluate", "Learn from one table, judge every method on another."),
    "fit": ("holdfast.cli.risk_fit:fit", "Fit a risk to a cohort."),
    "report": ("holdfast.cli.risk_report:report", "Judge a fitted risk, as one page to read."),
    "rerun": ("holdfast.cli.risk_rerun:rerun", "Make a run again, and compare every figure."),
    "score": ("holdfast.cli.risk_score:score", "Estimate the risk of people, from one visit each."),
}

_NEEDED = ("polars", "pyarrow", "numpy", "scipy", "sklearn", "torch", "safetensors", "xgboost", "tqdm")


@click.group(cls=LazyGroup, verbs=RISK_VERBS, needs=(_NEEDED, "risk"))
def risk() -> None:
    """Estimate how one visit's measurements foretell what comes later.

    For research, not for care: an estimate is of a model, and diagnoses nobody. A higher risk is always worse. Needs
    the risk extra: pip install 'holdfast[risk]'.
    """
