"""The redactor as it is used: every finder, and the helplines' numbers left in place."""

from holdfast.optional import require
from holdfast.safety.crisis.helplines import Helplines, load_helplines
from holdfast.safety.privacy.births import BIRTHS
from holdfast.safety.privacy.gazetteer import load_gazetteer
from holdfast.safety.privacy.names import ModelNames, NameFinder
from holdfast.safety.privacy.online import ONLINE
from holdfast.safety.privacy.phones import PhoneFinder
from holdfast.safety.privacy.places import PLACES
from holdfast.safety.privacy.records import RECORDS
from holdfast.safety.privacy.redaction import Redactor
from holdfast.safety.privacy.span import Finder, NameModel

__all__ = ["EXTRA", "load_redactor", "require_privacy"]

EXTRA = "privacy"
"""The extra that brings what redaction needs."""

_NEEDED = ("presidio_analyzer", "spacy", "phonenumbers")


def require_privacy() -> None:
    """Return if redaction can be used here.

    Raises:
        MissingExtraError: The ``privacy`` extra is not installed; the message carries the pip line.
    """
    for module in _NEEDED:
        require(module, extra=EXTRA)


def load_redactor(*, helplines: Helplines | None = None, name_model: NameModel | None = None) -> Redactor:
    """Build the redactor. It takes seconds, and nothing is read from the network.

    Args:
        helplines: Whose numbers are left in place; the packaged ones where None.
        name_model: Finds names besides the gazetteer's, for those who have such a model.

    Raises:
        MissingExtraError: The ``privacy`` extra is not installed.
        ContentError: The names or the helplines are malformed.
    """
    require_privacy()
    from holdfast.safety.privacy.presidio_search import PresidioSearch

    plans = require("phonenumbers", extra=EXTRA)
    models: tuple[Finder, ...] = () if name_model is None else (ModelNames(name_model),)
    finders: tuple[Finder, ...] = (
        ONLINE,
        BIRTHS,
        PLACES,
        RECORDS,
        PhoneFinder(plans=plans),
        NameFinder(load_gazetteer()),
        PresidioSearch(),
        *models,
    )
    return Redactor(finders, (helplines or load_helplines()).numbers())
