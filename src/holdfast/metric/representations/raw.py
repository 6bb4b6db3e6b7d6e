"""The rows as they are: what every other representation has to beat."""

from dataclasses import dataclass
from typing import ClassVar

from holdfast.metric.representations.layered import LayeredRepresentation
from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.representation import Rows

__all__ = ["Raw"]


@dataclass(kw_only=True, eq=False)
class Raw(LayeredRepresentation):
    """Every input, unchanged: as many dimensions as inputs."""

    name: ClassVar[str] = "raw"

    def _learn(self, rows: Rows) -> dict[str, Layers]:
        return {"encoder": Layers(n_inputs=rows.shape[1], layers=())}
