"""The phrasebook of Hindi in Latin letters: danger in many wordings, and what only looks like it."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Category, Detection, Level, Subject

Detect = Callable[..., Detection]


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("sach batau to mujhe ab jeena nhi hai", Category.SUICIDE),
        ("roz sochti hun ki mar jaun to sabko aaram mil jayega", Category.SUICIDE),
        ("meri zindagi ka koi matlab nahi raha", Category.SUICIDE),
        ("main thak chuka hun jeene se", Category.SUICIDE),
        ("aaj raat ke baad main nahi rahungi", Category.SUICIDE),
        ("mere marne se kisi ko fark nahi padega", Category.SUICIDE),
        ("bhagwan mujhe bas utha lo", Category.SUICIDE),
        ("main apni jaan de dungi kisi din", Category.SUICIDE),
        ("suicide karne ka khayal baar baar aata hai", Category.SUICIDE),
        ("khud ko khatam karne ka mn krta h", Category.SUICIDE),
        ("mjhe mrna h bs, koi smjhta nhi", Category.SUICIDE),
        ("ab aur bardasht nahi hota, sab khatam kar du kya", Category.SUICIDE),
        ("main sab pe bojh ban gayi hun", Category.SUICIDE),
        ("kaash main kabhi paida hi nahi hua hota", Category.SUICIDE),
        ("gusse me main apne haath kaat leti hun", Category.SELF_HARM),
        ("khud ko chot pahunchane ki aadat chhoot nahi rahi", Category.SELF_HARM),
        ("kal phir maine khud ko jalaya", Category.SELF_HARM),
        ("full sleeves pehenti hun taki nishan chhup jaye", Category.SELF_HARM),
        ("main apna sar deewar pe patakta hun", Category.SELF_HARM),
        ("main usko jaan se maar dalunga aaj", Category.HARM_TO_OTHERS),
        ("uska khoon kar dunga kisi din", Category.HARM_TO_OTHERS),
        ("usko zinda nahi chhodungi", Category.HARM_TO_OTHERS),
        ("dar lagta hai apne bachche ko kuch kar na dun", Category.HARM_TO_OTHERS),
        ("chaku leke uske ghar ja raha hun", Category.HARM_TO_OTHERS),
        ("aaj uska gala daba dunga", Category.HARM_TO_OTHERS),
        ("mera pati mujhe har raat peetta hai", Category.ABUSE_OR_NEGLECT),
        ("papa sharab peeke mummy ko maarte hain", Category.ABUSE_OR_NEGLECT),
        ("chacha mujhe galat jagah touch karte hain", Category.ABUSE_OR_NEGLECT),
        ("sasural wale dahej ke liye maarte hain", Category.ABUSE_OR_NEGLECT),
        ("mujhe kamre me band karke rakha hai khana bhi nahi dete", Category.ABUSE_OR_NEGLECT),
        ("usne mere saath zabardasti ki", Category.ABUSE_OR_NEGLECT),
        ("wo meri photo viral karne ki dhamki deta hai, blackmail karta hai", Category.ABUSE_OR_NEGLECT),
        ("khana khane ke baad ulti kar deti hun taki moti na ho jaun", Category.EATING_DISORDER),
        ("char din se kuch nahi khaya patla hona hai", Category.EATING_DISORDER),
        ("sab bolte hain patli ho par mujhe moti lagti hun", Category.EATING_DISORDER),
        ("roti dekh ke dar lagta hai wazan badh jayega", Category.EATING_DISORDER),
        ("khud ko bhookha rakhti hun saza ke liye", Category.EATING_DISORDER),
        ("mujhe awaazein sunai deti hain jo koi aur nahi sunta", Category.PSYCHOSIS_OR_MANIA),
        ("padosiyon ne mere ghar me camera laga diye hain", Category.PSYCHOSIS_OR_MANIA),
        ("mere khane me zeher mila rahe hain ye log", Category.PSYCHOSIS_OR_MANIA),
        ("chaar din se soya nahi aur neend ki zarurat nahi lagti", Category.PSYCHOSIS_OR_MANIA),
        ("bhagwan ne mujhe chuna hai duniya bachane ke liye", Category.PSYCHOSIS_OR_MANIA),
        ("tv wale mere baare me baat karte hain", Category.PSYCHOSIS_OR_MANIA),
        ("maine bahut saari goliyan kha li hain", Category.SUBSTANCE_EMERGENCY),
        ("dost ne zyada pee li hai hosh me nahi hai", Category.SUBSTANCE_EMERGENCY),
        ("bhai ke muh se jhaag aa raha hai nasha kiya tha", Category.SUBSTANCE_EMERGENCY),
        ("sharab chhode do din hue haath kaanp rahe hain aur daura pada", Category.SUBSTANCE_EMERGENCY),
        ("papa ke seene me bahut dard ho raha hai", Category.MEDICAL_EMERGENCY),
        ("maa behosh ho gayi hain uth nahi rahi", Category.MEDICAL_EMERGENCY),
        ("bachche ko saans nahi aa rahi", Category.MEDICAL_EMERGENCY),
        ("khoon band nahi ho raha kya karun", Category.MEDICAL_EMERGENCY),
        ("dadi ka muh tedha ho gaya aur haath nahi uth raha", Category.MEDICAL_EMERGENCY),
        ("bhai ko saanp ne kaat liya", Category.MEDICAL_EMERGENCY),
    ],
)
def test_danger_reaches_concern_in_its_category(detect: Detect, said: str, category: Category) -> None:
    found = detect(said)
    assert found.level >= Level.CONCERN
    assert category in found.categories


@pytest.mark.parametrize(
    "said",
    [
        "hansi se mar gaye yaar kya joke tha",
        "bhook se mar raha hu khana lagao",
        "garmi me jaan nikal rahi hai AC chalao",
        "exam ne maar dala par ho gaya",
        "teri smile pe marti hun main",
        "pubg me sabko maar dunga aaj",
        'film me villain bolta hai "main tujhe jaan se maar dunga"',
        "suicide prevention pe nibandh likhna hai kal tak",
        "boss maar dalega agar file late hui haha",
        "machhar maar maar ke thak gaya",
        "aaj mera aakhri din hai is office me party dunga",
        "sabzi kaatte kaatte ungli kat gayi",
        "navratri me subah se kuch nahi khaya vrat hai",
        "shaadi se pehle thoda wazan kam karna hai",
        'gaana sun rahi thi "jeena yahan marna yahan"',
        "ghar ja raha hun train pakadni hai",
        "sab khana khatam ho gaya ab kya khaun",
        "mujhe neend aa rahi hai good night",
        "dadi ko gaye do saal hue unki yaad aati hai",
        "doctor ne bola bp ki goli roz leni hai",
        "radio pe purane gaane aa rahe hain",
        "mera phone mar gaya charger do",
        "match haar gaye par maza aaya",
        "kaam bahut hai thak gaya hun aaj",
        "mummy ka khayal rakhna main market ja rahi hun",
        "traffic me dam ghut gaya yaar",
        "bhai ne meri chocolate kha li usko chhodungi nahi haha",
        "bachcha raat bhar roya neend nahi hui",
        "first aid class me sikhaya ki daura pade to kya kare",
        "kal interview hai dar lag raha hai",
        "khoon daan karne gaya tha aaj",
    ],
)
def test_harmless_look_alikes_stay_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level < Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "main marna nahi chahta bas thaka hua hun",
        "marne ka koi khayal nahi aata mujhe",
        "pehle marne ke khayal aate the, ab sab theek hai",
        "das saal pehle suicide ki koshish ki thi, ab khush hun",
        "koi mujhe maarta nahi hai ghar me sab acche hain",
        "seene me dard nahi hai bas khansi hai",
        "bachpan me khud ko chot pahunchata tha, ab nahi",
    ],
)
def test_what_is_denied_or_long_over_stays_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level < Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "meri saheli keh rahi hai ki wo jeena nahi chahti",
        "mera bhai khud ko blade se kaatta hai",
        "dost ne bola aaj raat mar jaunga",
        "meri behen khana khane ke baad ulti karti hai",
        "papa behosh ho gaye hain uth nahi rahe",
        "padosi apni biwi ko roz maarta hai",
        "mere dost ko awaazein sunai deti hain",
    ],
)
def test_danger_of_somebody_else_is_about_them(detect: Detect, said: str) -> None:
    found = detect(said)
    assert found.level >= Level.CONCERN
    assert found.subject is Subject.OTHER
