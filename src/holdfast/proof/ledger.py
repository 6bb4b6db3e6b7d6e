"""The ledgers of people: who signed, took part, reviewed and studied. They ship empty, and only people fill them."""

from dataclasses import dataclass
from pathlib import Path

from holdfast.content import ContentModel, load_yaml
from holdfast.proof.people import HumanReview, Participation, SignOff, Study

__all__ = ["LEDGER", "Ledger", "load_ledger"]

LEDGER = Path(__file__).with_name("ledger")


class _SignOffs(ContentModel):
    id: str
    entries: tuple[SignOff, ...]


class _Participations(ContentModel):
    id: str
    entries: tuple[Participation, ...]


class _Reviews(ContentModel):
    id: str
    entries: tuple[HumanReview, ...]


class _Studies(ContentModel):
    id: str
    entries: tuple[Study, ...]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Every entry of every ledger."""

    sign_offs: tuple[SignOff, ...]
    participation: tuple[Participation, ...]
    reviews: tuple[HumanReview, ...]
    studies: tuple[Study, ...]


def load_ledger(folder: Path = LEDGER) -> Ledger:
    """Read the four ledgers in ``folder``.

    Raises:
        ContentError: A ledger is missing or malformed. A missing ledger is not an empty one.
    """
    return Ledger(
        sign_offs=load_yaml(folder / "sign-offs.yaml", _SignOffs).value.entries,
        participation=load_yaml(folder / "participation.yaml", _Participations).value.entries,
        reviews=load_yaml(folder / "reviews.yaml", _Reviews).value.entries,
        studies=load_yaml(folder / "studies.yaml", _Studies).value.entries,
    )
