"""Whether the kinds of risk that the policies say are detected are ones that the crisis protocol has words for."""

from holdfast.errors import ContentError
from holdfast.safety.crisis.protocol import CrisisProtocol
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies

__all__ = ["check_coverage"]


def check_coverage(policies: JurisdictionPolicies, protocol: CrisisProtocol) -> None:
    """Refuse policies that promise more than the protocol covers, laws that are not in force yet included.

    Raises:
        ContentError: Some duty names a kind of risk that the protocol has no words for.
    """
    promised = {category for duties in (policies.default, *policies.rows) for category in duties.detects}
    missing = sorted(category.value for category in promised - protocol.covers)
    if missing:
        raise ContentError(
            f"{policies.id} must name kinds of risk that {protocol.id} covers, and names {', '.join(missing)} besides; "
            "add texts to the protocol or take them out."
        )
