"""One visit -> health risk: a reference, a distance to it, and how well that foretells what comes.

A higher risk is always worse. Everything here takes any array of embeddings; nothing imports an encoder or a cohort.
"""

__all__: list[str] = []
