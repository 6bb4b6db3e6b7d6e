"""Principal components (Pearson 1901; Hotelling 1933)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from holdfast.metric.representations.layered import LayeredRepresentation
from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.linear import check_dimensions, linear_map
from holdfast.metric.representations.representation import Rows
from holdfast.metric.representations.setting_check import check_count

__all__ = ["Pca"]


@dataclass(kw_only=True, eq=False)
class Pca(LayeredRepresentation):
    """The directions of the largest variance, largest first, from the eigenvectors of the covariance; not whitened.

    Nothing is drawn: the seed changes nothing.

    Args:
        dimensions: How many, 1 to the number of inputs and below the number of rows.
    """

    name: ClassVar[str] = "pca"
    min_rows: ClassVar[int] = 2

    dimensions: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("dimensions", self.dimensions)

    def _learn(self, rows: Rows) -> dict[str, Layers]:
        from sklearn.decomposition import PCA  # type: ignore[import-untyped]  # it ships no types

        check_dimensions(self.name, self.dimensions, rows)
        found = PCA(n_components=self.dimensions, svd_solver="covariance_eigh").fit(rows.astype(np.float64))
        return {"encoder": linear_map(found.components_, found.mean_)}
