"""How much better a representation tells the people it was learnt from than others: what it learnt by heart."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from holdfast.measured import Scored, measurement_to_dict
from holdfast.metric.representations.registry import make_representation
from holdfast.study.tasks.classifiers import fit_and_score
from holdfast.study.tasks.comparison import Contender, Inputs
from holdfast.study.tasks.ranking import SplitScores, ranking_draws
from holdfast.study.tasks.splits import Split

__all__ = ["learnt_by_heart"]


def learnt_by_heart(inputs: Inputs, contenders: Sequence[Contender], split: Split) -> list[dict[str, Any]]:
    """Return each contender's AUROC by logistic regression on the people learnt from and on the others of one split.

    The two have no intervals: they are of one split, to tell why a representation is behind, not by how much.
    """
    has = inputs.task.has
    train, everybody = inputs.prepare(inputs.task.rows[split.train])
    test = everybody[inputs.task.rows[split.test]]
    rows = []
    for contender in contenders:
        dimensions = min(contender.dimensions, train.shape[1])
        made = make_representation(contender.representation, dimensions=dimensions, seed=split.seed, threads=1)
        learnt = made.fit(train, inputs.training_classes(split))
        seen, unseen = learnt.transform(train), learnt.transform(test)
        said = [
            fit_and_score("logistic", seen, has[split.train], some, seed=split.seed).values for some in (seen, unseen)
        ]
        aurocs = [_auroc(scores, has[people]) for scores, people in zip(said, (split.train, split.test), strict=True)]
        rows.append({"representation": contender.name, "learnt_from": aurocs[0], "others": aurocs[1]})
    return rows


def _auroc(scores: Any, has: Any) -> dict[str, Any]:
    whole = SplitScores(test=np.arange(len(has)), scores={"one": scores})
    figure = ranking_draws([whole], has, seed=0, resamples=1)[0].figure("one")
    return measurement_to_dict(Scored(value=figure.value, n=figure.n) if isinstance(figure, Scored) else figure)
