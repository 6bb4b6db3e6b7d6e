"""One question of an instrument, its answers, and when it is not asked."""

from holdfast.content import ContentModel

__all__ = ["Item", "Option", "Skip"]


class Option(ContentModel):
    """One answer: ``value`` is what scoring counts, ``label`` the published wording."""

    value: int
    label: str


class Item(ContentModel):
    """One question in its published wording.

    ``lead`` is read before it; ``has_stem`` says whether the instrument's stem belongs to it. ``options`` are its own
    answers, or None where the instrument's shared ones apply. An item that is not scored opens or closes others.
    A reversed item counts ``lowest + highest - value``.
    """

    id: str
    text: str
    lead: str | None = None
    options: tuple[Option, ...] | None = None
    has_stem: bool = True
    is_scored: bool = True
    is_reversed: bool = False


class Skip(ContentModel):
    """Items not asked once every item in ``when`` was answered with one of its values.

    Items not asked are neither missing nor counted. ``answers_count`` says whether an answer given to them all the
    same still counts: the source decides.
    """

    when: dict[str, tuple[int, ...]]
    items: tuple[str, ...]
    answers_count: bool
    explanation: str
