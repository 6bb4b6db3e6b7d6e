"""Claims about saying, in a person's language, what this cannot do in it: when, in which words, and for whom not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scripted_parts import ScriptedDetector

from holdfast.care.conversation.language_guess import UNKNOWN, LanguageGuess
from holdfast.care.conversation.language_limits import LanguageLimits
from holdfast.care.conversation.languages import LearntLanguage, Recall, load_languages
from holdfast.care.conversation.pipeline import Conversation
from holdfast.care.conversation.reply import LanguageNote, Route
from holdfast.care.conversation.state import ConversationState
from holdfast.content import load_yaml
from holdfast.errors import ContentError
from holdfast.safety.detection.phrasebook import PhraseFile
from holdfast.safety.jurisdiction.age import Age
from holdfast.safety.jurisdiction.policy import load_policies
from holdfast.safety.review.language import load_lexicon
from holdfast.safety.utterances import Language
from holdfast.turn import Role, Turn

NOW = datetime(2027, 8, 1, 12, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[3]
LANGUAGES = load_languages().value
GUESS = LanguageGuess(languages=LANGUAGES, english=load_lexicon()[0].known)
LIMITS = LanguageLimits(languages=LANGUAGES, guess=GUESS, policies=load_policies())
PHRASES = REPOSITORY / "src/holdfast/safety/detection/rules/phrases"
TAGS = sorted(LANGUAGES.by_tag)

SAID = {
    "es": "No duermo bien y estoy muy cansada",
    "pt": "Não consigo dormir e estou muito cansado",
    "fr": "Je dors mal et je suis très fatiguée",
    "de": "Ich schlafe schlecht und bin sehr müde",
    "hi-Deva": "मुझे नींद नहीं आती और मैं बहुत थका हुआ हूँ",
    "hi-Latn": "Mujhe neend nahi aati aur main bahut thak gaya hoon",
    "ar": "لا أستطيع النوم وأنا متعب جدا",
    "zh": "我睡不着，很累",
}
"""The same plain sentence in each language: I sleep badly and am tired."""

STRANGE = [
    "Non riesco più a dormire e sono molto stanco",
    "Ik kan niet slapen en ik ben heel moe",
    "Nie mogę spać i jestem bardzo zmęczony",
    "Я не могу спать и очень устал",
    "眠れません。とても疲れています",
    "잠을 못 자고 너무 피곤해요",
    "Δεν μπορώ να κοιμηθώ",
    "من خیلی خسته هستم و این را نمی فهمم",
    "میں بہت تھک گیا ہوں اور مجھے نیند نہیں آتی",
    "मला झोप येत नाही आणि मी खूप थकलो आहे",
]
ENGLISH = [
    "I sleep badly and I am very tired",
    "I feel a bit of schadenfreude today",
    "my abuela said buenas noches and I miss her",
    "she writes 我 at the end of every letter",
    "i cant slep n im so tierd of evrything rn",
    "h4ven't 5lept, f33l n0thing, w0rk t0day",
    "hola",
    "ಠ_ಠ",
    "😢😢😢",
    "ok",
    "check-in: start",
    "region: GB",
    "",
]


def _due(message: str, *, before: tuple[str, ...] = (), away: timedelta = timedelta(minutes=1)) -> LanguageNote | None:
    turns = [turn for text in before for turn in (Turn(Role.PERSON, text), Turn(Role.ASSISTANT, "an answer"))]
    return LIMITS.due(message, ConversationState(turns=tuple(turns), last_seen=NOW - away), NOW)


@pytest.mark.parametrize("tag", TAGS)
def test_a_message_is_met_in_its_own_language(tag: str) -> None:
    note = _due(SAID[tag])
    assert note is not None
    learnt = LANGUAGES.by_tag[tag]
    assert (note.text, note.language, note.direction) == (learnt.text, tag, learnt.direction)
    assert (note.help.label, note.help.path) == (learnt.help, "/help")


@pytest.mark.parametrize("message", STRANGE)
def test_a_language_that_was_not_learnt_is_met_in_english(message: str) -> None:
    note = _due(message)
    assert note is not None
    assert (note.text, note.language) == (LANGUAGES.elsewhere.text, "en")


@pytest.mark.parametrize("message", ENGLISH)
def test_english_is_met_with_nothing_whatever_foreign_word_or_spelling_is_in_it(message: str) -> None:
    assert _due(message) is None


def test_the_line_is_given_once_in_a_conversation_and_again_after_a_pause() -> None:
    assert _due(SAID["es"], before=("hello", SAID["es"], "ok")) is None
    assert _due(SAID["es"], before=("hello",)) is not None
    gap = load_policies().value.policy_for(None, Age.ADULT, now=NOW).session_gap
    assert _due(SAID["es"], before=(SAID["es"],), away=gap - timedelta(seconds=1)) is None
    assert _due(SAID["es"], before=(SAID["es"],), away=gap) is not None


def test_another_language_gets_its_own_line() -> None:
    note = _due(SAID["ar"], before=(SAID["es"],))
    assert note is not None
    assert (note.language, note.direction) == ("ar", "rtl")


def test_what_holdfast_said_is_not_what_the_person_wrote() -> None:
    turns = (Turn(Role.ASSISTANT, SAID["es"]),)
    assert LIMITS.due(SAID["es"], ConversationState(turns=turns, last_seen=NOW), NOW) is not None


async def test_in_a_crisis_the_line_stands_after_the_crisis_text_and_never_in_its_place(
    make: Callable[..., Conversation], agreed: ConversationState
) -> None:
    conversation = make(note_language=LIMITS.due)
    outcome = await conversation.turn(f"{SAID['es']} RISK", agreed)
    assert outcome.reply.route is Route.CRISIS
    assert outcome.reply.is_led_by_crisis
    assert outcome.reply.text == "protocol text"
    assert outcome.reply.language_note is not None
    assert outcome.trace.language_note == "es"


async def test_the_line_goes_with_any_reply_and_what_leads_to_it_is_the_same(
    make: Callable[..., Conversation], agreed: ConversationState
) -> None:
    detector = ScriptedDetector()
    told, quiet = make(detector=detector, note_language=LIMITS.due), make(detector=detector)
    with_note, without = await told.turn(SAID["fr"], agreed), await quiet.turn(SAID["fr"], agreed)
    assert with_note.reply.language_note is not None
    assert without.reply.language_note is None
    assert with_note.reply.text == without.reply.text
    assert with_note.state == without.state
    assert detector.seen[0] == detector.seen[1]
    assert without.trace.language_note is None


async def test_somebody_who_has_agreed_to_nothing_is_told_as_well(make: Callable[..., Conversation]) -> None:
    outcome = await make(note_language=LIMITS.due).turn(SAID["de"], ConversationState())
    assert outcome.reply.route is Route.CONSENT
    assert outcome.reply.language_note is not None


def test_the_list_names_every_language_detection_has_learnt() -> None:
    written = {language.value for language in Language} - {Language.ENGLISH.value}
    phrasebooks = {load_yaml(path, PhraseFile).value.language for path in PHRASES.glob("*.yaml")}
    assert set(TAGS) == written == phrasebooks


@pytest.mark.parametrize("learnt", LANGUAGES.learnt, ids=lambda learnt: learnt.tag)
def test_each_recall_is_the_one_that_was_measured(learnt: LearntLanguage) -> None:
    page = (REPOSITORY / LANGUAGES.measured_in).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w.*?) \| (0\.\d{3}) \(.*?\), n (\d+) \|", page, re.MULTILINE)
    by_name = {name.replace(",", "").casefold(): (share, count) for name, share, count in rows}
    name = {"hi-Deva": "Hindi Devanagari", "hi-Latn": "Hindi Latin letters"}.get(learnt.tag, learnt.name)
    assert by_name[name.casefold()] == (f"{learnt.recall.share:.3f}", str(learnt.recall.of))


def test_the_lines_say_that_nobody_has_reviewed_them() -> None:
    assert LANGUAGES.status.startswith("not yet reviewed by native speakers, a clinician or a person with lived")


@pytest.mark.parametrize("tag", TAGS)
def test_each_line_is_written_in_the_language_it_is_for(tag: str) -> None:
    assert GUESS(LANGUAGES.by_tag[tag].text) == tag


def test_a_language_outside_the_list_is_known_by_no_more_than_not_being_english() -> None:
    assert {GUESS(message) for message in STRANGE} == {UNKNOWN}


def test_a_recall_above_all_there_was_is_refused() -> None:
    with pytest.raises(ValueError, match="must not find more than there were"):
        Recall(found=3, of=2)


def test_a_language_that_stands_twice_is_refused(tmp_path: Path) -> None:
    whole = (REPOSITORY / "src/holdfast/care/conversation/languages.yaml").read_text(encoding="utf-8")
    twice = tmp_path / "languages.yaml"
    twice.write_text(whole.replace("tag: pt", "tag: es"), encoding="utf-8")
    with pytest.raises(ContentError, match="must stand once"):
        load_languages(twice)
