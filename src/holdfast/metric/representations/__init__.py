"""Representations to compare, behind one protocol: raw, PCA, ICA, autoencoders, SCARF, triplet and NPLB.

::

    representation.py  the protocol: fit, transform, save
    registry.py        made by name, loaded from a folder
    raw.py pca.py ica.py dae.py vae.py scarf.py triplet.py   one each
    by_sex.py          one representation a stratum
    training.py        the loop that the networks share
    layers.py card.py  how what was learnt is applied and kept

The names below are imported when they are first used; ``registry`` brings torch only for one that needs it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.metric.representations.representation import Classes, Representation, Rows

__all__ = ["Classes", "Representation", "Rows"]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for.

    Raises:
        AttributeError: There is no such name.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from holdfast.metric.representations import representation

    return vars(representation)[name]
