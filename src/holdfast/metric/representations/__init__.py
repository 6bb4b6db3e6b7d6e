"""Representations to compare, behind one protocol: raw, PCA, ICA, autoencoders, SCARF, triplet and NPLB."""

__all__: list[str] = []
