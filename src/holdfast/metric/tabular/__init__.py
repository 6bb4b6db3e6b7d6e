"""Turn tables of numbers and categories into what a network reads, with numpy alone."""

from holdfast.metric.tabular.columns import CategoricalColumn, Column, EmptyColumn, NumericColumn
from holdfast.metric.tabular.encoding import MAX_CATEGORIES, TabularEncoding, TabularEncodingBuilder

__all__ = [
    "MAX_CATEGORIES",
    "CategoricalColumn",
    "Column",
    "EmptyColumn",
    "NumericColumn",
    "TabularEncoding",
    "TabularEncodingBuilder",
]
