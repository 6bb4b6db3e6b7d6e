"""Claims about the vault: the same words the same placeholder, the way back, and no way out of memory."""

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import PrivacyError
from holdfast.safety.privacy import Kind, Redaction, Redactor, Vault

SECRET = "Xylophonius Quartz"


def held() -> Vault:
    vault = Vault()
    vault.hide(SECRET, Kind.PERSON)
    return vault


def test_the_same_words_get_the_same_placeholder_whatever_their_capitals_and_spaces() -> None:
    vault = held()
    assert vault.hide("xylophonius   QUARTZ", Kind.PERSON) == "[PERSON_1]"
    assert vault.hide("Somebody Else", Kind.PERSON) == "[PERSON_2]"
    assert vault.hide(SECRET, Kind.HANDLE) == "[HANDLE_1]"
    assert vault.restore("[PERSON_1] and [PERSON_2]") == f"{SECRET} and Somebody Else"


def test_what_was_never_hidden_is_never_put_back() -> None:
    vault = held()
    assert vault.restore("[PERSON_2] [PERSON_01] [EMAIL_1] PERSON_1") == "[PERSON_2] [PERSON_01] [EMAIL_1] PERSON_1"
    vault.clear()
    assert (len(vault), vault.restore("[PERSON_1]")) == (0, "[PERSON_1]")


def test_what_is_put_back_is_not_read_for_placeholders_again() -> None:
    vault = Vault()
    first = vault.hide("[PERSON_2]", Kind.PERSON)
    vault.hide(SECRET, Kind.PERSON)
    assert vault.restore(first) == "[PERSON_2]"


@pytest.mark.parametrize(
    "taking_out",
    [pickle.dumps, copy.copy, copy.deepcopy, lambda v: pickle.dumps([v]), lambda v: v.__getstate__()],
)
def test_a_vault_is_neither_pickled_nor_copied(taking_out: Callable[[Any], Any]) -> None:
    with pytest.raises(PrivacyError, match="vault must stay in memory") as refused:
        taking_out(held())
    assert "Xylophonius" not in str(refused.value)


def test_nor_is_a_session_that_holds_one() -> None:
    session = Redaction(Redactor(()), held())
    with pytest.raises(PrivacyError, match="vault must stay in memory"):
        pickle.dumps(session)
    with pytest.raises(PrivacyError, match="vault must stay in memory"):
        dataclasses.asdict(session)
    assert "Xylophonius" not in f"{session!r} {session}"


def test_a_vault_shows_how_much_it_holds_and_nothing_else() -> None:
    vault = held()
    for shown in (repr(vault), str(vault), f"{vault}", f"{[vault]}", "%s" % vault):  # noqa: UP031 - one more way out
        assert "Xylophonius" not in shown
        assert "Vault of 1" in shown
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(vault)
    with pytest.raises(TypeError):
        vars(vault)
    with pytest.raises(TypeError, match="not iterable"):
        list(vault)  # type: ignore[call-overload]


@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(Kind)), max_size=20))
def test_whatever_was_hidden_comes_back_as_first_written(items: list[tuple[str, Kind]]) -> None:
    vault = Vault()
    for words, kind in items:
        placeholder = vault.hide(words, kind)
        back = vault.restore(placeholder)
        assert " ".join(back.casefold().split()) == " ".join(words.casefold().split())
