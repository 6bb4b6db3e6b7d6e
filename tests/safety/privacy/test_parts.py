"""Claims about the package itself: light until used, clear about what is missing, silent on the network and in logs."""

import subprocess
import sys

import pytest

from holdfast.errors import MissingExtraError
from holdfast.safety.privacy import load_redactor, require_privacy

NO_NETWORK = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)

def hook(event, args):
    if event.startswith("socket.") and event not in {"socket.__new__", "socket.gethostname"}:
        raise RuntimeError(f"reached for the network: {event}")

sys.addaudithook(hook)
from holdfast.safety.privacy import Vault, load_redactor
redactor = load_redactor()
text = "I'm Xylophonius Quartz, xylophonius@example.org, xylophonius.example.com, ssn 536-90-4399, 07700 900123"
print(redactor.redact(text, Vault()))
"""


def test_importing_it_brings_none_of_what_it_needs() -> None:
    code = (
        "import sys, holdfast.safety.privacy, holdfast.service.privacy.reaching; "
        "print(sorted({'presidio_analyzer', 'spacy', 'phonenumbers', 'numpy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("missing", ["presidio_analyzer", "spacy", "phonenumbers"])
def test_without_the_extra_it_says_which_pip_line_brings_it(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    pytest.importorskip("presidio_analyzer", reason="the privacy extra is not installed")
    monkeypatch.setitem(sys.modules, missing, None)
    for ask in (require_privacy, load_redactor):
        with pytest.raises(MissingExtraError, match=r"pip install .*holdfast\[privacy\]"):
            ask()


def test_loading_and_redacting_reach_for_no_network_and_log_no_words() -> None:
    pytest.importorskip("presidio_analyzer", reason="the privacy extra is not installed")
    done = subprocess.run([sys.executable, "-c", NO_NETWORK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "I'm [PERSON_1], [EMAIL_1], [URL_1], ssn [ID_1], [PHONE_1]"
    assert "Xylophonius" not in done.stderr
    assert "xylophonius" not in done.stderr
