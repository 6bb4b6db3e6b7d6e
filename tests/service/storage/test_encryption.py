"""Claims about sealing."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import StorageError
from holdfast.service.storage.encryption import Cipher, Keyring
from holdfast.service.storage.sealed_json import canonical, open_json, seal_json

PLACE = {"place": "turn.text", "row": 7}
REFUSED = r"Sealed data \(.*\) must open with this installation's secret key, and did not"


@pytest.fixture
def cipher(keyring: Keyring) -> Cipher:
    return keyring.new_cipher("someone")[0]


@given(text=st.text(alphabet=st.characters(codec=None, categories=None)))
def test_any_text_comes_back_as_it_was_even_half_a_character_pair(text: str) -> None:
    cipher = Cipher("someone", bytes(32))
    assert cipher.open_text(cipher.seal(text, **PLACE), **PLACE) == text


@given(data=st.binary())
def test_any_bytes_come_back_as_they_were(data: bytes) -> None:
    cipher = Cipher("someone", bytes(32))
    assert cipher.open(cipher.seal(data, **PLACE), **PLACE) == data


def test_sealing_the_same_words_twice_looks_different(cipher: Cipher) -> None:
    assert cipher.seal("the same words", **PLACE) != cipher.seal("the same words", **PLACE)


def test_the_derivation_is_rfc_5869s_hkdf() -> None:
    # Recomputed from the RFC's definition: extract with the salt, then one block of expand.
    extracted = hmac.new(b"holdfast/1", b"the secret", hashlib.sha256).digest()
    expected = hmac.new(extracted, b"a purpose\x01", hashlib.sha256).digest()
    assert Keyring("the secret").derive("a purpose") == expected


def test_a_key_wrapped_for_one_owner_opens_for_nobody_else(keyring: Keyring) -> None:
    _, wrapped = keyring.new_cipher("one")
    with pytest.raises(StorageError, match=REFUSED):
        keyring.open_cipher("another", wrapped)


def test_a_key_wrapped_under_one_secret_does_not_open_under_another(keyring: Keyring) -> None:
    _, wrapped = keyring.new_cipher("one")
    with pytest.raises(StorageError, match=REFUSED):
        Keyring("another secret").open_cipher("one", wrapped)


def test_rewrapping_changes_the_wrapping_and_nothing_it_sealed(keyring: Keyring) -> None:
    cipher, wrapped = keyring.new_cipher("one")
    sealed, new = cipher.seal("words", **PLACE), Keyring("another secret")
    again = new.open_cipher("one", keyring.rewrap("one", wrapped, new))
    assert again.open_text(sealed, **PLACE) == "words"


@pytest.mark.parametrize("moved", [{"place": "turn.reply", "row": 7}, {"place": "turn.text", "row": 8}])
def test_sealed_bytes_moved_to_another_cell_do_not_open(cipher: Cipher, moved: dict[str, object]) -> None:
    sealed = cipher.seal("words", **PLACE)
    with pytest.raises(StorageError, match=REFUSED):
        cipher.open(sealed, **moved)


def test_sealed_bytes_of_someone_else_do_not_open_even_with_the_same_key() -> None:
    sealed = Cipher("one", bytes(32)).seal("words", **PLACE)
    with pytest.raises(StorageError, match=REFUSED):
        Cipher("another", bytes(32)).open(sealed, **PLACE)


@pytest.mark.parametrize("position", [0, 1, 12, 13, -1])
def test_one_changed_bit_anywhere_is_noticed(cipher: Cipher, position: int) -> None:
    sealed = bytearray(cipher.seal("words", **PLACE))
    sealed[position] ^= 1
    with pytest.raises(StorageError, match=REFUSED):
        cipher.open(bytes(sealed), **PLACE)


@pytest.mark.parametrize("damaged", [b"", b"\x01", b"\x01" + bytes(12), b"\x01" + bytes(20)])
def test_what_is_too_short_to_be_sealed_is_refused(cipher: Cipher, damaged: bytes) -> None:
    with pytest.raises(StorageError, match=REFUSED):
        cipher.open(damaged, **PLACE)


def test_keys_are_not_shown(keyring: Keyring) -> None:
    assert repr(keyring) == "Keyring()"
    assert repr(Cipher("someone", b"k" * 32)) == "Cipher(owner='someone')"


def test_canonical_json_is_one_text_for_one_value() -> None:
    assert canonical({"b": [1, None], "a": "ü"}) == '{"a":"ü","b":[1,null]}'.encode()


def test_canonical_json_has_no_word_for_not_a_number() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"value": float("nan")})


def test_sealed_bytes_that_are_not_json_are_refused(cipher: Cipher) -> None:
    sealed = cipher.seal("{broken", **PLACE)
    with pytest.raises(StorageError, match="must be JSON, and is not"):
        open_json(cipher, sealed, **PLACE)


def test_sealed_json_comes_back(cipher: Cipher) -> None:
    value = {"answers": {"1": 3, "2": None}, "text": "\U0001f9ed"}
    assert open_json(cipher, seal_json(cipher, value, **PLACE), **PLACE) == value
