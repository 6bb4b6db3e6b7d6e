"""Keep words private: hide what points to a person before a text goes where it was not written for.

``load_redactor`` needs the ``privacy`` extra; importing this package does not.
"""

from holdfast.safety.privacy.default import load_redactor, require_privacy
from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.redaction import Redaction, Redactor
from holdfast.safety.privacy.span import NameModel, Span
from holdfast.safety.privacy.vault import Vault

__all__ = ["Kind", "NameModel", "Redaction", "Redactor", "Span", "Vault", "load_redactor", "require_privacy"]
