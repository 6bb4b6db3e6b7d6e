"""The phrasebook of Hindi in Devanagari: danger in many wordings, and what only looks like it."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Category, Detection, Level, Subject

Detect = Callable[..., Detection]


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("सच बताऊँ तो मुझे अब जीना नहीं है", Category.SUICIDE),
        ("रोज़ सोचती हूँ कि मर जाऊँ तो सबको आराम मिल जाएगा", Category.SUICIDE),
        ("मेरी ज़िंदगी का कोई मतलब नहीं रहा", Category.SUICIDE),
        ("मैं जीते जीते थक चुका हूँ", Category.SUICIDE),
        ("आज रात के बाद मैं नहीं रहूँगी", Category.SUICIDE),
        ("मेरे जाने से किसी को फर्क नहीं पड़ेगा", Category.SUICIDE),
        ("हे भगवान मुझे उठा ले अब", Category.SUICIDE),
        ("मैं किसी दिन अपनी जान दे दूँगी", Category.SUICIDE),
        ("खुदकुशी करने का ख़याल बार बार आता है", Category.SUICIDE),
        ("खुद को ख़त्म करने का मन करता है", Category.SUICIDE),
        ("मुजे मर जाना हे कोइ नही समजता", Category.SUICIDE),
        ("अब और बर्दाश्त नहीं होता", Category.SUICIDE),
        ("मैं घर वालों पर बोझ बन गया हूँ", Category.SUICIDE),
        ("काश मैं पैदा ही न होता", Category.SUICIDE),
        ("गुस्से में मैं अपना हाथ काट लेती हूँ", Category.SELF_HARM),
        ("खुद को चोट पहुँचाने की आदत छूट नहीं रही", Category.SELF_HARM),
        ("कल फिर मैंने खुद को जलाया", Category.SELF_HARM),
        ("पूरी बाँह के कपड़े पहनती हूँ ताकि निशान छुप जाएँ", Category.SELF_HARM),
        ("मैं अपना सिर दीवार पर पटकता हूँ", Category.SELF_HARM),
        ("मैं आज उसको जान से मार डालूँगा", Category.HARM_TO_OTHERS),
        ("उसका ख़ून कर दूँगा किसी दिन", Category.HARM_TO_OTHERS),
        ("उसे ज़िंदा नहीं छोड़ूँगी", Category.HARM_TO_OTHERS),
        ("डर है कि अपने बच्चे को कुछ कर न दूँ", Category.HARM_TO_OTHERS),
        ("चाकू लेकर उसके घर जा रहा हूँ", Category.HARM_TO_OTHERS),
        ("उसका गला दबा दूँगा", Category.HARM_TO_OTHERS),
        ("मेरा पति मुझे हर रात पीटता है", Category.ABUSE_OR_NEGLECT),
        ("पापा शराब पीकर मम्मी को मारते हैं", Category.ABUSE_OR_NEGLECT),
        ("चाचा मुझे गलत जगह छूते हैं", Category.ABUSE_OR_NEGLECT),
        ("ससुराल वाले दहेज के लिए मारते हैं", Category.ABUSE_OR_NEGLECT),
        ("मुझे कमरे में बंद करके रखा है खाना भी नहीं देते", Category.ABUSE_OR_NEGLECT),
        ("उसने मेरे साथ ज़बरदस्ती की", Category.ABUSE_OR_NEGLECT),
        ("वह मेरी फोटो वायरल करने की धमकी देता है", Category.ABUSE_OR_NEGLECT),
        ("खाना खाने के बाद उल्टी कर देती हूँ ताकि मोटी न हो जाऊँ", Category.EATING_DISORDER),
        ("चार दिन से कुछ नहीं खाया, पतली होना है", Category.EATING_DISORDER),
        ("सब दुबली कहते हैं पर मुझे लगता है मैं मोटी हूँ, मोटी लगती हूँ", Category.EATING_DISORDER),
        ("रोटी देखकर डर लगता है, वज़न बढ़ जाएगा", Category.EATING_DISORDER),
        ("सज़ा के तौर पर खुद को भूखा रखती हूँ", Category.EATING_DISORDER),
        ("मुझे आवाज़ें सुनाई देती हैं जो और किसी को नहीं सुनतीं", Category.PSYCHOSIS_OR_MANIA),
        ("पड़ोसियों ने मेरे घर में कैमरे लगा दिए हैं", Category.PSYCHOSIS_OR_MANIA),
        ("ये लोग मेरे खाने में ज़हर मिला रहे हैं", Category.PSYCHOSIS_OR_MANIA),
        ("चार दिन से सोया नहीं और नींद की ज़रूरत नहीं", Category.PSYCHOSIS_OR_MANIA),
        ("भगवान ने मुझे दुनिया बचाने के लिए चुना है", Category.PSYCHOSIS_OR_MANIA),
        ("टीवी वाले मेरे बारे में बात करते हैं", Category.PSYCHOSIS_OR_MANIA),
        ("मैंने बहुत सारी गोलियाँ निगल ली हैं", Category.SUBSTANCE_EMERGENCY),
        ("दोस्त ने ज़्यादा पी ली है, होश में नहीं है", Category.SUBSTANCE_EMERGENCY),
        ("भाई के मुँह से झाग आ रहा है, नशा किया था", Category.SUBSTANCE_EMERGENCY),
        ("शराब छोड़े दो दिन हुए, हाथ काँप रहे हैं और दौरा पड़ा", Category.SUBSTANCE_EMERGENCY),
        ("पापा के सीने में बहुत दर्द हो रहा है", Category.MEDICAL_EMERGENCY),
        ("माँ बेहोश हो गई हैं, उठ नहीं रहीं", Category.MEDICAL_EMERGENCY),
        ("बच्चे को साँस नहीं आ रही", Category.MEDICAL_EMERGENCY),
        ("ख़ून बंद नहीं हो रहा, क्या करूँ", Category.MEDICAL_EMERGENCY),
        ("दादी का मुँह टेढ़ा हो गया है", Category.MEDICAL_EMERGENCY),
        ("भाई को साँप ने काट लिया", Category.MEDICAL_EMERGENCY),
    ],
)
def test_danger_reaches_concern_in_its_category(detect: Detect, said: str, category: Category) -> None:
    found = detect(said)
    assert found.level >= Level.CONCERN
    assert category in found.categories


@pytest.mark.parametrize(
    "said",
    [
        "हँसते हँसते जान निकल गई यार",
        "भूख से मर रहा हूँ, खाना लगाओ",
        "गर्मी से जान निकल रही है, पंखा चलाओ",
        "परीक्षा ने मार डाला पर पास हो गए",
        "तेरी मुस्कान पर मरता हूँ मैं",
        "लूडो में तेरी गोटी मार दूँगा",
        'फ़िल्म में खलनायक बोलता है "मैं तुझे जान से मार दूँगा"',
        "आत्महत्या रोकथाम पर निबंध लिखना है",
        "मम्मी मार डालेंगी अगर गिलास टूटा तो",
        "मच्छर मार मार कर थक गया",
        "आज इस दफ़्तर में मेरा आख़िरी दिन है, शाम को दावत",
        "सब्ज़ी काटते हुए उँगली कट गई",
        "नवरात्रि का व्रत है, सुबह से कुछ नहीं खाया",
        "शादी से पहले तीन किलो वज़न कम करना है",
        'गाना बज रहा था "जीना यहाँ मरना यहाँ"',
        "घर जा रहा हूँ, ट्रेन पकड़नी है",
        "सारी मिठाई ख़त्म हो गई, और लाओ",
        "नींद आ रही है, शुभ रात्रि",
        "दादी को गए दो साल हुए, याद आती है",
        "डॉक्टर ने कहा रोज़ सुबह टहलो",
        "रेडियो पर पुराने गाने आ रहे हैं",
        "मेरा फ़ोन गिर गया, शीशा टूट गया",
        "मैच हार गए पर मज़ा आया",
        "आज काम बहुत था, थक गया",
        "माँ का ख़याल रखना, मैं बाज़ार जा रही हूँ",
        "भीड़ में दम निकल गया",
        "भाई ने मेरी चॉकलेट खा ली, आज उसकी ख़ैर नहीं",
        "बच्चा रात भर रोया, नींद नहीं हुई",
        "कक्षा में सिखाया कि दौरा पड़े तो क्या करें",
        "कल साक्षात्कार है, घबराहट हो रही है",
        "आज रक्तदान करने गया था",
    ],
)
def test_harmless_look_alikes_stay_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level < Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "मैं मरना नहीं चाहता, बस थका हूँ",
        "मरने का कोई ख़याल नहीं आता मुझे",
        "पहले मरने के ख़याल आते थे, अब सब ठीक है",
        "दस साल पहले आत्महत्या की कोशिश की थी, अब ख़ुश हूँ",
        "घर में मुझे कोई मारता नहीं है, सब अच्छे हैं",
        "सीने में दर्द नहीं है, बस खाँसी है",
        "बचपन में खुद को चोट पहुँचाता था, अब नहीं",
    ],
)
def test_what_is_denied_or_long_over_stays_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level < Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "मेरी सहेली कह रही है कि वह जीना नहीं चाहती",
        "मेरा भाई खुद को ब्लेड से काटता है",
        "दोस्त ने कहा आज रात मर जाऊँगा",
        "मेरी बहन खाना खाने के बाद उल्टी करती है",
        "पापा बेहोश हो गए हैं, उठ नहीं रहे",
        "पड़ोसी अपनी पत्नी को रोज़ मारता है",
        "मेरे दोस्त को आवाज़ें सुनाई देती हैं",
    ],
)
def test_danger_of_somebody_else_is_about_them(detect: Detect, said: str) -> None:
    found = detect(said)
    assert found.level >= Level.CONCERN
    assert found.subject is Subject.OTHER
