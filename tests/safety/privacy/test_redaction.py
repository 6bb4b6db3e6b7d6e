"""Claims about redaction: what is hidden, what is left, and that a failure lets nothing through."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import PrivacyError
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.privacy import Kind, Redactor, Span, Vault
from holdfast.safety.privacy.redaction import LONGEST
from holdfast.safety.privacy.span import settle


def hidden(redactor: Redactor, text: str) -> str:
    return redactor.redact(text, Vault())


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("My name is Sarah and Sarah is tired.", "My name is [PERSON_1] and [PERSON_1] is tired."),
        ("I told Tom. Then Ann told Tom.", "I told [PERSON_1]. Then [PERSON_2] told [PERSON_1]."),
        ("Anna's mother rang.", "[PERSON_1]'s mother rang."),
        ("I saw Dr Patel, not Mr Patel.", "I saw Dr [PERSON_1], not Mr [PERSON_1]."),
        ("mail a.b@example.org or A.B@example.org", "mail [EMAIL_1] or [EMAIL_1]"),
        ("我叫李明，今年二十岁", "我叫[PERSON_1]，今年二十岁"),
        ("меня зовут Наташа", "меня зовут [PERSON_1]"),
        ("मेरा नाम प्रिया है", "मेरा नाम [PERSON_1] है"),
        ("اسمي أحمد", "اسمي [PERSON_1]"),
    ],
)
def test_the_same_person_is_the_same_placeholder_within_a_session(redactor: Redactor, text: str, redacted: str) -> None:
    assert hidden(redactor, text) == redacted


def test_what_a_session_hid_it_puts_back(redactor: Redactor) -> None:
    session = redactor.session()
    text = "I'm Elena, born 02/02/1992, at 3 Mill Lane; call 07700 900123 or mail elena@example.org."
    shown = session.redact(text)
    assert not {"Elena", "1992", "Mill", "900123", "example"} & set(shown.replace(".", " ").replace(",", " ").split())
    assert session.restore(shown) == text
    assert redactor.session().restore(shown) == shown


def test_what_looks_like_a_placeholder_is_hidden_too_so_that_nobody_speaks_for_the_vault(redactor: Redactor) -> None:
    session = redactor.session()
    shown = session.redact("I'm Elena and I type [PERSON_1] myself.")
    assert shown == "I'm [PERSON_1] and I type [TEXT_1] myself."
    assert session.restore(shown) == "I'm Elena and I type [PERSON_1] myself."


@pytest.mark.parametrize(
    "written",
    [
        "call me on 07700\u00a0900123",
        "call me on 07700\u200b 900\u200b123",
        "call me on ０７７００ ９００１２３",
        "call me on 07700\u2011900123",
        "call me on ٠٧٧٠٠ ٩٠٠١٢٣",
        "mail elena\u200b@example.org",
        "mail elena＠example．org",
        "my name is Ele\u00adna",
    ],
)
def test_odd_spaces_figures_and_invisible_characters_hide_nothing(redactor: Redactor, written: str) -> None:
    shown = hidden(redactor, written)
    assert shown.endswith(("[PHONE_1]", "[EMAIL_1]", "[PERSON_1]"))


def test_helplines_stay_in_words_shown_and_written(redactor: Redactor) -> None:
    lines = load_helplines()
    for line in (line for of_region in lines.lines.values() for line in of_region):
        text = f"You can {line.contact} at any time."
        for phone in line.phones:
            assert phone in hidden(redactor, text), (line.region, line.name)
    for number in {n.number for of_region in lines.emergencies.values() for n in of_region}:
        assert hidden(redactor, f"Please call {number} now.") == f"Please call {number} now."


def test_a_private_number_beside_a_helpline_is_hidden(redactor: Redactor) -> None:
    shown = hidden(redactor, "Call 116 123, or my mother on 07700 900456.")
    assert shown == "Call 116 123, or my mother on [PHONE_1]."


class Broken:
    """A finder that breaks, quoting what it was given."""

    def __call__(self, text: str) -> Iterator[Span]:
        raise RuntimeError(text)


class Beyond:
    """A finder whose span lies outside the text."""

    def __call__(self, text: str) -> Iterator[Span]:
        yield Span(start=0, end=len(text) + 1, kind=Kind.PERSON, rule="beyond")


@pytest.mark.parametrize("finder", [Broken(), Beyond()])
def test_a_finder_that_fails_lets_nothing_through_and_quotes_nothing(finder: Broken | Beyond) -> None:
    with pytest.raises(PrivacyError, match=r"must be searched .* nothing was passed on") as refused:
        Redactor((finder,)).redact("a secret about Xylophonius", Vault())
    assert "Xylophonius" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_text_too_long_to_search_is_refused(redactor: Redactor) -> None:
    with pytest.raises(PrivacyError, match=f"at most {LONGEST} characters, got {LONGEST + 1}"):
        redactor.find("a" * (LONGEST + 1))


def test_an_injected_model_adds_names_and_takes_none_away() -> None:
    from holdfast.safety.privacy.gazetteer import load_gazetteer
    from holdfast.safety.privacy.names import ModelNames, NameFinder

    class Model:
        def names(self, text: str) -> list[tuple[int, int]]:
            return [(text.index("Blorbo"), text.index("Blorbo") + 6)]

    redactor = Redactor((NameFinder(load_gazetteer()), ModelNames(Model())))
    assert hidden(redactor, "Then Blorbo hugged Sarah.") == "Then [PERSON_1] hugged [PERSON_2]."


def test_where_finds_overlap_all_of_them_is_hidden_once() -> None:
    spans = [
        Span(start=0, end=5, kind=Kind.PERSON, rule="a"),
        Span(start=3, end=9, kind=Kind.PHONE, rule="b", is_sure=True),
        Span(start=9, end=11, kind=Kind.URL, rule="c"),
    ]
    assert [(s.start, s.end, s.kind) for s in settle(spans)] == [(0, 9, Kind.PHONE), (9, 11, Kind.URL)]
    assert settle([]) == ()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.sampled_from(Kind), st.booleans()), max_size=12))
def test_settled_spans_cover_just_what_was_found_and_never_overlap(items: list[tuple[int, int, Kind, bool]]) -> None:
    spans = [Span(start=a, end=a + n, kind=kind, rule="x", is_sure=sure) for a, n, kind, sure in items]
    settled = settle(spans)
    assert {p for s in settled for p in range(s.start, s.end)} == {p for s in spans for p in range(s.start, s.end)}
    assert all(one.end <= other.start for one, other in pairwise(settled))


@given(text=st.text(max_size=80))
def test_any_text_is_put_back_as_it_was_up_to_capitals_and_spaces(redactor: Redactor, text: str) -> None:
    session = redactor.session()
    back = session.restore(session.redact(text))
    assert " ".join(back.casefold().split()) == " ".join(text.casefold().split())
