"""Independent components by FastICA (Hyvärinen & Oja 2000, Neural Networks 13:411-430)."""

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.representations.layered import LayeredRepresentation
from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.linear import check_dimensions, linear_map
from holdfast.metric.representations.representation import Rows
from holdfast.metric.representations.setting_check import check_count, check_number

__all__ = ["Ica"]


@dataclass(kw_only=True, eq=False)
class Ica(LayeredRepresentation):
    """Directions that are as independent of each other as can be, each of unit variance, in no order of importance.

    Sources that are Gaussian cannot be told apart, so on real rows the search often ends at ``max_iterations``; what
    it came to is then used.

    Args:
        dimensions: How many, 1 to the number of directions in which the rows vary.
        max_iterations: Most steps of the search.
        tolerance: How little the directions may still turn for the search to end, above 0.
    """

    name: ClassVar[str] = "ica"
    min_rows: ClassVar[int] = 2

    dimensions: int = 32
    max_iterations: int = 500
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("dimensions", self.dimensions)
        check_count("max_iterations", self.max_iterations)
        check_number("tolerance", self.tolerance, is_open=True)

    def _learn(self, rows: Rows) -> dict[str, Layers]:
        from sklearn.decomposition import FastICA  # type: ignore[import-untyped]  # it ships no types
        from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]

        check_dimensions(self.name, self.dimensions, rows)
        values = rows.astype(np.float64)
        self._check_rank(values)
        search = FastICA(
            n_components=self.dimensions,
            whiten="unit-variance",
            max_iter=self.max_iterations,
            tol=self.tolerance,
            random_state=self.seed % 2**32,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # said above
            search.fit(values)
        return {"encoder": linear_map(search.components_, search.mean_)}

    def _check_rank(self, values: NDArray[np.float64]) -> None:
        """Refuse directions without variance, which whitening would blow up."""
        rank = int(np.linalg.matrix_rank(np.cov(values, rowvar=False).reshape(values.shape[1], -1), hermitian=True))
        if self.dimensions > rank:
            raise MetricError(
                f"ica dimensions must be at most the {rank} directions in which the rows vary, got "
                f"`{self.dimensions}`; ask for fewer, or leave out inputs that follow from others."
            )
