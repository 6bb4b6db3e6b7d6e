"""Claims about banter, play, stories, things long past, things seen to, and a form's question answered with no."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Category, Detection, Level

Detect = Callable[..., Detection]


@pytest.mark.parametrize(
    "said",
    [
        "I'm going to strangle my sister, she ate all the biscuits",
        "my husband will murder me when he finds out I dented the car",
        "I'll kill whoever spoiled the finale",
        'dad said "I\'ll kill you" over the last slice of cake, he was laughing',
        "I love my brother but if he leaves the lid off again I'm going to strangle him",
        'my toddler said "I\'m going to get you" to the cat',
    ],
)
def test_a_threat_over_something_small_or_laughed_off_is_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "I'm going to kill my sister, she ate my food and I've got a knife",
        "I'm going to strangle him, he lost my keys, I'm not joking",
        "he hit me for losing the keys and I'm going to kill him",
        "I'm going to kill my brother",
    ],
)
def test_a_threat_in_earnest_stands_whatever_it_is_about(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "my cousin hit me with a pillow and we fell about",
        "she beat us at chess again",
        "they beat us on penalties",
        "he grabbed me to stop me falling off the kerb",
    ],
)
def test_play_and_rescue_are_no_violence(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "my judo coach hits me when nobody is there",
        "my dad hits me after I lose at chess",
        "my partner hit me last night",
    ],
)
def test_violence_by_a_coach_or_after_a_game_is_still_violence(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN


def test_what_a_story_is_about_is_no_alarm_but_a_story_that_is_mine_is(detect: Detect) -> None:
    assert detect("the novel is about a woman who leaves an abusive marriage").level <= Level.NOTICE
    assert detect("the novel is about an abusive husband and mine hits me too").level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "I was raped when I was sixteen. I've had years of good therapy.",
        "My stepmother beat us. She's dead now.",
        "My mum hit us when we were small. That was 1985.",
        "Dad beat me as a boy, he's been dead for twenty years",
        "I overdosed at seventeen. It's been thirty years.",
        "My daughter stopped breathing as a baby. She is fourteen now.",
    ],
)
def test_what_is_years_behind_is_a_notice_also_when_the_years_stand_in_the_next_sentence(
    detect: Detect, said: str
) -> None:
    assert detect(said).level == Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "My dad hit me when I was nine. He hit me again last night.",
        "My uncle has touched me since I was ten",
        "He raped me when we were at uni. He keeps coming to my flat.",
    ],
)
def test_what_goes_on_is_present_however_long_ago_it_began(detect: Detect, said: str) -> None:
    verdict = detect(said)
    assert verdict.level >= Level.CONCERN
    assert Category.ABUSE_OR_NEGLECT in verdict.categories


@pytest.mark.parametrize(
    "said",
    [
        "I had chest pain on Sunday, the doctor said it was only a pulled muscle",
        "there was blood everywhere, it turned out to be jam",
        "my boy had a seizure in March, nothing since",
    ],
)
def test_trouble_of_the_body_that_was_seen_to_is_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "the doctor said it was only a muscle but the chest pain is worse now",
        "they sent me home and now I can't breathe, what do I do",
    ],
)
def test_trouble_of_the_body_that_grows_worse_stands(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "The form asked if I had thoughts of hurting others. I have not, never.",
        "the nurse asked about chest pain and it was no to everything",
        "The survey asked if anybody hits me at home. Nobody does.",
    ],
)
def test_a_question_answered_with_no_is_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "The nurse asked if my husband hits me and I said no, but he does",
        "The form asked if he hits me. I said no, I lied.",
    ],
)
def test_a_no_that_is_taken_back_is_not_believed(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "my mum took my phone off me, so unfair",
        "the adverts follow me everywhere",
        "this wind is abusing my garden",
        "I nearly fainted giving blood, then I had a biscuit",
        "overdosed on cheesecake",
    ],
)
def test_words_of_danger_said_of_no_person_or_no_harm_are_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "I'm scared of what I might do to my son",
        "I don't trust my temper around the kids",
        "I've made a list of the kids I'm going to get",
        "please somebody come and take the baby for the night before I hurt him",
    ],
)
def test_fear_of_oneself_counts_though_others_are_named(detect: Detect, said: str) -> None:
    verdict = detect(said)
    assert verdict.level >= Level.CONCERN
    assert Category.HARM_TO_OTHERS in verdict.categories


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("I took more tablets than the packet says, do I need a hospital", Category.SUBSTANCE_EMERGENCY),
        ("my hands tremble until I've had a drink", Category.SUBSTANCE_EMERGENCY),
        ("I've relapsed", Category.SUBSTANCE_EMERGENCY),
        ("they keep my passport and won't let me leave", Category.ABUSE_OR_NEGLECT),
        ("mum's been gone two days and I'm hungry", Category.ABUSE_OR_NEGLECT),
        ("my son frightens me, he has my bank card", Category.ABUSE_OR_NEGLECT),
        ("one side of her face is drooping", Category.MEDICAL_EMERGENCY),
        ("I can't find a pulse", Category.MEDICAL_EMERGENCY),
    ],
)
def test_danger_in_ordinary_words_is_a_concern_of_its_kind(detect: Detect, said: str, category: Category) -> None:
    verdict = detect(said)
    assert verdict.level >= Level.CONCERN
    assert category in verdict.categories


@pytest.mark.parametrize(
    "said",
    [
        "I've relapsed, I bought more shoes",
        "the airline lost my passport so I can't leave for the holiday",
        "can't get my breath, that sketch had me laughing for an hour",
        "I'm a dangerous driver according to my kids",
    ],
)
def test_the_same_words_about_small_things_are_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "my husband hit me with a cushion over my face until I couldn't breathe",
        "my brother beats me whenever he loses at FIFA",
        "my coach calls it wrestling but he holds me down and touches me",
        "when I was twelve my stepdad touched me, and now he has moved back in",
        "I left in 2015 but he found me and he hit me on Saturday",
        "he strangled me last year and he's out of prison and outside my door",
        "I had chest pain and the doctor said it was nothing, now it's spreading to my jaw",
        "the nurse asked if he hits me and I said no because he was listening",
        "if he says that one more time I'm going to stab him",
        "in the film he hits her, and my husband does the same to me",
    ],
)
def test_what_softens_a_sign_does_not_hide_the_danger_beside_it(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN
