"""Downstream tasks: how well conditions can be told from embeddings, representation by representation.

::

    task.py         who has a label, and which: prevalent or incident
    classifiers.py  the classifiers and their settings, fixed
    splits.py       repeated stratified splits
    comparison.py   what is compared, and one split of it
    protocol.py     every split in turn, kept as it is done
    split_store.py  finished splits on disk
    ranking.py      AUROC and average precision under one bootstrap of people
    result.py       what came of it
"""

__all__: list[str] = []
