"""One encoder of visits: a straight path and a bent one, trained with NPLB over all triplets, read without torch.

The embedding of inputs x is ``z = A x + W3 s(W2 s(W1 x + b1) + b2) + b3`` with ``s(u) = u / (1 + exp(-u))``. What
is linear in the inputs passes by the straight path; the bent one, held back by dropout, adds what is not.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.study.error import StudyError
from holdfast.study.risk_model.encoder_ensemble import EncoderEnsemble

__all__ = ["EncoderSettings", "VisitEncoder"]

Inputs = NDArray[np.float32]

_NAMES = ("skip_weight", "weight_1", "bias_1", "weight_2", "bias_2", "weight_3", "bias_3")


@dataclass(frozen=True, kw_only=True)
class EncoderSettings:
    """How an encoder is built and trained.

    Attributes:
        dimensions: Of the embedding.
        width: Of both hidden layers.
        dropout: Share of hidden units left out in a step.
        noise: Standard deviation of the normal noise added to every input in training, in its own standard deviations:
            what keeps a network from learning a few thousand people by heart.
        steps: Of training.
        batch: People in a step, as many of each grade.
        learning_rate: The highest, of a schedule that rises and falls (Smith and Topin 2018).
        weight_decay: Of AdamW.
        margin, weight: Of NPLB; see ``holdfast.metric.losses.NPLBLoss``. A weight of 0 is the plain triplet loss.
        carry: Spread of the dimensions that are carried over from what teachers foretell, in spreads of a learnt one; 0
            carries none.
    """

    dimensions: int = 16
    width: int = 64
    dropout: float = 0.3
    noise: float = 0.7
    steps: int = 200
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    margin: float = 1.0
    weight: float = 0.1
    carry: float = 3.0

    def __post_init__(self) -> None:
        has_sizes = min(self.dimensions, self.width, self.steps, self.batch - 3) >= 1
        has_shares = 0 <= self.dropout < 1 and self.noise >= 0 and self.carry >= 0
        if not (has_sizes and has_shares and self.learning_rate > 0 and self.margin > 0):
            raise StudyError(
                "Encoder must have sizes of 1 or more, a batch of 4 or more, a dropout of 0 to below 1, and a margin",
                repr(self),
                "leave it at its defaults",
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class VisitEncoder:
    """A trained encoder.

    Attributes:
        arrays: Its weights, float32, under the names of the formula above.
    """

    arrays: Mapping[str, NDArray[np.float32]]

    @property
    def dimensions(self) -> int:
        """Of the embedding."""
        return int(self.arrays["bias_3"].shape[0])

    def embed(self, inputs: Inputs) -> NDArray[np.float32]:
        """Embed people: (people, dimensions). Nobody's embedding depends on the people beside them.

        Raises:
            StudyError: Inputs are of another number than in training.
        """
        asked = self.arrays["skip_weight"].shape[1]
        if inputs.ndim != 2 or inputs.shape[1] != asked:
            raise StudyError(f"Inputs must have {asked} columns", f"shape {inputs.shape}", "encode as in training")
        ensemble = EncoderEnsemble.of([self.arrays])

        def write(rows: slice, out: NDArray[np.float32]) -> None:
            out[:] = inputs[rows].T

        return ensemble.embed(len(inputs), write)[0]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the encoder that has these weights.

        Raises:
            StudyError: One is missing, or has another shape than the others ask for.
        """
        missing = [name for name in _NAMES if name not in arrays]
        if missing:
            raise StudyError("Encoder must have all of its weights", f"no {missing[0]}", "fit again")
        dimensions, inputs = (*arrays["skip_weight"].shape, 0, 0)[:2]
        widths = [inputs, *(len(arrays[name].reshape(-1)) for name in ("bias_1", "bias_2")), dimensions]
        asked: dict[str, tuple[int, ...]] = {"skip_weight": (dimensions, inputs)}
        for layer, (into, out) in enumerate(itertools.pairwise(widths), start=1):
            asked |= {f"weight_{layer}": (out, into), f"bias_{layer}": (out,)}
        odd = [name for name in _NAMES if arrays[name].shape != asked[name]]
        if odd:
            raise StudyError(
                f"Weight {odd[0]} of an encoder must be {asked[odd[0]]}", f"{arrays[odd[0]].shape}", "fit again"
            )
        return cls(arrays={name: np.ascontiguousarray(arrays[name], dtype=np.float32) for name in _NAMES})
