"""Count the active triplets each distance is in, from the order of negatives and thresholds in its row."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from holdfast.metric.losses.distance_rows import DistanceRows

__all__ = ["PAIRS_WORTH_A_THREAD", "signed_counts"]

Array = np.ndarray[Any, Any]

PAIRS_WORTH_A_THREAD = 2**14
"""Fewer distances than this are sorted sooner than a thread starts."""


def signed_counts(pairs: DistanceRows, own: Tensor | None, *, margin: float, exact: bool) -> Tensor:
    """Count, for each distance, the active triplets it is in: positives above zero, negatives below.

    Args:
        pairs: Distances from anchors to references.
        own: Column of each anchor itself, which is neither its positive nor its negative.
        margin: Of the hinge.
        exact: Whether to order in the distances' own precision rather than float32.
    """
    if pairs.distances.device.type == "cpu" and not exact:
        return _counts_by_packed_sort(pairs, own, margin)
    return _counts_by_search(pairs, own, margin, exact=exact)


def _counts_by_search(pairs: DistanceRows, own: Tensor | None, margin: float, *, exact: bool) -> Tensor:
    """Sort negatives and thresholds apart, and look each up among the other: any device, any precision."""
    distances = pairs.distances if exact else pairs.distances.float()
    negatives = distances.masked_fill(~pairs.is_other, math.inf)
    thresholds = (distances + margin).masked_fill_(pairs.is_other, -math.inf)
    if own is not None:
        thresholds.scatter_(1, own[:, None], -math.inf)
    fronts = torch.searchsorted(negatives.sort(1).values, thresholds, out_int32=True)
    behinds = torch.searchsorted(thresholds.sort(1).values, negatives, right=True, out_int32=True)
    return fronts + behinds - negatives.shape[1]


def _counts_by_packed_sort(pairs: DistanceRows, own: Tensor | None, margin: float) -> Tensor:
    """Sort negatives and thresholds together as 64-bit keys of (value, is negative, column): one sort tells all.

    Non-negative float32 order as their bits do. At equal values thresholds come first: a hinge of zero is not active.
    """
    values = pairs.distances.float()
    values.add_(~pairs.is_other, alpha=margin)
    if own is not None:
        values.scatter_(1, own[:, None], 0.0)  # in front of everything, so active with nothing
    counts = torch.empty(values.shape, dtype=torch.int32)
    columns = torch.empty(values.shape, dtype=torch.int64)
    sorting = (values.numpy(), pairs.is_other.numpy(), columns.numpy(), counts.numpy())
    shares = _row_shares(values)
    if len(shares) == 1:
        _pack_and_count(*sorting)
    else:
        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(lambda share: _pack_and_count(*(part[share] for part in sorting)), shares))
    return torch.empty_like(counts).scatter_(1, columns, counts)


def _row_shares(values: Tensor) -> list[slice]:
    rows = len(values)
    workers = max(1, min(torch.get_num_threads(), rows, values.numel() // PAIRS_WORTH_A_THREAD))
    edges = [rows * worker // workers for worker in range(workers + 1)]
    return [slice(low, high) for low, high in itertools.pairwise(edges)]


def _pack_and_count(values: Array, is_other: Array, columns: Array, counts: Array) -> None:
    """Write, in each row's order of values, the columns and their signed counts."""
    width = values.shape[1]
    keys = columns.view(np.uint64)
    np.left_shift(values.view(np.uint32), np.uint64(32), out=keys, dtype=np.uint64)
    keys |= np.where(is_other, np.uint32(1 << 31), np.uint32(0)) | np.arange(width, dtype=np.uint32)
    keys.sort(axis=1)
    keys &= np.uint64(0xFFFFFFFF)
    is_negative = keys >= np.uint64(1 << 31)
    np.cumsum(is_negative, axis=1, out=counts)  # negatives up to here: for a threshold, those in front of it
    behind = np.arange(1, width + 1, dtype=np.int32) - counts  # thresholds up to here,
    behind -= width - counts[:, -1:]  # less all of them: minus the thresholds still to come
    np.copyto(counts, behind, where=is_negative)
    keys &= np.uint64(0x7FFFFFFF)
