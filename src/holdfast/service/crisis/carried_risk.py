"""A crisis as the person's own browser carries it: for when the database cannot say, or cannot take it.

The cookie is sealed, so that whoever looks at the device learns nothing from it, and altering it yields nothing. While
the database works, its word counts and the cookie only mirrors it. What the database could not take is marked as not
kept, and is kept by the first page that finds the database back.
"""

import base64
import binascii
import json
from dataclasses import dataclass, replace

from holdfast.errors import StorageError
from holdfast.safety.crisis.state import CrisisState
from holdfast.service.storage.encryption import Cipher, Keyring

__all__ = ["COOKIE", "CarriedRisk", "RiskCarrier"]

COOKIE = "holdfast_carried"
"""Name of the cookie: it says nothing of what it holds. HttpOnly, SameSite=Lax, Secure as the settings say."""

_OWNER, _PLACE, _ROW = "risk carried by browsers", "cookie.risk", 1
_MOST_TOLD = 12


@dataclass(frozen=True, kw_only=True)
class CarriedRisk:
    """An active state, whether the database holds it too, and the country whose numbers are shown."""

    state: CrisisState
    is_kept: bool
    region: str | None = None


class RiskCarrier:
    """Seals and opens the cookie's value with a key that follows from the secret key."""

    def __init__(self, keyring: Keyring) -> None:
        self._cipher = Cipher(_OWNER, keyring.derive(_OWNER))

    def seal(self, risk: CarriedRisk) -> str:
        """Return the cookie's value. Of the texts already told only the last few go along: a cookie is small."""
        told = replace(risk.state, told=risk.state.told[-_MOST_TOLD:])
        value = json.dumps(
            {"state": told.to_dict(), "kept": risk.is_kept, "region": risk.region}, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(self._cipher.seal(value, place=_PLACE, row=_ROW)).decode("ascii")

    def open(self, value: str) -> CarriedRisk:
        """Return what ``seal`` made.

        Raises:
            StorageError: It was altered, or sealed under another secret key.
        """
        try:
            sealed = base64.b64decode(value.encode("ascii"), altchars=b"-_", validate=True)
            read = json.loads(self._cipher.open(sealed, place=_PLACE, row=_ROW))
            state = CrisisState.from_dict(read["state"])
            return CarriedRisk(state=state, is_kept=read["kept"] is True, region=read["region"])
        except (binascii.Error, UnicodeError, KeyError, TypeError, ValueError):
            raise StorageError(
                "Carried risk must be as this service sealed it, and is not; it is left aside."
            ) from None
