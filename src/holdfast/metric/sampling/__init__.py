"""Which triplets and batches a network sees: random, class-balanced, semi-hard or hard, always seeded."""

from holdfast.metric.sampling.drawing import (
    ClassBalancedBatches,
    ShuffledBatches,
    hard_triplets,
    random_triplets,
    semi_hard_triplets,
)

__all__ = ["ClassBalancedBatches", "ShuffledBatches", "hard_triplets", "random_triplets", "semi_hard_triplets"]
