"""Words of other Englishes are heard as what they stand for, and only where that English is spoken."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Detection, Level
from holdfast.safety.detection.dialects import Dialect, Dialects
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.word import Word

DIALECTS = Dialects(
    (
        Dialect(
            id="north", always={"dinnae": "do not", "no fit": "can not"}, words={"ma": "my", "ma heid": "my own head"}
        ),
        Dialect(id="south", markers=("for sure lah",), words={"ma": "mother"}),
    )
)


def words(text: str) -> list[Word]:
    found, start = [], 0
    for token in text.split():
        found.append(Word(token, start, start + len(token)))
        start += len(token) + 1
    return found


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("i dinnae ken", "i do not ken"),
        ("ma life", "ma life"),
        ("ma life i dinnae", "my life i do not"),
        ("ma heid i dinnae", "my own head i do not"),
        ("i no fit go ma", "i can not go my"),
        ("i no sabi fit", "i no sabi fit"),
        ("ma for sure lah", "mother for sure lah"),
        ("ma for sure", "ma for sure"),
        ("", ""),
    ],
)
def test_words_stand_for_others_only_where_a_marker_shows_the_dialect(said: str, meant: str) -> None:
    assert " ".join(word.text for word in DIALECTS.standard(words(said))) == meant


def test_every_word_keeps_the_place_of_the_phrase_it_came_from() -> None:
    assert DIALECTS.standard(words("i no fit go")) == [
        Word("i", 0, 1), Word("can", 2, 8), Word("not", 2, 8), Word("go", 9, 11),
    ]  # fmt: skip


def test_a_plain_message_is_left_as_it_is() -> None:
    said = words("my own life is mine")
    assert DIALECTS.standard(said) == said


def test_the_normaliser_applies_the_dialects_of_the_package() -> None:
    found = load_rulebook().normaliser.words("I cannae dae this")
    assert [word.text for word in found][:3] == ["i", "can", "not"]


HEARD = [
    # Scots, Doric and Ulster
    "ah dinnae want tae be here anymair",
    "ah jist want tae be deid",
    "ah cannae go on, ah've nae reason tae live",
    "ma weans wid be better aff withoot me",
    "ah'm gonnae kill masel the night",
    "ma man skelps me every time he's steamin",
    "a canna thole it nae mair, i wint tae dee",
    "och i'm sick ae livin so i am",
    "ah'm feart ae ma husband",
    # Irish and Northern English
    "yer man bates me when he has drink taken, i'm afraid of him",
    "me da hits me every night",
    "i'm after taking an overdose",
    "there's nowt left to live for",
    "ah divvent wanna live anymore",
    "i want to kill meself and no one knows owt about it",
    "me husband leathered me again last night",
    "our mam would be better off without us, aye, and i wanna end me life",
    # Nigerian and Ghanaian
    "abeg i wan die",
    "i no wan live again",
    "i don tire for this life",
    "this life don tire me",
    "make i just die make everything end",
    "i no get reason to live again",
    "nobody go miss me if i die",
    "my husband dey beat me every day",
    "i dey cut myself every night",
    "i go kill am today, i swear",
    "e no dey breathe well, my pikin dey shake",
    "dem dey follow me everywhere and voice dey talk for my head",
    # Jamaican and Caribbean
    "mi waan dead",
    "mi nuh waan live nuh more",
    "mi cyaan tek dis life nuh more, mi a go kill miself",
    "wish mi did dead",
    "mi tired a dis life",
    "mi stepfather a beat mi every night and mi fraid a him, cyaan sleep",
    "ah doh want to live again",
    # African-American
    "ion wanna live no more",
    "ain't got no reason to live",
    "i'm finna kill myself",
    "my baby daddy be beating on me",
    "don't nobody care if i die",
    # Singapore and Malaysia
    "i dun wan to live already lah",
    "live for what sia, no meaning",
    "i wan die liao",
    "penat hidup, nak mati",
    "my father kena drunk then hantam me every night lor",
    # South Asian
    "i am fed up of my life, i want to finish my life",
    "i am feeling to die",
    "no use of living yaar",
    "meri saas and mere pati raises hand on me daily",
    "jeene ka mann nahi hai, what to do",
    # Australia, New Zealand and South Africa
    "i've had a gutful of life, gonna top meself",
    "jack of living",
    "the old man gave me a hiding again this arvo",
    "i'm gatvol of living",
    # Filipino
    "gusto ko na lang mamatay",
    "pagod na akong mabuhay",
    "sinasaktan niya ako every night, takot ako",
    # English of people still learning it
    "i want die",
    "i no want live",
    "not want live more",
    "i am wanting to die",
    "i tired from life",
    "my life not have sense, better i die",
    "he beat to me every day",
    "i have fear of my husband",
    "i want kill me",
    "nobody need me, i am burden for my family",
]

CALM = [
    "ah cannae find ma keys",
    "ah dinnae want tae go tae work the morra",
    "the wean wis greetin aw night wi his teeth",
    "ma heid's sair efter the fitba, awa tae ma bed",
    "wee man's deid chuffed wi his new bike",
    "ah'm gonnae kill this crossword so ah am",
    "fit like the day, i dinna ken fit tae mak for tea",
    "me ma is after making a grand dinner",
    "yer man on the telly had me in stitches",
    "nowt to do round here on a sunday",
    "owt good on telly tonight",
    "ah divvent like this gravy",
    "our kid's dead happy with his new job",
    "me mam's making a roast",
    "abeg help me with this cv",
    "how far, i dey fine o",
    "i wan chop rice",
    "i no fit come church this sunday",
    "una well done, my pikin don pass exam",
    "this traffic don tire me o",
    "mi deh yah, everyting criss",
    "mi waan some rice and peas",
    "mi cyaan find mi phone",
    "ah doh want no more roti",
    "ion wanna cook tonight",
    "ain't got no milk left",
    "finna watch the game with my baby daddy",
    "dun wan to eat here lah",
    "so sian, the meeting still going on",
    "buay tahan this heat",
    "bo bian, got to work ot",
    "yaar i am fed up of this traffic",
    "i am having two sisters",
    "my husband is cooking daily only",
    "see you this arvo at the servo",
    "feeling a bit crook, off to bed, yeah nah",
    "kuya is cooking adobo naman",
    "ayoko na ng kape",
    "i want eat pizza",
    "i not have time today",
    "he beat me in chess yesterday",
    "i have fear of spiders",
    "i tired from work today",
    "nobody need this old chair",
]


@pytest.mark.parametrize("said", HEARD)
def test_danger_in_other_englishes_reaches_concern(detect: Callable[..., Detection], said: str) -> None:
    assert detect(said).level >= Level.CONCERN


@pytest.mark.parametrize("said", CALM)
def test_everyday_words_of_other_englishes_stay_below_concern(detect: Callable[..., Detection], said: str) -> None:
    assert detect(said).level < Level.CONCERN


def test_hardly_any_word_of_plain_english_is_put_differently() -> None:
    plain = "I walked to the shop with my sister and we talked about what she wants to do after school next year."
    found = load_rulebook().normaliser.words(plain, keep_fillers=True)
    assert " ".join(word.text for word in found) == plain.lower().replace(".", " .")
